"""Killed at every entry of its journal and around every AWS call, a change can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.changes import ROUTER
from support.killed_everywhere import killed_everywhere
from support.started import Started, started

CHANGES = {
    "rollback-prompt faq": "--confirm faq",
    "raise-ocu": "--confirm mangaassist-search",
    f"set-parameter {ROUTER} 0.6": "--yes",
    "invalidate-cache --product manga-0101 --rate 0": "--confirm manga-0101",
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("home"), "--empty", pauses=0.1) as sandbox:
        sandbox.put("pace", {"seconds": 0.05})
        yield sandbox


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Started]:
    with started(tmp_path, "--scenario", "stale-stream-off", pauses=0.1) as sandbox:
        sandbox.put("pace", {"seconds": 0.05})
        yield sandbox


@pytest.mark.parametrize("line", CHANGES, ids=lambda line: line.split()[0])
def test_a_change_that_is_killed_anywhere_can_be_undone(empty: Started, line: str) -> None:
    killed_everywhere(empty, line, CHANGES[line])


def test_switching_invalidation_on_can_be_killed_anywhere(broken: Started) -> None:
    killed_everywhere(broken, "enable-invalidation", "--yes")
