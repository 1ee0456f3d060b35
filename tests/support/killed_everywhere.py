"""A change that is killed at one point after another, and taken back each time.

A process that is killed between an answer and the next call has done the same as one that
is killed just before that call, but for what the journal holds. So it is killed at every
entry, until the change ends by itself, and before, between and after the calls that write:
what reads between two of them leaves the world as it was. Once all is written, what follows
is looking, again and again; a few of those entries stand for all.
"""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

from support.changes import asked, state
from support.started import Started

NO_RUN = "r-none"
LOOKS = 2
READS = re.compile("Describe|Get|List|BatchGet|Query|Scan")


def killed_everywhere(sandbox: Started, line: str, answer: str) -> None:
    before = state(sandbox)
    calls = _around_writes(sandbox, f"{line} {answer}", f"undo last {answer}")
    assert state(sandbox) == before
    for point in (f"answered:{number}" for number in calls):
        _killed_and_undone(sandbox, line, answer, point)
        assert state(sandbox) == before, point
    looked = 0
    for number in count(1):
        run, code = _killed_and_undone(sandbox, line, answer, f"written:{number}")
        assert state(sandbox) == before, number
        looked += "applied" in _kinds(sandbox, run)
        if code == 0 or looked > LOOKS:
            break
    assert number > 3, "no entry was met"


def _around_writes(sandbox: Started, change: str, back: str) -> list[int]:
    """The numbers of the AWS calls of a change that write, and of those next to them."""
    sandbox.administer("DELETE", "calls")
    asked(sandbox, change)
    made = sandbox.administer("GET", "calls")["calls"]
    asked(sandbox, back)
    writes = [n for n, call in enumerate(made, 1) if not READS.match(call["operation"])]
    assert writes
    near = {n + step for n in writes for step in (-1, 0, 1)}
    return sorted(near & set(range(1, len(made) + 1)))


def _killed_and_undone(sandbox: Started, line: str, answer: str, point: str) -> tuple[str, int]:
    run, code = killed(sandbox, f"{line} {answer}", point)
    if run != NO_RUN and _journal(sandbox, run).exists():
        undone = asked(sandbox, f"undo {run} {answer}")
        assert undone["status"] in {"verified", "nothing_to_do"}, point
    return run, code


def killed(sandbox: Started, line: str, point: str) -> tuple[str, int]:
    """The run's id as it was told before, and the code: -9 when the point was met."""
    done = sandbox.command.run(*line.split(), "--env", "sandbox", point=point)
    assert done.code in {0, -9}, done.err
    told = re.search(r"^run (r-[0-9a-f]+)$", done.err, re.MULTILINE)
    return (told[1] if told else NO_RUN), done.code


def _journal(sandbox: Started, run: str) -> Path:
    return sandbox.command.home / "state" / "runs" / run / "journal.jsonl"


def calls_of(sandbox: Started, run: str) -> list[str]:
    """The writing calls of a run that were answered."""
    entries = _entries(sandbox, run)
    return [entry["operation"] for entry in entries if entry["kind"] == "result"]


def _kinds(sandbox: Started, run: str) -> list[str]:
    return [entry["kind"] for entry in _entries(sandbox, run)]


def _entries(sandbox: Started, run: str) -> list[dict[str, Any]]:
    path = _journal(sandbox, run)
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]
