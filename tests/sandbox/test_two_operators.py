"""Two operators apply a plan for the same target at once: one wins, the other learns who.

The whole pipeline against the embedded AWS: plan, lock table, journal, parameter. The one
whose write has begun waits in it until the other has ended, so that every round overlaps.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from mangaops.aws.locks import LockTable
from mangaops.aws.session import Aws
from mangaops.aws.ssm import SsmGateway
from mangaops.errors import Locked
from mangaops.model.change import Approval, Change, RunStatus
from mangaops.model.plan import Draft, Plan, Reason
from mangaops.model.request import SetParameter
from mangaops.model.settings import Environment
from mangaops.model.site import Site
from mangaops.remedy.actions.parameters.set_parameter import SetParameterRemedy
from mangaops.remedy.execution.executor import Executor
from mangaops.remedy.execution.stopping import Stopper
from mangaops.remedy.journals.history import verify
from mangaops.remedy.journals.journal import FILE, Journal
from mangaops.remedy.locks.holders import Holders
from mangaops.remedy.locks.shared import SharedLocks
from mangaops.remedy.plans.plan_file import digest
from mangaops.remedy.plans.planner import plan_of
from mangaops.sandbox.control import Running

ROUNDS = 60
NAME = "/mangaassist/features/two_operators"
"""A parameter of our own: other tests share the sandbox."""
ENVIRONMENT = Environment()
PATIENCE_S = 20.0


def now() -> datetime:
    return datetime.now(UTC)


class Slow(SsmGateway):
    """A write that goes out only when `other` has ended."""

    def __init__(self, aws: Aws, other: threading.Event) -> None:
        super().__init__(aws)
        self._other = other

    def put(self, name: str, value: str) -> int:
        assert self._other.wait(PATIENCE_S), "the other operator never ended"
        return super().put(name, value)


@pytest.fixture
def aws(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", sandbox.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", sandbox.secret_key)
    made = Aws(
        Environment(region=sandbox.region, endpoint_url=sandbox.endpoint_url),
        environ={"AWS_ENDPOINT_URL": sandbox.endpoint_url},
    )
    yield made
    made.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    name: str
    aws: Aws
    folder: Path

    def apply(
        self, plan: Plan, together: threading.Barrier, mine: threading.Event, other: threading.Event
    ) -> Change | Locked:
        remedy = SetParameterRemedy(parameters=Slow(self.aws, other), environment=ENVIRONMENT)
        approval = Approval(digest=digest(plan), operator=self.name, at=now(), how="yes-flag")
        together.wait(PATIENCE_S)
        try:
            return self._executor(remedy).apply(plan, approval)
        except Locked as refused:
            return refused
        finally:
            mine.set()

    def _executor(self, remedy: SetParameterRemedy) -> Executor:
        path = self.folder / uuid4().hex / FILE
        return Executor(
            actions=remedy.actions,
            locks=SharedLocks(
                table=LockTable(self.aws, "mangaops-locks"),
                clock=now,
                sleep=time.sleep,
                nonce=lambda: uuid4().hex,
                tell=lambda _: None,
                holders=Holders(self.folder / "locks"),
            ),
            open_journal=lambda: Journal(path, clock=now, fsync=lambda _: None),
            clock=now,
            monotonic=time.monotonic,
            rng=random.Random(1),  # noqa: S311 - pauses, not secrets
            stop=Stopper(time.sleep),
            tell=lambda *_: None,
        )


def planned(aws: Aws, value: str) -> Plan:
    remedy = SetParameterRemedy(parameters=SsmGateway(aws), environment=ENVIRONMENT)
    draft = remedy.draft(SetParameter(name=NAME, value=value))
    assert isinstance(draft, Draft)
    return plan_of(
        draft,
        plan_id="p-1",
        remedy="set-parameter",
        arguments=f"set-parameter {NAME} {value}",
        site=Site(name="sandbox", region=aws.region, account="123456789012", caller="ana"),
        reason=Reason(text="asked for"),
        now=now(),
    )


def test_one_of_two_operators_wins_every_time(aws: Aws, tmp_path: Path) -> None:
    ana, ben = (Operator(name=name, aws=aws, folder=tmp_path / name) for name in ("ana", "ben"))
    aws.client("ssm").put_parameter(Name=NAME, Value="off", Type="String")
    first = SsmGateway(aws).parameter(NAME).version
    with ThreadPoolExecutor(2) as pool:
        for number in range(ROUNDS):
            plan = planned(aws, "off" if number % 2 else "on")
            together = threading.Barrier(2)
            done = {"ana": threading.Event(), "ben": threading.Event()}
            both = (
                pool.submit(ana.apply, plan, together, done["ana"], done["ben"]),
                pool.submit(ben.apply, plan, together, done["ben"], done["ana"]),
            )
            ends = dict(
                zip(("ana", "ben"), (each.result(PATIENCE_S) for each in both), strict=True)
            )
            (winner,) = (name for name, end in ends.items() if isinstance(end, Change))
            (loser,) = (name for name, end in ends.items() if isinstance(end, Locked))
            change, refused = ends[winner], ends[loser]
            assert isinstance(change, Change)
            assert change.status is RunStatus.VERIFIED
            assert isinstance(refused, Locked)
            assert refused.what.startswith(f"{winner} is changing it: ")
    assert SsmGateway(aws).parameter(NAME).version == first + ROUNDS
    journals = list(tmp_path.glob(f"*/*/{FILE}"))
    assert (len(journals), [verify(one) for one in journals if verify(one)]) == (ROUNDS, [])
