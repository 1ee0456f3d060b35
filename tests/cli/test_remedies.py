"""Every remedy there and back through the command: dry run, apply, verified, undo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from mangaops.readiness.policies.needs import LOCK_CALLS
from support.changes import ROUTER, asked, state
from support.observed import actions
from support.remedy_declarations import DECLARED
from support.started import Started, started


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is typed, the flag that answers, and whether undo brings every byte back.

    `other` is planned as well: a way to choose the target that asks something else.
    """

    line: str
    answer: str
    exact: bool = True
    other: str = ""


EMPTY = (
    Case(line="rollback-prompt faq", answer="--confirm faq", other="rollback-prompt"),
    Case(line="raise-ocu", answer="--confirm mangaassist-search"),
    Case(line="scale-out --to 8", answer="--yes"),
    Case(line="set-env CHUNK_BATCH_SIZE=1", answer="--confirm orchestrator"),
    Case(line=f"set-parameter {ROUTER} 0.6", answer=f"--confirm {ROUTER}"),
    Case(line="route --sonnet-threshold 0.5", answer="--yes"),
    Case(line="flash-sale-mode on", answer="--yes"),
    Case(
        line="invalidate-cache --product manga-0101 --rate 0",
        answer="--confirm manga-0101",
        other="invalidate-cache --stale",
    ),
    Case(line="restart-service", answer="--confirm orchestrator", exact=False),
    Case(line="prewarm-search --rate 50 --count 5", answer="", exact=False),
    Case(line="request-quota sonnet", answer="--confirm sonnet", exact=False),
)
LOCKS = set(LOCK_CALLS)
UNSEEN: Mapping[str, set[str]] = {
    # Checked while a task definition is registered; nobody calls them.
    "set-env": {"iam:PassRole", "ecs:TagResource"},
    # Only for a collection without a group (tests/sandbox/test_search_remedies.py).
    "raise-ocu": {
        "aoss:GetAccountSettings",
        "aoss:UpdateAccountSettings",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
    },
    # Only where the mapping is there and off (tests/unit/remedy/test_enable_invalidation.py).
    "enable-invalidation": {"lambda:UpdateEventSourceMapping"},
}
"""Declared, and not called by the cases here."""
DOWN = (Case(line="enable-invalidation", answer="--yes"),)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("home"), "--empty", pauses=0.1) as sandbox:
        sandbox.put("pace", {"seconds": 0.2})
        yield sandbox


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("down"), "--scenario", "stale-stream-off") as sandbox:
        yield sandbox


@pytest.mark.parametrize("case", EMPTY, ids=lambda case: case.line.split()[0])
def test_a_remedy_goes_there_and_back(empty: Started, case: Case) -> None:
    there_and_back(empty, case)


@pytest.mark.parametrize("case", DOWN, ids=lambda case: case.line.split()[0])
def test_what_is_switched_off_is_switched_on_and_back(broken: Started, case: Case) -> None:
    there_and_back(broken, case)


def there_and_back(sandbox: Started, case: Case) -> None:
    sandbox.administer("DELETE", "calls")
    go_there_and_back(sandbox, case)
    if case.other:
        sandbox.command.run(*case.other.split(), "--dry-run", "--env", "sandbox")
    called = actions(sandbox.administer("GET", "calls")["calls"])
    name = case.line.split()[0]
    declared = set(DECLARED[name])
    assert (called - declared - LOCKS, declared - called) == (set(), UNSEEN.get(name, set()))


def go_there_and_back(sandbox: Started, case: Case) -> None:
    before = state(sandbox)
    dry = asked(sandbox, f"{case.line} --dry-run")
    assert (dry["status"], dry["run"], dry["undo"]) == ("dry_run", "", None)
    assert {step["state"] for step in dry["steps"]} == {"planned"}
    assert state(sandbox) == before
    done = asked(sandbox, f"{case.line} {case.answer}")
    assert (done["status"], done["run"][:2]) == ("verified", "r-")
    assert {step["state"] for step in done["steps"]} == {"verified"}
    assert done["plan"]["arguments"] == case.line
    if not case.exact:
        assert done["undo"] is None
        assert asked(sandbox, f"undo {done['run']}")["status"] == "nothing_to_do"
        return
    assert state(sandbox) != before
    assert done["undo"] == f"mangaops undo {done['run']} --env sandbox"
    back = asked(sandbox, f"undo {done['run']} {case.answer}")
    assert (back["status"], back["plan"]["undoes"]) == ("verified", done["run"])
    assert state(sandbox) == before
    again = asked(sandbox, f"undo {done['run']}")
    assert (again["status"], again["plan"]) == ("nothing_to_do", None)
