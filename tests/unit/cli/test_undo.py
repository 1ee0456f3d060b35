"""Which run `mangaops undo` is about."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest

from mangaops.cli.context import system_context
from mangaops.cli.options import Show
from mangaops.cli.terminal import Terminal
from mangaops.cli.undo import meant
from support.fake_world import Desk, Fault, World, plan, step

PLAN = plan(step(1, "a", {"x": 1}, {"x": 2}), step(2, "b", {"z": 1}, {"z": 2}))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "runs", World({"a": {"x": 1}, "b": {"z": 1}}))


def about(desk: Desk, wanted: str) -> tuple[str, str]:
    """The run that is meant, and the first line of what is said about it."""
    err = io.StringIO()
    environ = {"MANGAOPS_STATE_DIR": str(desk.runs.parent)}
    terminal = Terminal(stdin=io.StringIO(), stdout=io.StringIO(), stderr=err, environ=environ)
    context = replace(system_context(environ), terminal=terminal)
    for age, run in enumerate(sorted(path.name for path in desk.runs.iterdir())):
        os.utime(desk.runs / run / "journal.jsonl", (1000 + age, 1000 + age))
    return meant(context, Show(), wanted).run, err.getvalue().partition("\n")[0]


def test_the_last_run_is_the_last_run(desk: Desk) -> None:
    desk.apply(PLAN)
    assert about(desk, "last") == ("r-0001", "")
    desk.undo()
    assert about(desk, "last") == ("r-0001", "note: run r-0002 is an undo that was done")
    assert about(desk, "r-0002") == ("r-0002", "")


def test_after_an_undo_that_failed_it_is_the_run_that_was_to_be_undone(desk: Desk) -> None:
    desk.apply(PLAN)
    desk.world.faults[desk.world.calls + 2] = Fault.DENIED
    desk.undo()
    told = "note: run r-0002 did not take r-0001 back to the end"
    assert about(desk, "last") == ("r-0001", told)
    assert about(desk, "r-0002") == ("r-0002", "")
    desk.undo("r-0001", "r-0003")
    assert about(desk, "last") == ("r-0001", "note: run r-0003 is an undo that was done"), (
        "not the failed one"
    )
