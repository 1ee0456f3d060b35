"""Whatever the models do, there is one answer, one record of the call, and true figures."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops import fm
from support.fm import (
    Entry,
    Scripted,
    Streamed,
    ask,
    cut,
    desk,
    error,
    said,
    streamed,
    throttled,
    unavailable,
)

_CODES = [
    ("ThrottlingException", 429),
    ("ModelNotReadyException", 429),
    ("InternalServerException", 500),
    ("ServiceUnavailableException", 503),
    ("ModelTimeoutException", 408),
    ("ModelErrorException", 424),
    ("ValidationException", 400),
    ("ServiceQuotaExceededException", 400),
    ("AccessDeniedException", 403),
    ("ResourceNotFoundException", 404),
]
_FAILURES = st.one_of(
    st.sampled_from(_CODES).map(lambda told: error(*told)),
    st.sampled_from(["1", "40", "junk"]).map(lambda hint: throttled(retry_after=hint)),
    st.sampled_from([TimeoutError(), ConnectionResetError(), ValueError("x"), cut()]),
)
_STOPS = st.sampled_from(
    ["end_turn", "max_tokens", "refusal", "malformed_model_output", "new", "tool_use"]
)
_WHOLE = st.builds(
    lambda text, stop: said(text, stop=stop),
    st.sampled_from(["", "Hello", '{"a": 1}', '{"a": 1', "```json\n{}\n```", "[1]"]),
    _STOPS,
)
_PIECES = st.builds(
    lambda pieces, then: Streamed(pieces=tuple(pieces), then=then),
    st.lists(st.sampled_from(["", "Hel", "lo"]), max_size=3),
    st.one_of(_WHOLE, _FAILURES),
)
_SCRIPT = st.lists(st.one_of(_FAILURES, _WHOLE, _PIECES), max_size=12)
_REQUEST = st.builds(
    lambda intent, schema: ask(intent, schema=schema),
    st.sampled_from(["faq", "recommendation", "unheard of"]),
    st.sampled_from([None, {"type": "object"}]),
)


@settings(max_examples=60, deadline=None)
@given(_SCRIPT, _REQUEST, st.sampled_from([0.0, 0.5, 2.0, None]))
def test_any_failures_end_in_an_answer(
    script: list[Entry], request: fm.Request, deadline: float | None
) -> None:
    here = desk(Scripted(*script, last=unavailable()))

    answer = here.client.complete(request, deadline=deadline)

    assert answer.text or answer.blocks
    assert answer.attempts == len(here.transport.sent) == here.call["attempts"]
    assert [one["attempt"] for one in here.of("bedrock_attempt")] == list(
        range(1, answer.attempts + 1)
    )
    assert here.call["mode"] == answer.mode
    assert (answer.model_answered is None) == (answer.mode >= fm.Mode.TEMPLATE)
    assert (here.call["status"] == "success") == (answer.model_answered is not None)
    assert bool(answer.descended_because) == answer.degraded
    longest = fm.manga_assist().policy(request.intent).deadline
    assert sum(here.waits) <= (longest if deadline is None else deadline)


@settings(max_examples=60, deadline=None)
@given(_SCRIPT, _REQUEST, st.integers(min_value=0, max_value=4))
def test_any_stream_ends_once_whoever_ends_it(
    script: list[Entry], request: fm.Request, read: int
) -> None:
    whole, left = (desk(Scripted(*script, last=streamed("Fi", "ne"))) for _ in range(2))

    *deltas, last = whole.client.stream(request)

    told = [one for one in deltas if isinstance(one, fm.Delta)]
    assert len(told) == len(deltas)
    assert [one.seq for one in told] == list(range(len(told)))
    assert isinstance(last, fm.Done | fm.Interrupted)
    assert last.answer.text == "".join(one.text for one in told)
    assert last.answer.attempts == len(whole.transport.sent) == whole.call["attempts"]
    assert len(whole.of("stream_end")) == 1

    events = left.client.stream(request)
    for _ in range(read):
        next(events, None)
    events.close()
    assert len(left.of("bedrock_call")) == len(left.of("stream_end")) == min(read, 1)
    assert len(left.of("bedrock_attempt")) == len(left.transport.sent)
