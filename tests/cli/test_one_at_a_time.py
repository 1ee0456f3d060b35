"""While one operator's change is under way, another one's is refused, and told whose it is."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from support.changes import ROUTER, asked, state
from support.started import Started, started


def test_a_second_operator_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    with started(tmp_path, "--empty") as sandbox:
        sandbox.put("faults", {"rules": ["ssm:PutParameter=latency:4000"]})
        words = ["set-parameter", ROUTER, "0.6", "--yes", "--env", "sandbox", "--reason", "first"]
        first = subprocess.Popen(
            [sys.executable, "-m", "mangaops", *words],
            cwd=sandbox.command.home,
            env=dict(sandbox.command.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        _until_it_writes(sandbox)
        refused = asked(sandbox, f"set-parameter {ROUTER} 0.7 --yes", code=5)
        told = first.communicate(timeout=30)
        assert (first.returncode, "VERIFIED" in told[0]) == (0, True), told
        assert refused["status"] == "refused"
        assert "on-call" in refused["detail"]
        assert "is changing it" in refused["detail"]
        sandbox.put("faults", {"rules": []})
        before = state(sandbox)
        assert asked(sandbox, f"set-parameter {ROUTER} 0.6 --yes")["status"] == "nothing_to_do"
        assert state(sandbox) == before


def _until_it_writes(sandbox: Started) -> None:
    """The first operator's journal has an intent."""
    runs = sandbox.command.home / "state" / "runs"
    for _ in range(200):
        if any('"kind":"intent"' in file.read_text() for file in runs.glob("*/journal.jsonl")):
            return
        time.sleep(0.05)
    raise AssertionError("the first operator never wrote")
