"""The shipped tests notice whatever is changed in their runbooks, but for what they justify."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangaops.runbook.library import Library, shipped_folder
from mangaops.testing.load import load
from mangaops.testing.mutants.session import mutate
from support.tested_runbooks import NoSources

FILES = sorted(shipped_folder().glob("*.test.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_survivor_is_one_of_those_that_the_file_justifies(file: Path) -> None:
    tests, runbook = load(file, Library([shipped_folder()]).load)
    mutation = mutate(tests, runbook, NoSources())
    assert (mutation.failing, mutation.survivors) == ((), ())
    assert mutation.sound
