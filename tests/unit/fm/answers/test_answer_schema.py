from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mangaops.fm.answers.keywords import TYPES, refuse_unusable
from mangaops.fm.answers.repair.mend import repair_json
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
    ],
)
def test_types_are_those_of_json(value: object, name: str, fits: bool) -> None:
    assert satisfies(value, {"type": name}) is fits


def test_a_number_among_the_allowed_values_is_no_truth_value() -> None:
    assert satisfies({"mood": 1}, {"properties": SCHEMA["properties"]})
    assert not satisfies({"mood": True}, {"properties": SCHEMA["properties"]})


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"required": "a"}, "schema.required"),
        ({"properties": []}, "schema.properties"),
        ({"properties": {"a": {"items": 1}}}, "schema.properties.a.items"),
        ({"type": 3}, "schema.type"),
        ({"type": []}, "schema.type"),
        ({"type": "a type of next year"}, "schema.type"),
        ({"enum": "x"}, "schema.enum"),
        ({"minimum": float("nan")}, "schema.minimum"),
        ({"maximum": 10**5000}, "schema.maximum"),
        ({"minLength": True}, "schema.minLength"),
        ({"additionalProperties": {"pattern": "a"}}, "schema.additionalProperties: 'pattern'"),
        ({"anyOf": [{}, {"format": "date"}]}, "schema.anyOf[1]: 'format'"),
        ({"$ref": "#"}, "schema: '$ref'"),
        ({5: 1}, "schema: a keyword is a text"),
        (True, "schema: a JSON Schema is a mapping, not bool"),
        ([], "schema: a JSON Schema is a mapping, not list"),
    ],
)
def test_what_cannot_be_checked_is_refused_and_never_passes(schema: Any, place: str) -> None:
    with pytest.raises(ValueError, match=r"^schema") as refused:
        repair_json('{"b": [1]}', schema=schema)

    assert str(refused.value).startswith(place)


def test_a_schema_that_holds_itself_is_refused_and_one_used_twice_is_not() -> None:
    itself: dict[str, Any] = {}
    itself["anyOf"] = [itself, itself]
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"items": deep}
    for wrong in (itself, deep):
        with pytest.raises(ValueError, match="holds itself, or is more than 64 levels"):
            refuse_unusable(wrong)
    price = {"type": "number", "description": "yen"}
    refuse_unusable({"properties": {"a": price, "b": price}, "title": "Card"})
    refuse_unusable(None)


@pytest.mark.parametrize(
    ("value", "schema", "told"),
    [
        (-5, {"minimum": 0, "maximum": 10}, "less than 0"),
        (11, {"minimum": 0, "maximum": 10}, "more than 10"),
        (0, {"exclusiveMinimum": 0}, "not more than 0"),
        (1.5, {"exclusiveMaximum": 1.5}, "not less than 1.5"),
        ("ab", {"minLength": 3}, "shorter than 3"),
        ("ab", {"maxLength": 1}, "longer than 1"),
        ([], {"minItems": 1}, "fewer elements than 1"),
        ([1, 2], {"maxItems": 1}, "more elements than 1"),
        (1, {"const": True}, "not the only allowed value"),
        ([{"x": 2}], {"enum": [[{"x": 3}]]}, "none of the allowed values"),
        ([], {"anyOf": [{"type": "string"}, False]}, "none of the allowed shapes"),
        (1, False, "nothing is allowed"),
    ],
)
def test_each_keyword_is_checked(value: Any, schema: Any, told: str) -> None:
    whole = {"properties": {"a": schema}}

    assert violations({"a": value}, whole) == (f"{told} at /a",)


def test_keys_that_were_not_asked_for_are_told_where_they_are_not_allowed() -> None:
    closed = {"properties": {"a": {}}, "additionalProperties": False}
    numbers = {"additionalProperties": {"type": "number"}}

    assert violations({"a": 1, "b": 2}, closed) == ("nothing is allowed at /b",)
    assert violations({"a": 1, "b": "secret"}, numbers) == ("not number at /b",)


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (2, {"enum": [2.0]}),
        ({"a": [2.0]}, {"const": {"a": [2]}}),
        ("long", {"minimum": 5}),
        (True, {"maximum": 0}),
        (3, {"minLength": 5}),
        (3, {"anyOf": [{"type": "string"}, {"minimum": 3}]}),
        (3, {"anyOf": [True]}),
    ],
)
def test_what_fits_is_not_told(value: Any, schema: Any) -> None:
    assert violations({"a": value}, {"properties": {"a": schema}}) == ()


_LEAVES = st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(["", "a", "ab", 1.0])
_VALUES = st.recursive(
    _LEAVES,
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from("ab"), inside, max_size=2)
    ),
    max_leaves=6,
)
_SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1),
            "enum": st.lists(_VALUES, min_size=1, max_size=2),
            "const": _VALUES,
            "minimum": st.integers(0, 2),
            "exclusiveMaximum": st.integers(0, 2),
            "minLength": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "required": st.lists(st.sampled_from("ab"), unique=True),
        },
    ),
    lambda inside: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("ab"), inside | st.booleans()),
            "additionalProperties": inside | st.booleans(),
            "items": inside | st.booleans(),
            "anyOf": st.lists(inside | st.booleans(), min_size=1, max_size=2),
        },
    ),
    max_leaves=4,
)


@given(value=_VALUES, schema=_SCHEMAS)
@settings(max_examples=60, deadline=None)
def test_it_judges_as_a_whole_checker_of_json_schema_does(value: Any, schema: Any) -> None:
    refuse_unusable(schema)

    assert satisfies(value, schema) is Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "allowed"),
    [
        ({"enum": [1, None]}, True),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, True),
        ({"const": None}, True),
        ({"type": "number", "enum": [1, None]}, False),
        ({"anyOf": [{}, True]}, False),
        ({"minimum": 1}, False),
    ],
)
def test_null_is_allowed_where_the_schema_says_so(schema: Any, allowed: bool) -> None:
    assert allows_null(schema) is allowed


def test_the_part_of_a_schema_may_be_behind_several_shapes() -> None:
    card = {"properties": {"price": {"type": ["number", "null"]}}}

    assert allows_null(schema_at({"anyOf": [card, {"type": "null"}]}, ["price"]))
    assert schema_at({"anyOf": [card, card]}, ["price"]) is None
    assert allows_null(schema_at({"additionalProperties": card}, ["any", "price"]))


def test_the_part_of_a_schema_for_a_place_is_found() -> None:
    assert allows_null(schema_at(SCHEMA, ["cards", 3, "price"]))
    assert not allows_null(schema_at(SCHEMA, ["cards", 3, "id"]))
    assert not allows_null(schema_at(SCHEMA, ["cards", 3, "unknown", "deeper"]))
    assert not allows_null(schema_at(None, ["cards"]))
