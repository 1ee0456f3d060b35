"""A write that is throttled, fails at AWS, or loses its answer has one effect, and is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import pytest

from support.changes import RESOURCES, ROUTER, asked, client, state
from support.started import Started, started

FAULTS = ("throttle@first=2", "server-error@first=1", "drop@first=1", "lost@nth=1",
          "landed-error@nth=1")  # fmt: skip
ONCE = {"lost@nth=1", "landed-error@nth=1"}
"""Faults after which the call has landed: it must not be sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`calls` are the writing calls of `line`, each of which is given each fault."""

    line: str
    answer: str
    calls: tuple[str, ...]
    exact: bool = True


CASES = (
    Case(line="rollback-prompt faq", answer="faq", calls=("dynamodb:TransactWriteItems",)),
    Case(
        line="raise-ocu",
        answer=RESOURCES["collection_group"],
        calls=("opensearchserverless:UpdateCollectionGroup",),
    ),
    Case(
        line="scale-out --to 6",
        answer=RESOURCES["service"],
        calls=("application-autoscaling:RegisterScalableTarget",),
    ),
    Case(
        line="set-env CHUNK_BATCH_SIZE={size}",
        answer=RESOURCES["service"],
        calls=("ecs:RegisterTaskDefinition", "ecs:UpdateService"),
    ),
    Case(line=f"set-parameter {ROUTER} 0.6", answer=ROUTER, calls=("ssm:PutParameter",)),
    Case(
        line="restart-service",
        answer=RESOURCES["service"],
        calls=("ecs:UpdateService",),
        exact=False,
    ),
)
GIVEN = [(case, call, fault) for case in CASES for call in case.calls for fault in FAULTS]
SIZES = count(10)
"""A variable is given a value that no earlier revision has: such a one would be taken again."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("home"), "--empty", pauses=0.1) as sandbox:
        sandbox.put("pace", {"seconds": 0.05})
        yield sandbox


@pytest.mark.parametrize(
    ("case", "call", "fault"), GIVEN, ids=lambda given: getattr(given, "line", given).split()[0]
)
def test_a_write_that_is_not_answered_has_one_effect(
    empty: Started, case: Case, call: str, fault: str
) -> None:
    before = state(empty)
    revisions = _revisions(empty)
    empty.administer("DELETE", "calls")
    empty.put("faults", {"rules": [f"{call}={fault}"]})
    line = case.line.format(size=next(SIZES))
    done = asked(empty, f"{line} --confirm {case.answer}")
    empty.put("faults", {"rules": []})
    assert done["status"] == "verified"
    sent = _sent(empty, call)
    assert sent == (1 if fault in ONCE else 3 if "first=2" in fault else 2)
    made = 1 if "ecs:RegisterTaskDefinition" in case.calls else 0
    assert _revisions(empty) == revisions + made
    if case.exact:
        asked(empty, f"undo {done['run']} --confirm {case.answer}")
        assert state(empty) == before


def test_a_quota_is_asked_for_once_whatever_becomes_of_the_answer(empty: Started) -> None:
    empty.put("faults", {"rules": ["servicequotas:RequestServiceQuotaIncrease=lost@nth=1"]})
    assert asked(empty, "request-quota sonnet --confirm sonnet")["status"] == "verified"
    empty.put("faults", {"rules": []})
    again = asked(empty, "request-quota sonnet --confirm sonnet")
    assert again["status"] == "nothing_to_do"
    assert "open" in again["detail"]


def test_a_write_that_is_refused_changes_nothing_and_is_the_error(empty: Started) -> None:
    before = state(empty)
    empty.put("faults", {"rules": ["ssm:PutParameter=denied"]})
    refused = asked(empty, f"set-parameter {ROUTER} 0.6 --yes", code=1)
    empty.put("faults", {"rules": []})
    assert refused["schema"] == "mangaops.error/1"
    assert "ssm:PutParameter" in json.dumps(refused)
    assert state(empty) == before


def _revisions(sandbox: Started) -> int:
    found = client(sandbox, "ecs").list_task_definitions(familyPrefix="mangaassist-orchestrator")
    return len(found["taskDefinitionArns"])


def _sent(sandbox: Started, call: str) -> int:
    service, _, operation = call.partition(":")
    calls = sandbox.administer("GET", "calls")["calls"]
    return sum(1 for one in calls if (one["service"], one["operation"]) == (service, operation))
