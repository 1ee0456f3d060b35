"""The repair policy, rule by rule, and the defects it was written against."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mangaops.fm.answers.repair.mend import repair_json
from mangaops.fm.answers.repaired import RepairState

CARDS = {
    "required": ["response_text"],
    "properties": {
        "response_text": {"type": "string"},
        "recommendations": {"items": {"required": ["product_id", "title"]}},
        "discount": {"type": ["number", "null"]},
    },
}


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"a": 1}',
        '  {"a": [1, 2.50, -0.0, 1e5, true, null, "x"]}\n',
        '{"text": "brackets ]}, commas ,] and ``` fences"}',
        '{"emoji": "\\ud83d\\ude00", "escaped": "\\"\\\\\\/\\n\\u0000"}',
        '{"large": 123456789012345678901234567890}',
        '{"deep": ' + "[" * 199 + "]" * 199 + "}",
    ],
)
def test_a_valid_object_is_left_as_it_is(text: str) -> None:
    result = repair_json(text)

    assert (result.state, result.repairs, result.issues) == (RepairState.VALID, (), ())
    assert json.dumps(result.value) == json.dumps(json.loads(text))
    assert result.may_act


@pytest.mark.parametrize(
    ("text", "value", "repair"),
    [
        ('\ufeff{"a": 1}', {"a": 1}, 'byte order mark at ""'),
        ('{"a": [1, 2, ]}', {"a": [1, 2]}, "trailing comma at /a"),
        ('{"a": {"b": 1,},}', {"a": {"b": 1}}, "trailing comma at /a"),
        ('{"a": 1 // one\n}', {"a": 1}, 'comment at ""'),
        ('{"a": /* one */ 1}', {"a": 1}, 'comment at ""'),
        ('{"a": 1 # one\n}', {"a": 1}, 'comment at ""'),
        ('{"a": "one\ntwo\tthree"}', {"a": "one\ntwo\tthree"}, "control character at /a"),
        ("{'a': 'it\\'s \"so\"'}", {"a": 'it\'s "so"'}, "single quotes at /a"),
        ("{\u201ca\u201d: \u201cb\u201d}", {"a": "b"}, "full-width quotes at /a"),
        ("{\uff02a\uff02: \u2018b\u2019}", {"a": "b"}, "full-width quotes at /a"),
        ('{"a"\uff1a1\uff0c"b":2}', {"a": 1, "b": 2}, "full-width punctuation at /a"),
        ('{"a": True, "b": None}', {"a": True, "b": None}, "literal at /a"),
        ('{"a": undefined}', {"a": None}, "literal at /a"),
        ('{"a": [1, {"b": 2], "c": 3}', {"a": [1, {"b": 2}], "c": 3}, "missing closer at /a/1"),
        ('{"a": [1, 2}', {"a": [1, 2]}, "missing closer at /a"),
        ('{"a": "x\\ud800y"}', {"a": "xy"}, "lone surrogate at /a"),
        ('{"a": "x\ud800y"}', {"a": "xy"}, "lone surrogate at /a"),
        ('```json\n{"a": 1}\n```', {"a": 1}, 'fence at ""'),
        ('Sure:\n```\n{"a": 1}\n```\nAnything else?', {"a": 1}, 'prose at ""'),
        ('Here (see [1], or [so]): {"a": 1} {really}.', {"a": 1}, 'prose at ""'),
        ('{"a~/b": [1,]}', {"a~/b": [1]}, "trailing comma at /a~0~1b"),
    ],
)
def test_a_slip_that_means_one_thing_is_mended_and_told(
    text: str, value: dict[str, Any], repair: str
) -> None:
    result = repair_json(text)

    assert (result.state, result.value) == (RepairState.REPAIRED, value)
    assert repair in result.repairs
    assert result.may_act


@pytest.mark.parametrize(
    "text",
    [
        '{"a" 1}',
        '{"a": 1 "b": 2}',
        "{a: 1}",
        '{"a": 1,, "b": 2}',
        "{,}",
        '{"a": }',
        '{"a": 01}',
        '{"a": +1}',
        '{"a": 1 2}',
        '{"a": yes}',
        '{"a": "it\'s" and "more"}',
        '{"a": "\\x41"}',
        "{'a': 'it's'}",
        '{"a": 1]',
        '{"a": "x" / "y"}',
        '{\u201ca": 1, \u201cb\u201d: 2}',
        "{\u201ca: 1, \u201cb\u201d: 2}",
        '{"a": ' + "9" * 5_000 + "}",
        "[" * 5_000,
        '{"a": ' + "[" * 200 + "]" * 200 + "}",
        "no JSON at all",
        "'text'",
        "[see below]",
    ],
)
def test_what_is_not_allowed_is_not_guessed(text: str) -> None:
    result = repair_json(text)

    assert (result.state, result.value) == (RepairState.UNREPAIRABLE, None)
    assert result.issues
    assert not result.may_act


@pytest.mark.parametrize("text", ["", "  \n", "\ufeff", "\u3000"])
def test_nothing_is_empty(text: str) -> None:
    assert repair_json(text).state is RepairState.EMPTY


def test_what_stands_in_a_closed_text_stays_as_it_is() -> None:
    result = repair_json('{"list: [a, ]": "[a, ] // no, ```\\n``` and {\'x\': True,}", "b": [1,],}')

    assert result.value == {"list: [a, ]": "[a, ] // no, ```\n``` and {'x': True,}", "b": [1]}


def test_closers_that_are_missing_come_in_the_order_of_the_stack() -> None:
    result = repair_json('{"a":[{"b":"x"', stop_reason="end_turn")

    assert (result.state, result.value) == (RepairState.REPAIRED, {"a": [{"b": "x"}]})
    assert result.repairs == (
        "missing closer at /a/0",
        "missing closer at /a",
        'missing closer at ""',
    )


@pytest.mark.parametrize(
    "stop_reason", [None, "max_tokens", "something_new", "guardrail_intervened"]
)
def test_closers_are_not_missing_but_cut_where_nobody_says_the_end_was_meant(
    stop_reason: str | None,
) -> None:
    result = repair_json('{"a":[{"b":"x"}', stop_reason=stop_reason)

    assert (result.state, result.value) == (RepairState.TRUNCATED, {"a": [{"b": "x"}]})
    assert not result.may_act


@pytest.mark.parametrize(
    ("text", "value", "dropped"),
    [
        ('{"title": "x", "price": 12', {"title": "x"}, ("/price",)),
        ('{"price": 12.', {}, ("/price",)),
        ('{"in_stock": tru', {}, ("/in_stock",)),
        ('{"in_stock": true', {}, ("/in_stock",)),
        ('{"title": "Hunt', {}, ("/title",)),
        ('{"title":', {}, ("/title",)),
        ('{"title"', {}, ("/title",)),
        ('{"tit', {}, ()),
        ('{"a": 1,', {"a": 1}, ()),
        ('{"a": [1, 2', {"a": [1]}, ("/a/1",)),
        ('{"a": [1, {"b": 2, "c": "x', {"a": [1, {"b": 2}]}, ("/a/1/c",)),
        ('{"price": 1299, "price": 9', {}, ("/price",)),
        ('{"price": 1299, "price"', {}, ("/price",)),
    ],
)
@pytest.mark.parametrize("stop_reason", [None, "max_tokens", "end_turn"])
def test_what_touches_the_end_was_not_seen_whole(
    text: str, value: dict[str, Any], dropped: tuple[str, ...], stop_reason: str | None
) -> None:
    result = repair_json(text, stop_reason=stop_reason)

    assert (result.state, result.value, result.dropped) == (RepairState.TRUNCATED, value, dropped)
    assert not result.may_act


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ('{"text": "Hello wor', "Hello wor"),
        ('{"text": "Hello\\', "Hello"),
        ('{"text": "Hello\\u30', "Hello"),
        ('{"text": "Hello \\ud83d', "Hello "),
        ('{"text": "Hello \\ud83d\\ude', "Hello "),
        ('{"text": "\\\\u30', "\\u30"),
        ("{'text': 'Hel", "Hel"),
    ],
)
def test_a_free_text_is_kept_as_far_as_it_came(text: str, seen: str) -> None:
    result = repair_json(text, free_text=["/text"], stop_reason="max_tokens")

    assert (result.state, result.value) == (RepairState.TRUNCATED, {"text": seen})
    assert (result.partial, result.dropped) == (("/text",), ())


def test_a_free_text_may_stand_at_any_position_of_a_list() -> None:
    text = '{"cards": [{"why": "a"}, {"why": "b'
    result = repair_json(text, free_text=["/cards/*/why"])

    assert result.value == {"cards": [{"why": "a"}, {"why": "b"}]}
    assert result.partial == ("/cards/1/why",)
    assert repair_json(text, free_text=["/cards/0/why"]).partial == ()


def test_a_cut_element_without_its_required_keys_goes_as_a_whole() -> None:
    text = (
        '{"response_text": "x", "recommendations": [{"product_id": "a", "title": "A"}, '
        '{"product_id": "b", "title": "B'
    )
    result = repair_json(text, schema=CARDS)

    assert result.value == {
        "response_text": "x",
        "recommendations": [{"product_id": "a", "title": "A"}],
    }
    assert (result.state, result.dropped) == (RepairState.TRUNCATED, ("/recommendations/1",))


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "nan", "-inf"])
def test_a_number_that_is_not_finite_is_none(word: str) -> None:
    text = f'{{"response_text": "x", "discount": {word}}}'

    assert repair_json(text).state is RepairState.UNREPAIRABLE
    result = repair_json(text, schema=CARDS)
    assert (result.state, result.value["discount"]) == (RepairState.REPAIRED, None)
    assert result.repairs == ("not a finite number at /discount",)


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '{"b": [], "a": 1, "a": 2, "c": [{"x": 1, "x": 2}]}']
)
def test_of_a_key_that_stands_twice_the_last_counts(text: str) -> None:
    result = repair_json(text)

    assert (result.state, result.value) == (RepairState.VALID, json.loads(text))
    assert "the key stands twice, and the last counts, at /a" in result.issues


@pytest.mark.parametrize(
    "text", ["[1, 2]", "42", '"text"', "null", '[{"a": 1}, {"a": 2}]', "```\n[1,]\n```"]
)
def test_what_is_no_object_has_the_wrong_shape(text: str) -> None:
    result = repair_json(text)

    assert (result.state, result.issues) == (RepairState.WRONG_SHAPE, ("not an object",))
    assert not result.may_act


@pytest.mark.parametrize(
    "text",
    [
        '{"products": null}',
        '{"response_text": 1}',
        '{"response_text": "x", "recommendations": [{"product_id": "a"}]}',
        '```\n{"products": ["B00ZI7AGUW"],}\n```',
    ],
)
def test_an_object_without_the_shape_asked_for_is_given_with_what_is_wrong(text: str) -> None:
    result = repair_json(text, schema=CARDS)

    assert result.state is RepairState.WRONG_SHAPE
    assert isinstance(result.value, dict)
    assert result.issues
    assert not result.may_act


DRAFT = '```json\n{"response_text": "draft"}\n```\n'
FINAL = 'Better:\n```json\n{"response_text": "final"}\n```'


def test_the_last_object_with_the_shape_is_the_answer() -> None:
    result = repair_json(DRAFT + FINAL, schema=CARDS)
    assert (result.state, result.value) == (RepairState.REPAIRED, {"response_text": "final"})

    other = repair_json(f'{DRAFT}{{"note": 1}}', schema=CARDS)
    assert other.value == {"response_text": "draft"}


@pytest.mark.parametrize(
    "text", [DRAFT + FINAL, '{"a": 1} {"a": true}', '{"a": 1} {"a": 1.0}', '[{"a": 1}] {"a": 1}']
)
def test_of_two_objects_that_differ_nobody_chooses(text: str) -> None:
    result = repair_json(text)

    assert (result.state, result.value) == (RepairState.AMBIGUOUS, None)


def test_the_same_object_twice_is_one() -> None:
    result = repair_json('{"a": 1, "b": [2]}\n\n{"b": [2], "a": 1}')

    assert (result.state, result.value) == (RepairState.REPAIRED, {"a": 1, "b": [2]})


def test_a_draft_before_a_final_object_that_is_cut_is_not_acted_on() -> None:
    result = repair_json(DRAFT + '{"response_text": "final", "discount": 1', schema=CARDS)
    assert (result.state, result.value) == (RepairState.TRUNCATED, {"response_text": "final"})

    other = repair_json(DRAFT + '{"respo', schema=CARDS, stop_reason="max_tokens")
    assert (other.state, other.value) == (RepairState.TRUNCATED, {"response_text": "draft"})

    prose = repair_json(DRAFT + "Better: ", schema=CARDS, stop_reason="max_tokens")
    assert prose.state is RepairState.TRUNCATED


def test_a_draft_before_a_final_object_that_cannot_be_read_is_not_the_answer() -> None:
    result = repair_json(DRAFT + '{"response_text": "final" oops}', schema=CARDS)

    assert (result.state, result.value) == (RepairState.AMBIGUOUS, None)


def test_a_broken_draft_before_the_final_object_does_not_matter() -> None:
    text = '```json\n{"response_text": "dra", oops\n```\n' + FINAL

    assert repair_json(text, schema=CARDS).value == {"response_text": "final"}


@pytest.mark.parametrize(
    "text", ['{answer: {"price": 5}}', '{"cart" {"price": 5}}', '[{"price": 4} {"price": 5}]']
)
def test_a_part_of_what_cannot_be_read_is_no_answer(text: str) -> None:
    assert repair_json(text).state is RepairState.UNREPAIRABLE


def test_a_fence_may_stand_in_a_text() -> None:
    fenced = '```json\n{"answer": "Use ```python\\nprint()\\n``` here"}\n```'
    assert repair_json(fenced).value == {"answer": "Use ```python\nprint()\n``` here"}

    raw = '```json\n{"answer": "so:\n```\nprint()\n```\n", "b": 1}\n```'
    assert repair_json(raw).value == {"answer": "so:\n```\nprint()\n```\n", "b": 1}


def test_an_object_in_a_closed_fence_lacks_its_closers_but_nothing_else() -> None:
    result = repair_json('```json\n{"a": [1, 2\n```\nThat is all.')

    assert (result.state, result.value) == (RepairState.REPAIRED, {"a": [1, 2]})


def test_whoever_logs_a_repair_has_its_names_without_the_answers_keys() -> None:
    result = repair_json('{"secret": [1,], "at home": [True,],}')

    assert result.mends == ("trailing comma", "literal")
