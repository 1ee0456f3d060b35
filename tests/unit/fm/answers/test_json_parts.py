"""What stands in a text, a comment or a cut object is no answer; nor is a draft."""

from __future__ import annotations

from typing import Any

import pytest

from mangaops.fm.answers.repair.mend import repair_json
from mangaops.fm.answers.repaired import RepairState

PRICED = {"required": ["price"], "properties": {"price": {"type": "number"}}}
NOT_ONE = [None, "end_turn", "max_tokens"]


@pytest.mark.parametrize("inner", ["{'price': 5}", '{"price": 5}', "{}", '{\\"price\\": 5}'])
@pytest.mark.parametrize("schema", [None, PRICED])
@pytest.mark.parametrize("stop_reason", NOT_ONE)
def test_a_block_in_a_text_of_an_object_that_is_cut_is_no_answer(
    inner: str, schema: dict[str, Any] | None, stop_reason: str | None
) -> None:
    whole = f'{{"reply": "see\n```json\n{inner}\n```\nend", "price": 1299}}'
    for text in (whole, f"```json\n{whole}"):
        for end in range(len(text) - 1):
            result = repair_json(text[:end], schema=schema, stop_reason=stop_reason)
            assert not result.may_act or stop_reason == "end_turn"  # only closers are missing
            assert set(result.value or ()) <= {"reply"}


@pytest.mark.parametrize(
    "final",
    [
        "Final: {price: 13}",
        "Final: {price: 13",
        "Final: {pri",
        '{"price" 13}',
        '{,"price": 13}',
        '{{"price": 13}}',
        '{"price": 13,,}',
        "[{price: 13}]",
        '[{"price": 13}, {"price": 14}, oops]',
        '[{"price": 13}, oops',
        '["price", oops]',
        "```json\n{\n  price: 13\n}\n```",
        "```json\n{\n  price: 13\n```",
    ],
)
@pytest.mark.parametrize("schema", [None, PRICED])
@pytest.mark.parametrize("stop_reason", NOT_ONE)
def test_what_follows_and_cannot_be_read_makes_the_object_a_draft(
    final: str, schema: dict[str, Any] | None, stop_reason: str | None
) -> None:
    result = repair_json(f'{{"price": 12}}\n{final}', schema=schema, stop_reason=stop_reason)

    assert result.state in {RepairState.AMBIGUOUS, RepairState.TRUNCATED}


@pytest.mark.parametrize(
    "prose",
    ["{see below}", "{don't}", "[1 of 2]", "[1, 2 or so]", "[so] [see {this}]", "f(x) = {}x"],
)
def test_prose_in_brackets_is_no_final_object(prose: str) -> None:
    result = repair_json(f'{{"price": 12}}\n{prose}', schema=PRICED)

    assert (result.state, result.value) == (RepairState.REPAIRED, {"price": 12})
    assert result.repairs == ('prose at ""',)


@pytest.mark.parametrize(
    "text",
    [
        "['\\d {\"price\": 5} ']",
        '[\u201c\\q {"price": 5} \u201d]',
        "Answer: [\"\\u12 {'price': 5}\"]",
        "{'reply': x 'see } {\"price\": 5} end'}",
        '{"reply": "say "hi } or {\'price\': 5} ok", "price": 12}',
        '{"reply" oops}: "see {\'price\': 5}"',
        '{"reply": yes "see\n```\n{\'price\': 5}\n```\n"}',
    ],
)
@pytest.mark.parametrize("schema", [None, PRICED])
def test_a_part_of_a_text_in_what_cannot_be_read_is_no_answer(
    text: str, schema: dict[str, Any] | None
) -> None:
    assert repair_json(text, schema=schema).state is RepairState.UNREPAIRABLE


@pytest.mark.parametrize(
    "text", ['"reply": \'see {"price": 5}\', "price": 12}', '"product": {"price": 5}}']
)
def test_an_object_in_one_whose_beginning_is_not_there_is_no_answer(text: str) -> None:
    assert repair_json(text).state is RepairState.AMBIGUOUS


def test_a_closer_too_many_behind_the_object_is_prose() -> None:
    assert repair_json('{"price": 12}}').value == {"price": 12}


@pytest.mark.parametrize(
    "text",
    [
        '{"price": 12} // was {"price": 15}',
        '{"price": 12}\n// was {"price": 15}\n',
        '{"price": 12}\n/* draft: {"price": 15} */',
        '{"price": 12} /* was {"pri',
        '{"price": 12} # was {"price": 15}',
        '// draft {"price": 15}\n{"price": 12}',
        'See https://x.example/ {"price": 12}',
        '# The answer {"price": 12}',
    ],
)
def test_a_comment_around_the_object_is_no_answer(text: str) -> None:
    assert repair_json(text, schema=PRICED).value == {"price": 12}


def test_of_a_heading_that_may_be_a_comment_nobody_decides() -> None:
    result = repair_json('{"price": 12}\n# was {"price": 15}', schema=PRICED)

    assert result.state is RepairState.AMBIGUOUS


@pytest.mark.parametrize("behind", ["Note [1 of 2]: the price is", "Wait. {pri", "{so} and"])
def test_what_was_cut_behind_a_fence_makes_a_draft(behind: str) -> None:
    fenced = '```json\n{"price": 12}\n```'
    result = repair_json(f"{fenced}\n{behind}", schema=PRICED, stop_reason="max_tokens")
    assert result.state is RepairState.TRUNCATED

    assert repair_json(fenced, schema=PRICED, stop_reason="max_tokens").may_act


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        ('Code:\n```js\nif (x) { y }\n```\n{"price": 12}', 'prose at ""'),
        ('{"price": 12}\u3000', 'full-width punctuation at ""'),
        ('\u3000{"price": 12}', 'full-width punctuation at ""'),
        ('{"price": 12}\u2028', 'prose at ""'),
    ],
)
def test_what_is_no_json_as_it_is_was_mended(text: str, repair: str) -> None:
    result = repair_json(text, schema=PRICED)

    assert (result.state, result.repairs) == (RepairState.REPAIRED, (repair,))


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        ('{"t": "a\nb', "control character at /t"),
        ('{"t": \u201ca', "full-width quotes at /t"),
        ("{'t': 'a", "single quotes at /t"),
        ('{"t": "a\\ud83db', "lone surrogate at /t"),
    ],
)
def test_what_was_mended_in_a_text_that_is_kept_is_told(text: str, repair: str) -> None:
    assert repair in repair_json(text, free_text="/t").repairs
    assert repair_json(text).repairs.count(repair) == text.count("'t'")


@pytest.mark.parametrize(
    ("free_text", "partial"), [("/t", ("/t",)), (None, ()), ([None], ()), ([None, "/t"], ("/t",))]
)
def test_one_pointer_is_as_good_as_a_list_of_it(free_text: Any, partial: tuple[str, ...]) -> None:
    assert repair_json('{"t": "a', free_text=free_text, stop_reason=5).partial == partial  # type: ignore[arg-type]


def test_half_a_pair_is_dropped_and_a_pair_is_left_as_it_is() -> None:
    assert repair_json('{"a": "\\ud83d\\ude00"}').state is RepairState.VALID
    assert repair_json('{"a": "\\\\ud83d"}').state is RepairState.VALID
    assert repair_json('{"a": "\\ud83d"}').state is RepairState.REPAIRED
