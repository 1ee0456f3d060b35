"""The JSON Schema that editors check runbook files with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mangaops.model.source import SOURCE_KINDS
from mangaops.runbook.library import shipped_folder
from mangaops.runbook.schema import json_schema
from mangaops.runbook.strict_yaml import parse, read_file
from support.runbook_texts import GOOD, spoiled

SHIPPED = sorted(
    file for file in shipped_folder().glob("*.yaml") if not file.name.endswith(".test.yaml")
)


def errors(data: Any) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json_schema())
    return sorted(error.json_path for error in validator.iter_errors(data))


def test_it_is_a_valid_schema_in_plain_json() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_runbooks_are_valid(file: Path) -> None:
    assert errors(parse(read_file(file), file.name).data) == []


def test_a_good_runbook_is_valid() -> None:
    assert errors(parse(GOOD, "f.yaml").data) == []


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("title: Answers", "titel: Answers", "$"),
        ("kind: logs", "kind: log", "$.evidence.calls.kind"),
        ("stat: p95, pool", "stta: p95, pool", "$.evidence.by_intent.query"),
        ("window: 30m", "window: thirty", "$.window"),
        ("otherwise: true", "otherwise: false", "$.nodes.which.branches"),
        ("urgency: immediate", "urgency: now", "$.outcomes['one-intent'].remedies[0].urgency"),
    ],
)
def test_what_the_loader_refuses_is_invalid(before: str, after: str, where: str) -> None:
    assert where in errors(parse(spoiled(before, after), "f.yaml").data)


def test_every_kind_of_evidence_has_its_query() -> None:
    choices = json_schema()["$defs"]["EvidencePart"]["allOf"]
    assert [one["if"]["properties"]["kind"]["const"] for one in choices] == list(SOURCE_KINDS)
