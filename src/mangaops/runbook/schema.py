"""The JSON Schema of runbook files, for editors; made from the models that check them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.model.source import SOURCE_KINDS
from mangaops.runbook.example import RUNBOOK
from mangaops.runbook.format import RunbookPart, query_part
from mangaops.runbook.strict_yaml import parse

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> Mapping[str, Any]:
    """Draft 2020-12; the `query` of each evidence is that of its `kind`."""
    schema = RunbookPart.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    evidence = definitions["EvidencePart"]
    evidence["allOf"] = [_kind(name, definitions) for name in SOURCE_KINDS]
    node = definitions["NodePart"]
    node["oneOf"] = [{"required": ["question", "branches"]}, {"required": ["ask", "options"]}]
    branch = definitions["BranchPart"]
    branch["oneOf"] = [{"required": ["when"]}, {"required": ["otherwise"]}]
    examples = [parse(RUNBOOK, "cpu-high.yaml").data]
    return {"$schema": DIALECT, "title": "mangaops runbook", **schema, "examples": examples}


def _kind(name: str, definitions: dict[str, Any]) -> Mapping[str, Any]:
    query = query_part(name).model_json_schema(ref_template="#/$defs/{model}")
    definitions.update(query.pop("$defs", {}))
    return {
        "if": {"properties": {"kind": {"const": name}}},
        "then": {"properties": {"query": query}},
    }
