from __future__ import annotations

from typing import Any

import pytest

from mangaops.fm.answers.schema import allows_null, satisfies, schema_at, violations

SCHEMA = {
    "type": "object",
    "required": ["response_text", "cards"],
    "properties": {
        "response_text": {"type": "string"},
        "mood": {"enum": ["glad", 1, None]},
        "cards": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "price": {"type": ["integer", "null"]}},
            },
        },
    },
}


def test_a_value_of_the_shape_has_no_violation() -> None:
    value = {"response_text": "", "cards": [{"id": "x", "price": None}], "more": 1, "mood": "glad"}

    assert violations(value, SCHEMA) == ()
    assert satisfies(value, SCHEMA)
    assert violations({"anything": 1}, None) == ()


def test_every_violation_is_told_with_its_place_and_without_the_value() -> None:
    value = {"response_text": 1, "mood": True, "cards": [{"price": 1.5}, "secret", {"id": None}]}

    assert violations(value, SCHEMA) == (
        "not string at /response_text",
        "none of the allowed values at /mood",
        "the required key 'id' is missing at /cards/0",
        "not integer or null at /cards/0/price",
        "not object at /cards/1",
        "not string at /cards/2/id",
    )
    assert violations([], SCHEMA) == ('not object at ""',)
    assert violations({}, SCHEMA) == (
        "the required key 'response_text' is missing at \"\"",
        "the required key 'cards' is missing at \"\"",
    )


@pytest.mark.parametrize(
    ("value", "name", "fits"),
    [
        (True, "integer", False),
        (True, "number", False),
        (True, "boolean", True),
        (2.0, "integer", True),
        (2.5, "integer", False),
        (2, "number", True),
        (None, "null", True),
        ([], "array", True),
        ({}, "array", False),
        ("1", "number", False),
        (1, "a type of next year", False),
    ],
)
def test_types_are_those_of_json(value: object, name: str, fits: bool) -> None:
    assert satisfies(value, {"type": name}) is fits


def test_a_number_among_the_allowed_values_is_no_truth_value() -> None:
    assert satisfies({"mood": 1}, {"properties": SCHEMA["properties"]})
    assert not satisfies({"mood": True}, {"properties": SCHEMA["properties"]})


@pytest.mark.parametrize(
    "schema",
    [{"required": "a"}, {"properties": []}, {"items": True}, {"type": 3}, {"enum": "x"}, {}],
)
def test_a_keyword_of_another_form_is_not_looked_at(schema: dict[str, Any]) -> None:
    assert satisfies({"b": [1]}, schema)


def test_the_part_of_a_schema_for_a_place_is_found() -> None:
    assert allows_null(schema_at(SCHEMA, ["cards", 3, "price"]))
    assert not allows_null(schema_at(SCHEMA, ["cards", 3, "id"]))
    assert not allows_null(schema_at(SCHEMA, ["cards", 3, "unknown", "deeper"]))
    assert not allows_null(schema_at(None, ["cards"]))
