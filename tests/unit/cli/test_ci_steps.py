"""What ci does where it cannot do everything."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mangaops.cli.ci import Checks
from mangaops.cli.ci_steps import Steps
from mangaops.cli.context import AppContext
from mangaops.cli.options import Show, Where
from mangaops.cli.terminal import Terminal
from mangaops.render.ci_report import State, Step
from mangaops.runbook.library import Library

NEEDED = "the sandbox needs packages; pip install 'mangaops[sandbox]'"


@pytest.mark.parametrize(("left_out", "state"), [(False, State.NOT_RUN), (True, State.SKIPPED)])
def test_a_dry_run_that_nobody_left_out_and_that_cannot_be_done_is_not_skipped(
    tmp_path: Path, left_out: bool, state: State
) -> None:
    file = tmp_path / "one.yaml"
    file.write_text("name: one\n")
    streams = Terminal(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), environ={})
    context = AppContext(
        terminal=streams, environ={}, clock=lambda: datetime(2026, 1, 7, tzinfo=UTC)
    )
    steps = Steps(
        context,
        Library([tmp_path]),
        Where(),
        Checks(no_sandbox=left_out),
        Show(),
        cannot_rehearse=lambda: NEEDED,
    )
    (last,) = (one for one in steps.run([file], str) if one.step is Step.REMEDIES)
    assert last.state is state
    assert (NEEDED in last.problems) is not left_out
