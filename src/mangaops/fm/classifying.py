"""Any exception of a call to a model, as a Failure: a total function, in one place.

By the error's code, case-folded; then by the HTTP status; then by the exception's family.
Never by `client.exceptions.X`: the classes that a service has are not those one remembers,
and a wrong name shows only when the first error arrives.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mangaops.fm.advice import advice, tells_of_overflow
from mangaops.fm.codes import SPELLING, Meaning, of_code, of_status
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.families import family
from mangaops.fm.retry.hints import http_date, retry_after
from mangaops.fm.transport.raw import RawAnswer, StreamInterrupted

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,79}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""Without any clock: from there no date is near enough to be believed."""
_DEEPEST = 8
"""Interruptions within interruptions that are opened; a cause may be its own cause."""


def classify(error: BaseException, *, now: datetime | None = None) -> Failure:
    """Never raises, for no exception. `detail` holds nothing of the error's own message.

    `now` is what a date in Retry-After is compared with, where the response has no Date.
    KeyboardInterrupt and SystemExit are CANCELLED: who catches them raises them again.
    """
    if isinstance(error, StreamInterrupted):
        return _interrupted(error, now)
    answered = _answered(error, now)
    return answered if answered is not None else _by_family(error)


def _interrupted(error: StreamInterrupted, now: datetime | None) -> Failure:
    """What was shown to somebody cannot be sent a second time: then there is no retry."""
    innermost, depth = error, 0
    while isinstance(innermost.cause, StreamInterrupted) and depth < _DEEPEST:
        innermost, depth = innermost.cause, depth + 1
    failure = _of_stream(innermost, now)
    if any(_delivered(one.partial) for one in (error, innermost)):
        return replace(failure, max_same_route_retries=0)
    return failure


def _of_stream(error: StreamInterrupted, now: datetime | None) -> Failure:
    if error.timed_out is not None:
        told = f"the model said nothing in time: {_word(error.timed_out) or 'a'} limit"
        return Failure.of(FailureClass.CLIENT_TIMEOUT, "timeout", detail=told)
    cause = error.cause
    if cause is None:
        told = "the stream ended without its stop event"
        return Failure.of(FailureClass.STREAM_CUT, "no_stop_event", detail=told)
    if isinstance(cause, StreamInterrupted):
        return Failure.of(FailureClass.STREAM_CUT, "interrupted")
    failure = classify(cause, now=now)
    if _cut_short(cause, failure):
        told = f"{_name(cause)}: the stream broke"
        return Failure.of(FailureClass.STREAM_CUT, "interrupted", detail=told)
    return failure


def _cut_short(cause: BaseException, failure: Failure) -> bool:
    """A connection that is lost within a stream is no failed connect, and bad JSON no bug."""
    if failure.failure_class is FailureClass.BUG:
        return isinstance(cause, ValueError)
    return failure.failure_class is FailureClass.TRANSIENT and _response(cause) is None


def _delivered(partial: object) -> bool:
    return isinstance(partial, RawAnswer) and any(
        block.get("text") or "toolUse" in block for block in partial.blocks
    )


def _answered(error: BaseException, now: datetime | None) -> Failure | None:
    """By what the server said, in a response or in a stream; None when it said nothing known."""
    response = _response(error)
    if response is None:
        return None
    told = _table(response, "Error")
    metadata = _table(response, "ResponseMetadata")
    status = metadata.get("HTTPStatusCode")
    status = status if type(status) is int else None
    code = _code(told.get("Code"))
    meaning = of_code(code) or (None if status is None else of_status(status))
    if meaning is None:
        return None
    return _failure(meaning, code, status, _text(told.get("Message")), (metadata, now))


def _failure(
    meaning: Meaning,
    code: str,
    status: int | None,
    message: str,
    from_where: tuple[dict[str, Any], datetime | None],
) -> Failure:
    metadata, now = from_where
    request_id = _text(metadata.get("RequestId"))
    refused = meaning.failure_class is FailureClass.REQUEST_BAD
    return Failure.of(
        meaning.failure_class,
        code or f"HTTP {status}",
        http_status=status,
        retry_after=_hint(_table(metadata, "HTTPHeaders"), now),
        retries=meaning.retries,
        detail=advice(message),
        context_overflow=refused and tells_of_overflow(message),
        request_id=request_id if _ID.fullmatch(request_id) else None,
    )


def _by_family(error: BaseException) -> Failure:
    found = family(error)
    return Failure.of(found.failure_class, found.code, detail=f"{_name(error)}: {found.told}")


def _hint(headers: dict[str, Any], now: datetime | None) -> float | None:
    """The server's own Date is the better clock: ours may be wrong."""
    texts = {name: value for name, value in headers.items() if isinstance(value, str)}
    date = next((value for name, value in texts.items() if name.lower() == "date"), "")
    at = http_date(date) or now or _LONG_AGO
    return retry_after(texts, at.replace(tzinfo=UTC) if at.tzinfo is None else at)


def _response(error: BaseException) -> dict[str, Any] | None:
    """What a ClientError of botocore keeps as an attribute; a property of others could raise."""
    held = BaseException.__getattribute__(error, "__dict__").get("response")
    return held if isinstance(held, dict) else None


def _table(holder: dict[str, Any], key: str) -> dict[str, Any]:
    held = holder.get(key)
    return {k: v for k, v in held.items() if isinstance(k, str)} if isinstance(held, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _code(value: object) -> str:
    """In its usual spelling, without a namespace; empty when the server sent only a status."""
    bare = _text(value).rpartition("#")[2].partition(":")[0].strip()
    usual = SPELLING.get(bare.casefold())
    if usual is not None:
        return usual
    return f"{bare[0].upper()}{bare[1:]}" if _WORD.fullmatch(bare) else ""


def _word(value: object) -> str:
    text = _text(value)
    return text if _WORD.fullmatch(text.replace(" ", "_")) else ""


def _name(error: BaseException) -> str:
    return _word(type(error).__name__) or "an exception"
