"""Killed at every entry of its journal and around every call, a change of tasks can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from support.changes import asked, state
from support.killed_everywhere import calls_of, killed, killed_everywhere
from support.started import Started, started

CHANGES = {
    "scale-out --to 6": "--yes",
    "set-env CHUNK_BATCH_SIZE=1": "--confirm orchestrator",
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("home"), "--empty", pauses=0.1) as sandbox:
        sandbox.put("pace", {"seconds": 0.05})
        yield sandbox


@pytest.mark.parametrize("line", CHANGES, ids=lambda line: line.split()[0])
def test_a_change_that_is_killed_anywhere_can_be_undone(empty: Started, line: str) -> None:
    killed_everywhere(empty, line, CHANGES[line])


def test_a_change_that_was_killed_can_be_gone_on_with(empty: Started) -> None:
    before = state(empty)
    plan = empty.command.home / "fix.plan"
    asked(empty, f"plan set-env HEARTBEAT_INTERVAL_S=5 -o {plan}")
    for number in count(1):
        run, code = killed(empty, f"apply {plan} --confirm orchestrator", f"written:{number}")
        assert code != 0, "it was never killed between its two calls"
        if calls_of(empty, run) == ["ecs:RegisterTaskDefinition"]:
            break
    done = asked(empty, f"apply {plan} --confirm orchestrator")
    assert done["status"] == "verified"
    assert calls_of(empty, done["run"]) == ["ecs:UpdateService"]
    asked(empty, f"undo {done['run']} --confirm orchestrator")
    assert state(empty) == before
