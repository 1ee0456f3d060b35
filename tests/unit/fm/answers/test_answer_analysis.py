from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mangaops.fm.answers.analysis import analyse
from mangaops.fm.answers.repaired import RepairState
from mangaops.fm.answers.stop_reason import StopKind
from mangaops.fm.requests.request import Request, user
from mangaops.fm.transport.raw import RawAnswer

WORDS = Request(intent="faq", messages=(user("Hours?"),))
CARDS = Request(
    intent="recommendation",
    messages=(user("Something like Naruto?"),),
    schema={"required": ["response_text"], "properties": {"response_text": {"type": "string"}}},
    free_text=("/response_text",),
)


def _raw(
    *texts: str, stop: str | None = "end_turn", more: tuple[Mapping[str, Any], ...] = ()
) -> RawAnswer:
    return RawAnswer(
        blocks=(*({"text": text} for text in texts), *more),
        stop_reason=stop,
        usage=None,
        request_id=None,
        http_status=200,
        first_token_s=None,
        total_s=1.0,
    )


def test_json_that_is_split_over_blocks_is_one_text() -> None:
    reasoning = {"reasoningContent": {"reasoningText": {"text": '{"draft": 1}'}}}
    found = analyse(_raw('{"response_te', 'xt": "a"}', more=(reasoning,)), CARDS)

    assert (found.usable, found.value, found.note) == (True, {"response_text": "a"}, None)


@pytest.mark.parametrize(
    ("text", "stop", "problem", "note"),
    [
        ("We open at ten.", "end_turn", None, None),
        ("We open at", "max_tokens", None, "the answer was cut"),
        ("  ", "end_turn", "the answer is empty", None),
        ("We", None, "nothing says that the answer is whole", None),
        ("We", "malformed_model_output", "the model says that its answer is malformed", None),
        ("We", "guardrail_intervened", "the answer was blocked", None),
    ],
)
def test_words_are_judged_by_why_they_stop(
    text: str, stop: str | None, problem: str | None, note: str | None
) -> None:
    found = analyse(_raw(text, stop=stop), WORDS)

    assert (found.problem, found.note, found.text) == (problem, note, text)


@pytest.mark.parametrize(
    ("text", "stop", "kind", "problem", "cut"),
    [
        ('{"response_text": "a"}', "end_turn", StopKind.COMPLETE, None, False),
        ('{"response_text": "a"}', "max_tokens", StopKind.TRUNCATED, None, True),
        ('{"response_text": "a"', "end_turn", StopKind.COMPLETE, None, False),
        ('{"response_text": "a', "end_turn", StopKind.MALFORMED, "the answer's JSON was cut", True),
        (
            '{"response_text": "a',
            "max_tokens",
            StopKind.TRUNCATED,
            "the answer's JSON was cut",
            True,
        ),
        ('{"response_text": "a"}', "refusal", StopKind.BLOCKED, "the answer was blocked", False),
        (
            '{"response_text": "a"}',
            "malformed_model_output",
            StopKind.MALFORMED,
            "the model says that its answer is malformed",
            False,
        ),
        (
            '{"products": null}',
            "end_turn",
            StopKind.COMPLETE,
            "the answer is no JSON that can be used (wrong_shape)",
            False,
        ),
        (
            "",
            "end_turn",
            StopKind.COMPLETE,
            "the answer is no JSON that can be used (empty)",
            False,
        ),
    ],
)
def test_json_is_judged_by_what_it_is(
    text: str, stop: str, kind: StopKind, problem: str | None, cut: bool
) -> None:
    found = analyse(_raw(text, stop=stop), CARDS)

    assert (found.kind, found.problem, found.cut) == (kind, problem, cut)


def test_what_was_mended_and_removed_is_noted_without_a_word_of_the_answer() -> None:
    text = '{"response_text": "Secret", "recommendations": [{"asin": "secret"}], "secret": True,}'
    found = analyse(_raw(text), CARDS)

    assert found.value == {"response_text": "Secret", "recommendations": [], "secret": True}
    assert found.note == (
        "its JSON was mended (literal, trailing comma), "
        "and 1 product of it could not be shown to exist, "
        "and its texts name what could not be shown to exist"
    )
    assert found.problem == "none of the products that it names exists"
    assert found.repair is not None
    assert found.repair.state is RepairState.REPAIRED


def test_a_catalogue_is_asked_for_the_products_of_an_answer() -> None:
    text = '{"response_text": "a", "products": [{"asin": "B00ZI7AGUW"}, {"asin": "B0AAAAAAAA"}]}'
    found = analyse(_raw(text), CARDS, known_products=lambda ids: set(ids) - {"B0AAAAAAAA"})

    assert found.products is not None
    assert found.products.ids == ("B00ZI7AGUW",)
    assert found.usable


SEARCH = {"toolSpec": {"name": "search", "inputSchema": {"json": {"type": "object"}}}}


def _use(given: Any = None, name: str = "search") -> Mapping[str, Any]:
    given = {"q": "x"} if given is None else given
    return {"toolUse": {"toolUseId": "1", "name": name, "input": given}}


