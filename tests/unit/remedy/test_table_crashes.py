"""Prompts, parameters, quotas and invalidation through the executor: every fault at every call."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mangaops.errors import Drifted, MangaopsError, Refused
from mangaops.model.change import RunStatus
from mangaops.model.request import EnableInvalidation, RequestQuota, RollbackPrompt, SetParameter
from mangaops.model.resources import PromptVersion, Quota
from mangaops.model.settings import Environment
from mangaops.remedy.actions.parameters.set_parameter import SetParameterRemedy
from mangaops.remedy.actions.prompts.rollback_prompt import RollbackPromptRemedy
from mangaops.remedy.actions.quotas.request_quota import RequestQuotaRemedy
from mangaops.remedy.actions.streams.enable_invalidation import EnableInvalidationRemedy
from support.fake_world import NOW, Fault, Killed
from support.hand_made import hand_made
from support.plain_pen import PlainPen
from support.remedy_desk import RemedyDesk, desk, planned
from support.small_services import (
    INVALIDATOR,
    Inventory,
    ParameterStore,
    PromptTable,
    QuotaDesk,
    Sent,
)

FLASH = "/mangaassist/features/flash_sale_mode"
ROW = "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.6"


@dataclass(kw_only=True)
class Case:
    """A remedy on a service, and what it sends: there, and back."""

    service: Sent
    sent: list[str]
    back: list[str]

    @property
    def remedy(self) -> Any:
        match self.service:
            case PromptTable() as table:
                return RollbackPromptRemedy(
                    prompts=table, environment=Environment(), clock=lambda: NOW
                )
            case ParameterStore() as store:
                return SetParameterRemedy(parameters=store, environment=Environment())
            case QuotaDesk() as desk:
                return RequestQuotaRemedy(quotas=desk, parameters=desk, environment=Environment())
            case Inventory() as inventory:
                return EnableInvalidationRemedy(
                    tables=inventory, functions=inventory, environment=Environment()
                )
            case _:
                raise AssertionError(self.service)

    @property
    def request(self) -> Any:
        match self.service:
            case PromptTable():
                return RollbackPrompt(intent="faq")
            case ParameterStore():
                return SetParameter(name=FLASH, value="on")
            case QuotaDesk():
                return RequestQuota(model="sonnet")
            case _:
                return EnableInvalidation()

    @property
    def state(self) -> object:
        """All that undo restores."""
        match self.service:
            case PromptTable(rows=rows):
                return list(rows)
            case ParameterStore(stored=stored):
                return {name: one.value for name, one in stored.items()}
            case Inventory(on=on, mappings=mappings):
                return on, list(mappings)
            case _:
                return None


def prompt(version: str, days: int, *, active: bool = False) -> PromptVersion:
    return PromptVersion(
        intent="faq",
        version=version,
        active=active,
        prompt_tokens=1,
        max_output_tokens=1,
        activated_at=NOW - timedelta(days=days),
    )


def case(name: str) -> Case:
    match name:
        case "rollback-prompt":
            table = PromptTable(prompt("v1", 9), prompt("v2", 1, active=True))
            return Case(service=table, sent=["swap v2 v1"], back=["swap v1 v2"])
        case "set-parameter":
            return Case(service=ParameterStore({}), sent=["put on"], back=["put off"])
        case "request-quota":
            row = Quota(code="L-1", name=ROW, value=1000.0, adjustable=True)
            return Case(service=QuotaDesk(row), sent=["request 2000"], back=[])
        case "stream off":
            inventory = Inventory(stream=False).with_mapping()
            return Case(service=inventory, sent=["stream on", "map"], back=["unmap", "stream off"])
        case "no mapping":
            return Case(service=Inventory(), sent=["map"], back=["unmap"])
        case _:
            disabled = Inventory().with_mapping("Disabled")
            return Case(service=disabled, sent=["set Enabled"], back=["set Disabled"])


CALLS = [
    ("rollback-prompt", 1),
    ("set-parameter", 1),
    ("request-quota", 1),
    ("stream off", 1),
    ("stream off", 2),
    ("no mapping", 1),
    ("disabled mapping", 1),
]
WRONG = [Fault.THROTTLED, Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.FAULT_AFTER]
KILLED = [Fault.KILLED_BEFORE, Fault.KILLED_AFTER]


@pytest.mark.parametrize(("name", "number"), CALLS)
@pytest.mark.parametrize("fault", WRONG)
def test_a_call_that_went_wrong_has_one_effect_there_and_back(
    tmp_path: Path, name: str, number: int, fault: Fault
) -> None:
    one = case(name)
    before, service = one.state, one.service
    at_work = desk(tmp_path, one)
    service.faults[number] = fault
    assert at_work.apply(planned(one)).status is RunStatus.VERIFIED
    assert service.sent == one.sent
    service.faults = {service.calls + number: fault}
    at_work.undo()
    assert service.sent == one.sent + one.back
    assert one.state == before


@pytest.mark.parametrize(("name", "number"), CALLS)
@pytest.mark.parametrize("fault", KILLED)
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
@pytest.mark.parametrize("fault", KILLED)
def test_a_run_that_was_killed_can_be_done_again(
    tmp_path: Path, name: str, number: int, fault: Fault
) -> None:
    one = case(name)
    one.service.faults[number] = fault
    at_work = desk(tmp_path, one)
    plan = planned(one)
    with pytest.raises(Killed):
        at_work.apply(plan)
    again = at_work.apply(plan, "r-0002")
    assert again.status in {RunStatus.VERIFIED, RunStatus.NOTHING_TO_DO}
    assert one.service.sent == one.sent


@pytest.mark.parametrize(("name", "number"), [call for call in CALLS if call[0] != "request-quota"])
@pytest.mark.parametrize("fault", KILLED)
def test_an_undo_that_was_killed_is_gone_on_with(
    tmp_path: Path, name: str, number: int, fault: Fault
) -> None:
    one = case(name)
    before = one.state
    at_work = desk(tmp_path, one)
    at_work.apply(planned(one))
    one.service.faults = {one.service.calls + number: fault}
    with pytest.raises(Killed):
        at_work.undo()
    at_work.undo(as_run="r-0003")
    assert one.state == before
    assert one.service.sent == one.sent + one.back


def invalidating(folder: Path, name: str) -> tuple[RemedyDesk, Inventory]:
    """After a run of enable-invalidation."""
    one = case(name)
    at_work = desk(folder, one)
    assert at_work.apply(planned(one)).status is RunStatus.VERIFIED
    assert isinstance(one.service, Inventory)
    return at_work, one.service


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"uuid": "theirs"}, "mapping_id is"), ({"batch_size": 7}, "batch_size is 7")],
)
def test_undo_leaves_a_mapping_that_is_not_as_the_run_made_it(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    at_work, inventory = invalidating(tmp_path, "no mapping")
    inventory.mappings = [replace(inventory.mappings[0], **changes)]
    with pytest.raises(Drifted, match=told):
        at_work.undo()
    assert inventory.sent == ["map"]


def test_undo_leaves_a_stream_that_somebody_switched_off_and_on_again(tmp_path: Path) -> None:
    at_work, inventory = invalidating(tmp_path, "stream off")
    inventory.number += 1
    with pytest.raises(Drifted, match=r"stream is .*stream/3.* \(the run left .*stream/2"):
        at_work.undo()
    assert inventory.sent == ["stream on", "map"]


def test_undo_leaves_a_stream_that_another_function_reads(tmp_path: Path) -> None:
    at_work, inventory = invalidating(tmp_path, "stream off")
    inventory.with_mapping(number=2, function="other-reader")
    with pytest.raises(Refused, match=r"is read by other-reader \(mapping old-2\)"):
        at_work.undo()
    assert inventory.sent == ["stream on", "map"]


def test_a_stream_that_gets_a_reader_just_before_it_is_switched_off_stays_on(
    tmp_path: Path,
) -> None:
    at_work, inventory = invalidating(tmp_path, "stream off")
    step = at_work.history().plan.steps[0].inverse(1)  # type: ignore[union-attr]
    inventory.mappings = []
    inventory.with_mapping(number=2)
    with pytest.raises(Refused, match=INVALIDATOR):
        at_work.actions[step.action].write(step, PlainPen())
    assert inventory.on


def test_an_undo_of_invalidation_can_be_undone_and_undone_again(tmp_path: Path) -> None:
    at_work, inventory = invalidating(tmp_path, "stream off")
    before = [one for one in inventory.mappings if one.uuid == "old-1"]
    at_work.undo("r-0001", "r-0002")
    at_work.undo("r-0002", "r-0003")
    assert inventory.on
    assert [one.uuid for one in inventory.mappings] == ["old-1", "new-3"]
    at_work.undo("r-0003", "r-0004")
    assert (inventory.on, inventory.mappings) == (False, before)


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
