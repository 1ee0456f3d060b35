"""A request as the text of a message, and back.

Rule: what is read back is the request that was put in, but for the session, which never
leaves the process that knows it. What is not such a text is Unreadable, and says why without
its content; a request that would be Unreadable is refused by who puts it in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, TypeGuard

from mangaops.errors import InputError
from mangaops.fm.requests.request import Operation, Request

FORM = "mangaops.model_request/1"
LONGEST_KEY = 128
_DEEPEST = 200
_LEFT_OUT = frozenset({"session"})
_TUPLES = frozenset({"messages", "stop_sequences", "tools", "free_text"})
_TYPES: Mapping[str, tuple[type, ...]] = {
    "intent": (str,),
    "messages": (list,),
    "system": (str,),
    "max_tokens": (int,),
    "temperature": (int, float),
    "top_p": (int, float),
    "top_k": (int,),
    "stop_sequences": (list,),
    "tools": (list,),
    "cached": (bool,),
    "schema": (dict,),
    "free_text": (list,),
    "prompt_version": (str,),
    "correlation_id": (str,),
    "metadata": (dict,),
    "operation": (str,),
}
_ELEMENTS: Mapping[str, type] = {
    "messages": dict,
    "stop_sequences": str,
    "tools": dict,
    "free_text": str,
}
_MAY_BE_NULL = frozenset(
    name for name in _TYPES if Request.__dataclass_fields__[name].default is None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """`not_after` is when nobody wants the answer any more."""

    key: str
    request: Request
    not_after: datetime | None = None


class Unreadable(Exception):
    """Why a message is none of ours; nothing of its text."""


def text_of(work: Work) -> str:
    """InputError for a request that a worker could not read back, or a key that is none."""
    if not _is_key(work.key):
        raise InputError(f"an idempotency key has 1 to {LONGEST_KEY} printable characters")
    document: dict[str, Any] = {"form": FORM, "idempotency_key": work.key}
    try:
        _need_names(document_of(work.request))
        document["request"] = document_of(work.request)
        if work.not_after is not None:
            document["not_after"] = _text_of_instant(work.not_after)
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        kind = type(error).__name__
        raise InputError(
            f"a request for the queue is JSON, without bytes, NaN or halves of characters ({kind})"
        ) from error
    try:
        work_of(text)
    except Unreadable as error:
        raise InputError(f"no worker could take this message: {error}") from error
    return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def document_of(request: Request) -> dict[str, Any]:
    """All of it that leaves the process."""
    names = (one.name for one in fields(Request) if one.name not in _LEFT_OUT)
    return {name: getattr(request, name) for name in names}


def _need_names(value: Any, depth: int = 0) -> None:
    """JSON would write a number that is a name as a text, which may be another's name."""
    if depth > _DEEPEST:
        raise InputError(f"a request for the queue is nested {_DEEPEST} deep at most")
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise InputError("in a request for the queue every name in an object is a text")
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inside in value:
            _need_names(inside, depth + 1)


def _text_of_instant(at: Any) -> str:
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise InputError("not_after is an instant with a time zone")
    try:
        return at.astimezone(UTC).isoformat()
    except OverflowError:
        raise InputError("not_after is no instant that UTC has") from None


def _is_key(key: Any) -> TypeGuard[str]:
    return isinstance(key, str) and 1 <= len(key) <= LONGEST_KEY and key.isprintable()


def work_of(text: str) -> Work:
    """Unreadable for what `text_of` did not make."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("it is not JSON") from None
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise Unreadable(f"its form is not {FORM}")
    key = document.get("idempotency_key")
    if not _is_key(key):
        raise Unreadable("it has no idempotency_key")
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        raise Unreadable("it holds half of a character") from None
    request = _request(document.get("request"))
    return Work(key=key, request=request, not_after=_instant(document.get("not_after")))


def _request(document: Any) -> Request:
    if not isinstance(document, dict):
        raise Unreadable("it has no request")
    known: dict[str, Any] = {}
    for name, value in document.items():
        if name not in _TYPES:
            raise Unreadable("its request has a field that is not known")
        if not _is_of(name, value):
            raise Unreadable(f"its request's {name} has the wrong type")
        known[name] = tuple(value) if name in _TUPLES else value
    if "intent" not in known or "messages" not in known:
        raise Unreadable("its request has no intent or no messages")
    try:
        known["operation"] = Operation(known.get("operation", Operation.CONVERSE))
    except ValueError:
        raise Unreadable("its request's operation is not known") from None
    return Request(**known)


def _is_of(name: str, value: Any) -> bool:
    if value is None:
        return name in _MAY_BE_NULL
    if isinstance(value, bool) and bool not in _TYPES[name]:
        return False
    if name == "metadata" and isinstance(value, dict):
        return all(isinstance(one, str) for one in value.values())
    element = _ELEMENTS.get(name, object)
    return isinstance(value, _TYPES[name]) and (
        not isinstance(value, list) or all(isinstance(one, element) for one in value)
    )


def _instant(text: Any) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Unreadable("its not_after is no instant") from None
    if at.tzinfo is None:
        raise Unreadable("its not_after has no time zone")
    return at
