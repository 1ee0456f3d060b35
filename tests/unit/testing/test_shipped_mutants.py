"""The shipped tests notice what is changed in their runbooks: a sample of all mutants.

All of them are run by `mangaops runbook test --mutate`, in about half a minute.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mangaops.model.runbook import Runbook
from mangaops.runbook.library import Library, shipped_folder
from mangaops.testing.case import Case, Prepared
from mangaops.testing.given import Memory, Preparing
from mangaops.testing.load import load
from mangaops.testing.mutants.listing import mutants
from mangaops.testing.mutants.run import Trial, as_it_is
from mangaops.testing.run import judge
from support.tested_runbooks import NoSources

FILES = sorted(shipped_folder().glob("*.test.yaml"))
EVERY = 12
"""One in so many is run."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_survivor_is_one_of_those_that_the_file_justifies(file: Path) -> None:
    tests, runbook = load(file, Library([shipped_folder()]).load)
    memory, sources = Memory(), NoSources()

    def prepare(case: Case, changed: Runbook) -> Prepared:
        return Preparing(tests, changed, sources, memory).prepare(case)

    cases = [case for case in tests.cases if not (case.scenario or case.capsule)]
    ran = as_it_is([prepare(case, runbook) for case in cases], judge)
    trial = Trial(loaded=runbook, tests=ran, prepare=prepare, judge=judge)
    justified = {one.mutant for one in tests.equivalents}
    found = mutants(runbook)
    sample = [one for one in found[::EVERY] if one.id not in justified]
    assert [fate.mutant.id for fate in trial.fates(sample) if fate.survived] == []
    assert justified - {one.id for one in found} == set()
