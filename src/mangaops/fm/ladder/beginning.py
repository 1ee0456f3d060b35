"""The first moment of a call: what its caller gave, or why that cannot be called with.

Rule: a wrong type of the call's own arguments is a TypeError before anything is sent or logged;
what is wrong within a request is for the validator to tell. Names that only the log sees are
taken as texts, whatever they are.
"""

from __future__ import annotations

import math
import os

from mangaops.fm.config import OTHERS
from mangaops.fm.ladder.fitting import completed
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import SoFar
from mangaops.fm.requests.request import Request
from mangaops.fm.retry.deadline import Deadline
from mangaops.fm.transport.hanging_up import HangUp

_ID_BYTES = 16


def check_arguments(request: object, deadline: object) -> None:
    """Raises TypeError or ValueError for what no call can be made with."""
    if not isinstance(request, Request):
        raise TypeError(f"a request is an fm.Request, not {type(request).__name__}")
    if deadline is None or isinstance(deadline, Deadline):
        return
    if isinstance(deadline, bool) or not isinstance(deadline, int | float):
        told = "seconds from now or an fm.Deadline"
        raise TypeError(f"a deadline is {told}, not {type(deadline).__name__}")
    if math.isnan(deadline):
        raise ValueError("a deadline is seconds from now, not NaN")


def begun(
    parts: Parts,
    request: Request,
    deadline: Deadline | float | None,
    *,
    hang_up: HangUp | None = None,
) -> SoFar:
    """The call as it is before anything happened. With `hang_up` it is streamed."""
    intent = request.intent if isinstance(request.intent, str) else ""
    policy = parts.config.policy(intent)
    if not isinstance(deadline, Deadline):
        seconds = policy.deadline if deadline is None else deadline
        deadline = Deadline.after(seconds, parts.clock)
    request = completed(
        request,
        policy,
        intent=intent,
        session=_name(request.session),
        correlation_id=_name(request.correlation_id),
        prompt_version=_name(request.prompt_version),
    )
    return SoFar(
        request=request,
        policy=policy,
        kind=intent if intent in parts.config.intents else OTHERS,
        correlation_id=request.correlation_id or os.urandom(_ID_BYTES).hex(),
        began=parts.clock(),
        deadline=deadline,
        streaming=hang_up is not None,
        hang_up=hang_up or HangUp(),
    )


def _name(said: object) -> str | None:
    """An id may come as a number or a UUID; only its kind is told of what has no text."""
    if said is None or isinstance(said, str):
        return said
    try:
        return str(said)
    except Exception:  # noqa: BLE001 - the caller's own class: a name is no reason to fail
        return type(said).__name__
