"""The tests that are shipped with the runbooks: they pass, and take every way out."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from mangaops.runbook.library import Library, shipped_folder
from mangaops.testing.coverage import covered
from mangaops.testing.given import Preparing
from mangaops.testing.load import load
from mangaops.testing.report import Tested
from mangaops.testing.run import judge
from support.tested_runbooks import NoSources

FILES = sorted(shipped_folder().glob("*.test.yaml"))


@cache
def run(file: Path) -> Tested:
    tests, runbook = load(file, Library([shipped_folder()]).load)
    preparing = Preparing(tests, runbook, NoSources())
    prepared = tuple(
        preparing.prepare(case) for case in tests.cases if not (case.scenario or case.capsule)
    )
    outcomes = tuple(judge(one) for one in prepared)
    return Tested(file=tests, runbook=runbook, prepared=prepared, outcomes=outcomes)


def test_every_runbook_has_tests() -> None:
    assert [file.name.removesuffix(".test.yaml") for file in FILES] == list(
        Library([shipped_folder()]).names()
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_of_them_pass(file: Path) -> None:
    failed = {one.case.name: (one.differences, one.error) for one in run(file).failed}
    assert failed == {}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_they_take_every_branch_and_every_missing_data_edge(file: Path) -> None:
    tested = run(file)
    assert [str(edge) for edge in covered(tested.runbook, tested.outcomes).untested] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_outcome_is_the_diagnosis_of_some_test(file: Path) -> None:
    tested = run(file)
    concluded = {one.diagnosis.id for one in tested.outcomes if one.diagnosis is not None}
    assert set(tested.runbook.outcomes) - concluded == set()
