"""The search remedies from draft to undo, by the real executor, through a plan's file."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mangaops.aws.opensearch import SearchGateway
from mangaops.aws.opensearch_changes import SearchChanges
from mangaops.aws.opensearch_data import SearchDataPlane
from mangaops.aws.session import Aws
from mangaops.errors import Drifted
from mangaops.model.change import Approval, Change, RunStatus
from mangaops.model.plan import Draft, NothingToDo, Plan, Reason
from mangaops.model.request import PrewarmSearch, RaiseOcu
from mangaops.model.settings import Environment
from mangaops.model.site import Site
from mangaops.remedy.action import Action
from mangaops.remedy.actions.search.prewarm_search import PrewarmSearchRemedy
from mangaops.remedy.actions.search.raise_ocu import RaiseOcuRemedy
from mangaops.remedy.execution.executor import Executor
from mangaops.remedy.execution.stopping import Stopper
from mangaops.remedy.journals import history
from mangaops.remedy.journals.journal import FILE, Journal
from mangaops.remedy.plans import plan_file
from mangaops.remedy.plans.planner import plan_of
from mangaops.remedy.undoing import undo_plan
from mangaops.sandbox.control import Running
from support.fake_world import HeldLocks

SITE = Site(name="sandbox", region="ap-northeast-1", account="123456789012", caller="on-call")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def aws(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", sandbox.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", sandbox.secret_key)
    made = Aws(Environment(region=sandbox.region, endpoint_url=sandbox.endpoint_url))
    yield made
    made.close()


def planned(draft: Draft | NothingToDo) -> Plan:
    """As it comes back from its file."""
    assert isinstance(draft, Draft)
    plan = plan_of(
        draft,
        plan_id="p-1",
        remedy="raise-ocu",
        arguments="raise-ocu",
        site=SITE,
        reason=Reason(text="a test"),
        now=now(),
    )
    back = plan_file.from_text(plan_file.to_text(plan), "plan.json")
    assert plan_file.digest(back) == plan_file.digest(plan)
    return back


def applied(plan: Plan, actions: Mapping[str, Action], folder: Path) -> Change:
    executor = Executor(
        actions=actions,
        locks=HeldLocks(),
        open_journal=lambda: Journal(folder / FILE, clock=now),
        clock=now,
        monotonic=time.monotonic,
        rng=random.Random(1),  # noqa: S311 - spreads pauses
        stop=Stopper(time.sleep),
        tell=lambda _number, _of, _text: None,
    )
    approval = Approval(digest=plan_file.digest(plan), operator="ana", at=now(), how="yes-flag")
    return executor.apply(plan, approval)


def undone(run: Path, actions: Mapping[str, Action]) -> Plan | NothingToDo:
    found = history.read(run / FILE)
    return undo_plan(found, actions=actions, plan_id="p-2", site=SITE, now=now())


def test_a_group_s_minimum_goes_up_and_back(
    aws: Aws, administer: Callable[..., Any], tmp_path: Path
) -> None:
    remedy = RaiseOcuRemedy(search=SearchChanges(aws, clock=now), environment=aws.environment)
    before = administer("GET", "state")["digest"]
    administer("PUT", "faults", {"rules": ["aoss:UpdateCollectionGroup=throttle@first=2"]})
    change = applied(planned(remedy.draft(RaiseOcu(minimum=8))), remedy.actions, tmp_path / "r-1")
    assert (change.status, change.outcomes[0].detail) == (
        RunStatus.VERIFIED,
        "8 search OCU in use, limits 8 to 16",
    )
    back = undone(tmp_path / "r-1", remedy.actions)
    assert isinstance(back, Plan)
    assert applied(back, remedy.actions, tmp_path / "r-2").status is RunStatus.VERIFIED
    assert administer("GET", "state")["digest"] == before


def test_limits_that_somebody_else_set_meanwhile_are_left_alone(
    aws: Aws, client: Callable[..., Any], tmp_path: Path
) -> None:
    search = SearchChanges(aws, clock=now)
    remedy = RaiseOcuRemedy(search=search, environment=aws.environment)
    plan = planned(remedy.draft(RaiseOcu(minimum=8)))
    group = search.group("mangaassist-search")
    limits = {
        "minSearchCapacityInOCU": 4,
        "maxSearchCapacityInOCU": 16,
        "minIndexingCapacityInOCU": 2,
        "maxIndexingCapacityInOCU": 16,
    }
    aoss = client("opensearchserverless")
    aoss.update_collection_group(id=group.id, capacityLimits=limits)
    with pytest.raises(Drifted, match="min_search"):
        applied(plan, remedy.actions, tmp_path / "r-1")
    assert search.group("mangaassist-search").min_search == 4
    limits["minSearchCapacityInOCU"] = 2
    aoss.update_collection_group(id=group.id, capacityLimits=limits)


def test_a_warmed_up_index_has_nothing_to_undo(aws: Aws, tmp_path: Path) -> None:
    data = SearchDataPlane(aws)
    remedy = PrewarmSearchRemedy(search=SearchGateway(aws), data=data, environment=aws.environment)
    plan = planned(remedy.draft(PrewarmSearch(rate=50, count=20)))
    change = applied(plan, remedy.actions, tmp_path / "r-1")
    assert (change.status, change.undoable) == (RunStatus.VERIFIED, False)
    assert isinstance(undone(tmp_path / "r-1", remedy.actions), NothingToDo)
    data.close()
