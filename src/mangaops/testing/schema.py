"""The JSON Schema of test files, for editors; made from the models that check them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.runbook.queries import STATISTIC
from mangaops.runbook.schema import DIALECT
from mangaops.runbook.strict_yaml import parse
from mangaops.testing.evidence_file import STATES
from mangaops.testing.example import TESTS
from mangaops.testing.format import FilePart

_SERIES: Mapping[str, Any] = {
    "description": "one value a minute, the newest last: 900x10 _x2 3400x18",
    "anyOf": [{"type": "string"}, {"type": "number"}],
}
_STATISTICS: Mapping[str, Any] = {f"^({STATISTIC})$": {"$ref": "#/$defs/Series"}}
_DAY: Mapping[str, Any] = {
    "type": "object",
    "patternProperties": _STATISTICS,
    "additionalProperties": False,
}
_MEMBER: Mapping[str, Any] = {
    "type": "object",
    "description": "a metric: series by statistic (p95, Sum, SampleCount, ...)",
    "properties": {
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "earlier": {
            "type": "array",
            "description": "the same hours of earlier days, newest first",
            "items": _DAY,
        },
    },
    "patternProperties": _STATISTICS,
    "additionalProperties": False,
}
_ROWS: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"times": {"description": "how many rows like this one there are"}},
    },
    "description": "a time is ISO 8601, or an age before the window's end such as -10m",
}
_EVIDENCE: Mapping[str, Any] = {
    "anyOf": [
        {"enum": [*STATES]},
        {
            "type": "object",
            "properties": {"state": {"enum": [*STATES]}, "detail": {"type": "string"}},
            "required": ["state"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"rows": _ROWS},
            "required": ["rows"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"fields": {"type": "object"}},
            "required": ["fields"],
            "additionalProperties": False,
        },
        {"$ref": "#/$defs/Metric"},
        {"type": "array", "items": {"$ref": "#/$defs/Metric"}},
    ]
}


def tests_schema() -> Mapping[str, Any]:
    """Draft 2020-12."""
    schema = FilePart.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    definitions |= {"Series": _SERIES, "Metric": _MEMBER, "Evidence": _EVIDENCE}
    for part in (schema, definitions["TestPart"]):
        pieces = part["properties"]["evidence"]
        names = pieces.pop("patternProperties")
        pieces["patternProperties"] = {name: {"$ref": "#/$defs/Evidence"} for name in names}
    examples = [parse(TESTS, "cpu-high.test.yaml").data]
    return {"$schema": DIALECT, "title": "mangaops runbook tests", **schema, "examples": examples}
