"""The ECS remedies through the executor: every fault at every call, one effect, and undo."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mangaops.errors import MangaopsError
from mangaops.model.change import Change, RunStatus
from mangaops.model.request import RestartService, ScaleOut, SetEnv
from mangaops.model.resources import ScalableTarget
from mangaops.model.settings import Environment
from mangaops.remedy.actions.ecs.restart_service import RestartServiceRemedy
from mangaops.remedy.actions.ecs.scale_out import ScaleOutRemedy
from mangaops.remedy.actions.ecs.set_env import SetEnvRemedy
from support.ecs_service import FAMILY, OneService
from support.fake_world import Fault, Killed
from support.hand_made import hand_made
from support.remedy_desk import desk, planned

LIMITS = ScalableTarget(minimum=4, maximum=6, scale_in_suspended=False)
REGISTER, DEPLOY = "register", f"deploy {FAMILY}:2"


@dataclass(kw_only=True)
class Case:
    """A remedy on a service, and what it sends: there, and back."""

    request: Any
    sent: list[str]
    back: list[str]
    service: OneService = field(default_factory=OneService)

    @property
    def remedy(self) -> Any:
        places = {"ecs": self.service, "environment": Environment()}
        match self.request:
            case ScaleOut():
                return ScaleOutRemedy(**places, scaling=self.service)
            case SetEnv():
                return SetEnvRemedy(**places)
            case _:
                return RestartServiceRemedy(**places)

    @property
    def state(self) -> tuple[object, ...]:
        """All that undo restores."""
        return (self.service.now.desired, self.service.limits, self.service.now.task_definition)


def case(name: str) -> Case:
    match name:
        case "set-env":
            variables = (("BEDROCK_POOL_SIZE", "20"),)
            back = [f"deploy {FAMILY}:1"]
            return Case(request=SetEnv(variables=variables), sent=[REGISTER, DEPLOY], back=back)
        case "scale-out":
            service = OneService(limits=replace(LIMITS, maximum=16))
            back = ["limits 4 16", "desired 4"]
            return Case(request=ScaleOut(), sent=["limits 8 16"], back=back, service=service)
        case "scale-out above the maximum":
            service = OneService(limits=LIMITS)
            back = ["desired 4", "limits 4 6"]
            return Case(request=ScaleOut(), sent=["limits 8 8"], back=back, service=service)
        case "scale-out by count":
            return Case(request=ScaleOut(), sent=["desired 8"], back=["desired 4"])
        case _:
            return Case(request=RestartService(), sent=["redeploy"], back=[])


CALLS = [
    ("set-env", 1),
    ("set-env", 2),
    ("scale-out", 1),
    ("scale-out above the maximum", 1),
    ("scale-out by count", 1),
    ("restart-service", 1),
]


@pytest.mark.parametrize(("name", "number"), CALLS)
@pytest.mark.parametrize(
    "fault", [Fault.THROTTLED, Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.FAULT_AFTER]
)
def test_a_call_that_went_wrong_has_one_effect(
    tmp_path: Path, name: str, number: int, fault: Fault
) -> None:
    one = case(name)
    one.service.faults[number] = fault
    before = one.state
    at_work = desk(tmp_path, one)
    change = at_work.apply(planned(one))
    assert change.status is RunStatus.VERIFIED
    assert one.service.sent == one.sent
    at_work.undo()
    assert one.service.sent == one.sent + one.back
    assert one.state == before


@pytest.mark.parametrize(("name", "number"), CALLS)
@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_a_run_that_was_killed_is_undone(
    tmp_path: Path, name: str, number: int, fault: Fault
) -> None:
    one = case(name)
    one.service.faults[number] = fault
    before = one.state
    at_work = desk(tmp_path, one)
    with pytest.raises(Killed):
        at_work.apply(planned(one))
    at_work.undo()
    assert one.state == before


@pytest.mark.parametrize(("name", "number"), CALLS)
def test_a_run_that_was_killed_can_be_done_again(tmp_path: Path, name: str, number: int) -> None:
    for fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER):
        one = case(name)
        one.service.faults[number] = fault
        at_work = desk(tmp_path / fault.name, one)
        plan = planned(one)
        with pytest.raises(Killed):
            at_work.apply(plan)
        again: Change = at_work.apply(plan, "r-0002")
        assert again.status in {RunStatus.VERIFIED, RunStatus.NOTHING_TO_DO}
        assert one.service.sent == one.sent


@pytest.mark.parametrize("name", ["scale-out", "scale-out above the maximum"])
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_an_undo_that_was_killed_is_gone_on_with(
    tmp_path: Path, name: str, number: int, fault: Fault
) -> None:
    one = case(name)
    before = one.state
    at_work = desk(tmp_path, one)
    at_work.apply(planned(one))
    one.service.faults[1 + number] = fault
    with pytest.raises(Killed):
        at_work.undo()
    at_work.undo(as_run="r-0003")
    assert one.state == before


def test_the_time_to_settle_is_that_of_a_rolling_deployment() -> None:
    settles = {name: planned(case(name)).draft.settle for name, _ in CALLS}
    assert settles == {
        "set-env": timedelta(minutes=20),
        "scale-out": timedelta(minutes=10),
        "scale-out above the maximum": timedelta(minutes=10),
        "scale-out by count": timedelta(minutes=10),
        "restart-service": timedelta(minutes=20),
    }


@pytest.mark.parametrize("name", dict.fromkeys(name for name, _ in CALLS))
def test_a_hand_made_plan_ends_as_an_operator_s_error(tmp_path: Path, name: str) -> None:
    made = list(hand_made(planned(case(name))))
    for number, plan in enumerate(made):
        at_work = desk(tmp_path, case(name))
        with suppress(MangaopsError):
            for step in plan.steps:
                at_work.actions[step.action].touches(step)
            at_work.apply(plan, f"r-{number}")
    assert len(made) > 10
