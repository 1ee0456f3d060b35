"""A request goes through a message unchanged, but for its session; nothing else gets through."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops import fm
from mangaops.errors import InputError
from mangaops.fm.queue.kept_answer import kept_answer
from mangaops.fm.queue.message import _TYPES, Unreadable, Work, text_of, work_of
from mangaops.fm.queue.model_queue import LARGEST, ModelQueue
from mangaops.fm.requests.request import Operation, Request
from support.fake_sqs import FakeSqs
from support.fake_time import FakeClock

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FULL = Request(
    intent="summary",
    messages=(fm.user("要約して\uffff"), {"role": "assistant", "content": [{"text": "x"}]}),
    system="You are brief.",
    max_tokens=5,
    temperature=0.5,
    top_p=0.9,
    top_k=4,
    stop_sequences=("END",),
    tools=({"toolSpec": {"name": "t"}},),
    cached=True,
    schema={"type": "object"},
    free_text=("/text",),
    prompt_version="v7",
    session="s-secret",
    correlation_id="c-1",
    metadata={"team": "a"},
    operation=Operation.INVOKE_MODEL,
)


CYCLE: dict[str, Any] = {}
CYCLE["a"] = CYCLE["b"] = CYCLE


def test_every_field_is_read_back_but_the_session() -> None:
    at = datetime(2026, 11, 21, 10, tzinfo=UTC)
    text = text_of(Work(key="k", request=FULL, not_after=at))
    assert "s-secret" not in text
    assert "\uffff" not in text  # SQS refuses it
    assert work_of(text) == Work(key="k", request=replace(FULL, session=None), not_after=at)
    assert {one.name for one in fields(Request)} == {*_TYPES, "session"}


@given(st.builds(Request, intent=TEXT, messages=st.tuples(st.builds(fm.user, TEXT)), system=TEXT))
@settings(max_examples=40, deadline=None)
def test_any_text_goes_through(request: Request) -> None:
    assert work_of(text_of(Work(key="k", request=request))).request == request


def plain(**changes: Any) -> str:
    document = json.loads(text_of(Work(key="k", request=fm.Request(intent="i", messages=()))))
    request = {**document["request"], **changes.pop("request", {})}
    return json.dumps({**document, "request": request, **changes})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("secret words", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "its form is not"),
        (plain(form="mangaops.model_request/2"), "its form is not"),
        (plain(idempotency_key=""), "no idempotency_key"),
        (plain(idempotency_key="a\nb"), "no idempotency_key"),
        (plain(idempotency_key="\ud83d"), "no idempotency_key"),
        (plain(request={"correlation_id": "\ud83d"}), "half of a character"),
        (plain(request={"free_text": [5]}), "free_text has the wrong type"),
        (plain(request={"session": "s"}), "a field that is not known"),
        (plain(request={"max_tokens": "9"}), "max_tokens has the wrong type"),
        (plain(request={"max_tokens": True}), "max_tokens has the wrong type"),
        (plain(request={"intent": None}), "intent has the wrong type"),
        (plain(request={"operation": "guess"}), "operation is not known"),
        (plain(not_after="soon"), "not_after is no instant"),
        (plain(not_after="2026-11-21T10:00:00"), "no time zone"),
    ],
    ids=[
        "text", "deep", "list", "form", "key", "lines", "half a key", "half", "element",
        "field", "type", "bool", "null", "operation", "instant", "zone",
    ],
)  # fmt: skip
def test_what_is_no_message_of_ours_says_why_without_its_text(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason) as raised:
        work_of(text)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("request_", "key"),
    [
        (fm.Request(intent="i", messages=({"role": "user", "content": b"x"},)), "k"),
        (fm.Request(intent="i", messages=(fm.user("\ud800"),)), "k"),
        (fm.Request(intent="i", messages=(), temperature=float("nan")), "k"),
        (fm.Request(intent="i", messages=()), ""),
        (fm.Request(intent="i", messages=()), "k" * 129),
        (fm.Request(intent="i", messages=()), "a\nb"),
        (fm.Request(intent="i", messages=()), None),
        (fm.Request(intent=None, messages=()), "k"),  # type: ignore[arg-type]
        (fm.Request(intent="i", messages="hello"), "k"),  # type: ignore[arg-type]
        (fm.Request(intent="i", messages=("hello",)), "k"),  # type: ignore[arg-type]
        (fm.Request(intent="i", messages=(), max_tokens=2.0), "k"),  # type: ignore[arg-type]
        (fm.Request(intent="i", messages=(), cached=1), "k"),  # type: ignore[arg-type]
        (fm.Request(intent="i", messages=(), tools="abc"), "k"),  # type: ignore[arg-type]
        (fm.Request(intent="i", messages=(), free_text="/a"), "k"),  # type: ignore[arg-type]
        (fm.Request(intent="i", messages=(), operation="bogus"), "k"),  # type: ignore[arg-type]
        (fm.Request(intent="i", messages=(), metadata={5: "x"}), "k"),  # type: ignore[dict-item]
        (fm.Request(intent="i", messages=(), metadata={"a": 5}), "k"),  # type: ignore[dict-item]
        (fm.Request(intent="i", messages=(), schema={"a": [{1: 2}]}), "k"),  # type: ignore[dict-item]
        (fm.Request(intent="i", messages=(), schema=CYCLE), "k"),
    ],
    ids=[
        "bytes", "half", "nan", "no key", "long key", "two lines", "null key", "intent",
        "messages", "message", "float", "one", "tools", "free text", "operation",
        "names of metadata", "values of metadata", "names of schema", "cycle",
    ],
)  # fmt: skip
def test_what_no_message_can_hold_is_refused_before_it_is_sent(request_: Any, key: str) -> None:
    sqs = FakeSqs(FakeClock())
    with pytest.raises(InputError):
        ModelQueue(sqs, "q").enqueue(request_, idempotency_key=key)
    assert sqs.queues == {}


def test_the_size_is_counted_in_bytes_and_strictly() -> None:
    sqs = FakeSqs(FakeClock())
    queue = ModelQueue(sqs, "q")
    rest = len(text_of(Work(key="k", request=fm.Request(intent="i", messages=(fm.user(""),)))))
    fits = (LARGEST - rest) // 3
    request = fm.Request(intent="i", messages=(fm.user("漫" * fits),))
    assert queue.enqueue(request, idempotency_key="k") == "m-1"
    more = fm.Request(intent="i", messages=(fm.user("漫" * (fits + 1)),))
    with pytest.raises(InputError, match="does not fit into a message of 262,144"):
        queue.enqueue(more, idempotency_key="k")
    ModelQueue(sqs, "q", max_bytes=1_048_576).enqueue(more, idempotency_key="k")
    with pytest.raises(InputError, match="1048576"):
        ModelQueue(sqs, "q", max_bytes=1_048_577)


def test_an_instant_has_a_time_zone() -> None:
    with pytest.raises(InputError, match="time zone"):
        ModelQueue(FakeSqs(FakeClock()), "q").enqueue(
            FULL,
            idempotency_key="k",
            not_after=datetime(2026, 11, 21),  # noqa: DTZ001 - what is refused
        )


@pytest.mark.parametrize(
    "at", ["soon", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))], ids=["text", "early"]
)
def test_what_is_no_instant_is_refused(at: Any) -> None:
    with pytest.raises(InputError, match="not_after"):
        ModelQueue(FakeSqs(FakeClock()), "q").enqueue(FULL, idempotency_key="k", not_after=at)


def test_an_answer_is_kept_as_json_whatever_its_value() -> None:
    answer = fm.Answer(
        text="読む",
        value={"price": float("inf")},
        mode=fm.Mode.BACKUP,
        model_answered=fm.Target(model_id="m", region="r"),
        stop_reason="end_turn",
        usage=fm.Usage(input=3, output=4),
        spent=fm.Usage(),
        correlation_id="c",
        attempts=2,
        descended_because=("it was throttled",),
    )
    kept = json.loads(kept_answer(answer, FULL))
    assert (kept["schema"], kept["text"], kept["value"]) == (
        "mangaops.model_answer/1",
        "読む",
        None,
    )
    assert (kept["mode"], kept["model_id"], kept["tokens"]) == (3, "m", {"input": 3, "output": 4})
