"""The JSON Schema of test files, and the examples that both schemas hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mangaops.model.runbook import Runbook
from mangaops.runbook.example import RUNBOOK
from mangaops.runbook.library import shipped_folder
from mangaops.runbook.lint import lint
from mangaops.runbook.load import load_text as load_runbook_text
from mangaops.runbook.schema import json_schema
from mangaops.runbook.strict_yaml import parse, read_file
from mangaops.testing.coverage import covered
from mangaops.testing.given import Preparing
from mangaops.testing.load import load_text
from mangaops.testing.run import judge
from mangaops.testing.schema import tests_schema as schema_of_tests
from support.tested_runbooks import HEAD, NoSources

SHIPPED = sorted(shipped_folder().glob("*.test.yaml"))


def errors(data: Any) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(schema_of_tests())
    return sorted(error.json_path for error in validator.iter_errors(data))


def example(_name: str) -> Runbook:
    (runbook,) = json_schema()["examples"]
    return load_runbook_text(json.dumps(runbook), "cpu-high.yaml")


def test_it_is_a_valid_schema_in_plain_json() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = schema_of_tests()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


def test_its_example_is_valid_runs_and_takes_every_edge() -> None:
    (tests,) = schema_of_tests()["examples"]
    file, runbook = load_text(json.dumps(tests), "cpu-high.test.yaml", example)
    preparing = Preparing(file, runbook, NoSources())
    outcomes = [judge(preparing.prepare(case)) for case in file.cases]
    assert errors(tests) == []
    assert [(one.case.name, one.differences) for one in outcomes if not one.passed] == []
    assert covered(runbook, outcomes).untested == ()


def test_the_example_of_the_schema_of_runbooks_is_clean() -> None:
    assert lint(example("")) == ()
    assert lint(load_runbook_text(RUNBOOK, "cpu-high.yaml")) == ()


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_tests_are_valid(file: Path) -> None:
    assert errors(parse(read_file(file), file.name).data) == []


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("tests:", "test:", "$"),
        ("status: healthy", "status: fine", "$.tests[0].expect.status"),
        ("{p95: 2500x30}", "nodata", "$.evidence.answer"),
        ("{rows: [{intent: faq, calls: 200}]}", "{rows: 5}", "$.evidence.calls"),
    ],
)
def test_what_the_loader_refuses_is_invalid(before: str, after: str, where: str) -> None:
    text = f"{HEAD}tests:\n  - {{name: a, expect: {{status: healthy}}}}\n"
    assert errors(parse(text, "f").data) == []
    assert where in errors(parse(text.replace(before, after), "f").data)
