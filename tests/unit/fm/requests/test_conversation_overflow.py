"""A conversation that is too long loses its oldest exchanges, and the model is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops.fm import Registry, Request, user, validate_request
from mangaops.fm.requests.issue import errors_of
from mangaops.fm.requests.overflow import Messages, exchanges_of, fit
from mangaops.fm.requests.request import Operation
from mangaops.fm.requests.tokens import estimate_request

TOOL = {"toolSpec": {"name": "find", "inputSchema": {"json": {"type": "object"}}}}


def said(words: int) -> Mapping[str, Any]:
    return {"role": "assistant", "content": [{"text": "word " * words}]}


def used(name: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    use = {"toolUse": {"toolUseId": name, "name": "find", "input": {}}}
    result = {"toolResult": {"toolUseId": name, "content": [{"text": "word " * 50}]}}
    return {"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}


LONG = Request(
    intent="faq",
    system="You sell manga.",
    messages=(
        user("first " * 100),
        *used("t1"),
        said(100),
        user("second " * 100),
        said(100),
        user("third"),
    ),
    max_tokens=100,
    tools=(TOOL,),
)


def text_of(message: Mapping[str, Any]) -> str:
    content = message["content"]
    return content if isinstance(content, str) else str(content[0].get("text"))


def test_what_fits_stays_as_it_is() -> None:
    fitted = fit(LONG, estimate_request(LONG))
    assert (fitted.request, fitted.dropped, fitted.fits) == (LONG, 0, True)
    assert fitted.tokens == estimate_request(LONG)


def test_the_oldest_exchange_goes_first_with_its_tools() -> None:
    fitted = fit(LONG, estimate_request(LONG) - 1)
    assert fitted.dropped == 4
    assert fitted.request.system == LONG.system
    assert fitted.request.messages[1:] == LONG.messages[5:]
    first = fitted.request.messages[0]["content"]
    assert first[0]["text"].startswith("[The 4 oldest messages")
    assert first[1] == {"text": "second " * 100}
    assert fitted.tokens == estimate_request(fitted.request)


def test_the_last_exchange_always_stays() -> None:
    fitted = fit(LONG, 100)
    assert (fitted.dropped, fitted.fits) == (6, True)
    assert len(fitted.request.messages) == 1
    assert fitted.request.messages[0]["content"][1] == {"text": "third"}


def test_a_last_exchange_that_is_too_long_alone_loses_nothing() -> None:
    alone = Request(intent="faq", messages=(user("a"), said(1), user("word " * 500)))
    fitted = fit(alone, 300)
    assert (fitted.request, fitted.dropped, fitted.fits) == (alone, 0, False)
    assert fitted.tokens > 300


def test_the_turn_under_way_keeps_its_tools() -> None:
    request = Request(
        intent="faq", messages=(user("old " * 300), said(1), user("new"), *used("t1"))
    )
    fitted = fit(request, 250)
    assert fitted.dropped == 2
    assert [message["role"] for message in fitted.request.messages] == ["user", "assistant", "user"]


def test_the_correction_of_the_model_counts() -> None:
    limit = estimate_request(LONG)
    assert fit(LONG, limit, factor=0.7).dropped == 0
    assert fit(LONG, limit, factor=1.2).dropped == 4


def test_a_summary_stands_for_what_is_gone() -> None:
    gone: list[Messages] = []

    def summarise(messages: Messages) -> str:
        gone.append(messages)
        return " They asked for the first volume. "

    fitted = fit(LONG, 500, summarise=summarise)
    assert fitted.summarised
    assert gone == [LONG.messages[:6]]
    note = text_of(fitted.request.messages[0])
    assert note.endswith("in short: They asked for the first volume.]")


def test_without_a_usable_summary_the_note_says_enough() -> None:
    def broken(_messages: Messages) -> str:
        raise RuntimeError("the model that summarises is down")

    odd: Any = lambda _: 5  # noqa: E731 - one of several
    for summarise in (
        broken,
        odd,
        lambda _: None,
        lambda _: "  ",
        lambda _: "half \ud800",
        lambda _: "word " * 2000,
    ):
        assert fit(LONG, 500, summarise=summarise) == fit(LONG, 500)


def test_a_summary_that_does_not_fit_gives_way_to_the_note() -> None:
    messages = (user("x" * 700), said(140), user("x" * 700), said(140), user("last"))
    request = Request(intent="faq", messages=messages, max_tokens=10)
    short, long = (
        fit(request, 60, summarise=lambda _: "short"),
        fit(request, 60, summarise=lambda _: "word " * 100),
    )
    assert (short.fits, short.summarised, short.dropped) == (True, True, 4)
    assert (long.fits, long.summarised, long.dropped) == (True, False, 4)
    assert max(short.tokens, long.tokens) <= 60


def test_anthropics_own_tool_pairs_are_not_torn() -> None:
    use = {"type": "tool_use", "id": "1", "name": "find", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "1", "content": "x" * 300}
    request = Request(
        intent="faq",
        operation=Operation.INVOKE_MODEL,
        messages=(
            user("x" * 700),
            {"role": "assistant", "content": [use]},
            {"role": "user", "content": [result]},
            {"role": "assistant", "content": "ok"},
            {"role": "user", "content": [{"type": "text", "text": "last"}]},
        ),
        max_tokens=10,
        tools=(TOOL,),
    )
    for limit in range(60, 390, 30):
        fitted = fit(request, limit)
        assert errors_of(validate_request(fitted.request, Registry())) == ()
        assert fitted.dropped in (0, 4)
        if fitted.dropped:
            assert [block["type"] for block in fitted.request.messages[0]["content"]] == [
                "text",
                "text",
            ]


@st.composite
def conversations(draw: st.DrawFn) -> Request:
    messages: list[Mapping[str, Any]] = []
    for number in range(draw(st.integers(1, 5))):
        messages.append(user("ask " * draw(st.integers(1, 60))))
        for turn in range(draw(st.integers(0, 2))):
            messages += used(f"t{number}-{turn}")
        messages.append(said(draw(st.integers(1, 60))))
    return Request(
        intent="faq",
        messages=(*messages, user("last " * draw(st.integers(1, 60)))),
        system="System.",
        max_tokens=10,
        tools=(TOOL,),
    )


@settings(max_examples=60, deadline=None)
@given(request=conversations(), limit=st.integers(1, 900))
def test_whatever_goes_the_rest_is_sound_and_short_enough(request: Request, limit: int) -> None:
    fitted = fit(request, limit)
    assert errors_of(validate_request(fitted.request, Registry())) == ()
    assert fitted.request.messages[-1]["content"] in (
        request.messages[-1]["content"],
        [fitted.request.messages[0]["content"][0], {"text": request.messages[-1]["content"]}],
    )
    if fitted.fits:
        assert estimate_request(fitted.request) <= limit
    else:
        assert fitted.request == request
    assert sum(map(len, exchanges_of(request.messages))) == len(request.messages)
