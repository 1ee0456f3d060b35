"""The six shipped runbooks load, fast, and lint has nothing to refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangaops.model.settings import Environment
from mangaops.runbook.bind import bind, placeholders
from mangaops.runbook.library import shipped_folder
from mangaops.runbook.lint import lint
from mangaops.runbook.load import load_runbook

SHIPPED = sorted(
    file for file in shipped_folder().glob("*.yaml") if not file.name.endswith(".test.yaml")
)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_runbook_has_no_errors(file: Path) -> None:
    found = lint(load_runbook(file))
    assert [finding for finding in found if finding.severity == "error"] == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_runbook_is_bound_by_the_defaults(file: Path) -> None:
    assert placeholders(bind(load_runbook(file), Environment(), {})) == frozenset()


def test_a_shipped_runbook_goes_on_only_with_another_one() -> None:
    names = {file.stem for file in SHIPPED}
    runbooks = [load_runbook(file) for file in SHIPPED]
    following = {o.continue_with for r in runbooks for o in r.outcomes.values() if o.continue_with}
    assert following <= names