def test_a_call_of_a_tool_is_an_answer() -> None:
    use = _use()
    found = analyse(_raw("", stop="tool_use", more=(use,)), replace(CARDS, tools=(SEARCH,)))

    assert found.usable
    assert found.tools == (use["toolUse"],)


@pytest.mark.parametrize("asked", [WORDS, CARDS], ids=["words", "json"])
@pytest.mark.parametrize(
    ("stop", "more", "problem"),
    [
        ("max_tokens", (_use(),), "its call of a tool was cut"),
        ("max_tokens", (_use('{"q": "'),), "its call of a tool was cut"),
        ("tool_use", (_use('{"q": "'),), "its call of a tool cannot be read"),
        ("tool_use", (_use([1]),), "its call of a tool cannot be read"),
        (
            "tool_use",
            ({"toolUse": {"name": "search", "input": {}}},),
            "its call of a tool cannot be read",
        ),
        (
            "tool_use",
            ({"toolUse": {"toolUseId": "1", "input": {}}},),
            "its call of a tool cannot be read",
        ),
        ("tool_use", ({"toolUse": None},), "its call of a tool cannot be read"),
        ("tool_use", (_use(), _use(name="buy")), "it calls a tool that it was not offered"),
        ("tool_use", (), "it stopped for a tool, and calls none"),
        ("strange", (_use(),), "nothing says that its call of a tool is whole"),
        (None, (_use(),), "nothing says that its call of a tool is whole"),
        ("malformed_tool_use", (_use(),), "the model says that its answer is malformed"),
    ],
)
def test_a_call_of_a_tool_that_is_not_whole_is_none(
    asked: Request, stop: str | None, more: tuple[Mapping[str, Any], ...], problem: str
) -> None:
    text = '{"response_text": "a"}'
    found = analyse(_raw(text, stop=stop, more=more), replace(asked, tools=(SEARCH,)))

    assert (found.problem, found.tools) == (problem, ())


@pytest.mark.parametrize("asked", [WORDS, CARDS], ids=["words", "json"])
def test_who_was_offered_no_tools_calls_none(asked: Request) -> None:
    found = analyse(_raw("", stop="tool_use", more=(_use(),)), asked)

    assert found.problem == "it calls a tool that it was not offered"


@pytest.mark.parametrize("stop", ["weird_new_reason", None, ""])
def test_json_that_nothing_calls_whole_is_not_taken_for_whole(stop: str | None) -> None:
    found = analyse(_raw('{"response_text": "a"}', stop=stop), CARDS)

    assert (found.kind, found.problem) == (
        StopKind.UNKNOWN,
        "nothing says that the answer is whole",
    )


_CARD = {"type": "object", "required": ["product"]}


@pytest.mark.parametrize(
    ("text", "schema", "problem"),
    [
        (
            '{"product": {"product_id": "B0GONE0001"}, "products": ["B00ZI7AGUW"]}',
            _CARD,
            "without the products that do not exist it has not the shape that was asked for",
        ),
        ('{"product": {"product_id": "X"}}', _CARD, "none of the products that it names exists"),
        ('{"recommendations": ["B0GONE0001"]}', {}, "none of the products that it names exists"),
        ('{"asin": "B0GONE0001", "price": 5}', {}, "none of the products that it names exists"),
        ('{"products": ["B0GONE0001", "B00ZI7AGUW"]}', {}, None),
        (
            '{"products": ["B0GONE0001", "B00ZI7AGUW"]}',
            {"properties": {"products": {"minItems": 2}}},
            "without the products that do not exist it has not the shape that was asked for",
        ),
    ],
)
def test_what_is_left_without_its_products_is_looked_at_again(
    text: str, schema: Any, problem: str | None
) -> None:
    found = analyse(
        _raw(text), replace(CARDS, schema=schema), known_products=lambda _: {"B00ZI7AGUW"}
    )

    assert found.problem == problem


def test_of_a_catalogue_that_is_away_no_empty_answer_is_made() -> None:
    away: Any = lambda _: None  # noqa: E731 - a catalogue
    alone = analyse(_raw('{"asin": "B00ZI7AGUW"}'), replace(CARDS, schema={}), known_products=away)
    listed = analyse(
        _raw('{"products": ["B00ZI7AGUW"]}'), replace(CARDS, schema={}), known_products=away
    )

    assert alone.problem is not None
    assert (listed.problem, listed.value) == (None, {"products": []})


@pytest.mark.parametrize(
    "blocks", [(None,), ("toolUse",), (5, {"text": "a"}), None, ({"text": 5},)]
)
@pytest.mark.parametrize("stop", ["end_turn", 5, ["x"], None])
@pytest.mark.parametrize("asked", [WORDS, CARDS], ids=["words", "json"])
def test_odd_blocks_and_stop_reasons_break_nothing(blocks: Any, stop: Any, asked: Request) -> None:
    raw = replace(_raw(""), blocks=blocks, stop_reason=stop)

    assert analyse(raw, replace(asked, tools=({"toolSpec": None},))).value is None


def test_a_schema_that_cannot_be_checked_makes_no_answer() -> None:
    found = analyse(_raw('{"p": 1}'), replace(CARDS, schema={"pattern": "a"}))

    assert (found.problem, found.value) == ("its schema cannot be checked", None)
