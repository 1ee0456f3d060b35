"""The faults by name: what `mangaops probe --chaos NAME` and `chaos: NAME` of a scenario mean.

Each lasts as long as it is set, unless its summary says otherwise. The first sixteen are the
fault wall's, after the list of failoverbench.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from mangaops.sandbox.model_faults import Block, BlockKind, Hint, ModelFault, Where

_LATE_S = 20.0
_NEVER_S = 120.0
OUTAGE_S = 60.0


class Reach(StrEnum):
    """What a client finds where it connects to; what is no SERVED has no faults."""

    SERVED = "served"
    REFUSED = "refused"
    """Nobody listens: `ports.refusing()` is such an address."""
    UNANSWERED = "unanswered"
    """Connecting takes for ever: `ports.unanswering()`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chaos:
    """A named fault. `streams` says that only streamed calls meet it."""

    name: str
    summary: str
    faults: tuple[ModelFault, ...] = ()
    reach: Reach = Reach.SERVED
    streams: bool = False

    def against(self, model: str) -> tuple[ModelFault, ...]:
        """Its faults for the models of one pattern (`*sonnet*`), so that others answer."""
        return tuple(replace(fault, model=model) for fault in self.faults)


def _error(code: str, **more: Any) -> ModelFault:
    return ModelFault(code=code, **more)


def _said(text: str, stop_reason: str | None = None, *blocks: Block) -> ModelFault:
    return ModelFault(where=Where.OUTPUT, text=text, stop_reason=stop_reason, blocks=blocks)


_GOOD = {
    "response_text": "Try Hunter x Hunter.",
    "recommendations": [{"product_id": "B00ZI7AGUW", "title": "Hunter x Hunter"}],
}
_JSON = json.dumps(_GOOD)
_MALFORMED = '{"response_text": Try Hunter x Hunter., "recommendations": [product'
_TRUNCATED = _JSON[:-30]
_FENCED = f"Here you are:\n```json\n{_JSON[:-2]},]}}\n```\nEnjoy!"
_WRONG = json.dumps({"answer": "Try Hunter x Hunter."})
_TOOL = Block(kind=BlockKind.TOOL_USE, text=json.dumps({"query": "Hunter x Hunter"}))
_REFUSED = "I can't help with that."


_WALL = (
    Chaos(name="connect-refused", summary="nobody listens", reach=Reach.REFUSED),
    Chaos(
        name="connection-reset",
        summary="the connection is reset before an answer",
        faults=(ModelFault(where=Where.RESET),),
    ),
    Chaos(
        name="no-answer",
        summary="the request is taken and never answered",
        faults=(ModelFault(where=Where.SILENCE, delay_s=_NEVER_S),),
    ),
    Chaos(
        name="slow-first-token",
        summary=f"the first token takes {_LATE_S:g} s",
        faults=(ModelFault(where=Where.SLOW, delay_s=_LATE_S),),
    ),
    Chaos(
        name="stall",
        summary=f"three pieces of text, then silence for {_LATE_S:g} s",
        faults=(ModelFault(where=Where.STALL, delay_s=_LATE_S),),
        streams=True,
    ),
    Chaos(
        name="cut-stream",
        summary="the connection is reset within the answer",
        faults=(ModelFault(where=Where.CUT),),
    ),
    Chaos(
        name="throttled-with-hint",
        summary="one 429 with Retry-After: 1, then answers",
        faults=(_error("ThrottlingException", times=1, retry_after_s=1),),
    ),
    Chaos(
        name="throttled",
        summary="429 without a hint, always",
        faults=(_error("ThrottlingException"),),
    ),
    Chaos(
        name="server-error",
        summary="one 500, then answers",
        faults=(_error("InternalServerException", times=1),),
    ),
    Chaos(
        name="unavailable", summary="503, always", faults=(_error("ServiceUnavailableException"),)
    ),
    Chaos(
        name="bad-request",
        summary="400: the input is too long",
        faults=(_error("ValidationException"),),
    ),
    Chaos(name="denied", summary="403: no access", faults=(_error("AccessDeniedException"),)),
    Chaos(
        name="not-found",
        summary="404: no such model",
        faults=(_error("ResourceNotFoundException"),),
    ),
    Chaos(
        name="malformed-json",
        summary="an answer that is no JSON and cannot be mended",
        faults=(_said(_MALFORMED),),
    ),
    Chaos(
        name="content-filter",
        summary="the content filter stops the answer",
        faults=(_said("", "content_filtered"),),
    ),
    Chaos(
        name="outage",
        summary=f"503 for {OUTAGE_S:g} s, then recovery",
        faults=(_error("ServiceUnavailableException", for_s=OUTAGE_S),),
    ),
)


def _connections() -> Iterator[Chaos]:
    yield Chaos(name="connect-hangs", summary="connecting never ends", reach=Reach.UNANSWERED)
    yield Chaos(
        name="cut-body",
        summary="the connection is reset after 150 bytes of the body",
        faults=(ModelFault(where=Where.CUT_BYTE),),
    )
    yield Chaos(
        name="dripping-bytes",
        summary="the body comes byte by byte, 0.5 s apart",
        faults=(ModelFault(where=Where.DRIP, every_s=0.5),),
    )


def _streams() -> Iterator[Chaos]:
    faults = {
        "half-frame": ("the stream ends within a frame, as if complete", Where.HALF_FRAME),
        "bad-crc": ("a frame's checksum is wrong", Where.BAD_MESSAGE),
        "bad-prelude-crc": ("the checksum of a frame's prelude is wrong", Where.BAD_PRELUDE),
        "ended-early": ("the stream ends without its last events", Where.TRUNCATED),
        "no-stop-event": ("nothing says why the stream stopped", Where.NO_STOP),
        "no-usage-event": ("the stream never tells its usage", Where.NO_USAGE),
    }
    for name, (summary, where) in faults.items():
        yield Chaos(name=name, summary=summary, faults=(ModelFault(where=where),), streams=True)
    yield Chaos(
        name="pings-only",
        summary=f"three pieces of text, then events without content for {_LATE_S:g} s",
        faults=(ModelFault(where=Where.PINGS, delay_s=_LATE_S, every_s=0.2),),
        streams=True,
    )
    yield Chaos(
        name="error-first-in-stream",
        summary="HTTP 200, and a throttle as the first event",
        faults=(_error("ThrottlingException", where=Where.STREAM, after=0),),
        streams=True,
    )
    yield Chaos(
        name="error-in-stream",
        summary="an error inside the stream after three pieces of text",
        faults=(_error("ModelStreamErrorException", where=Where.STREAM),),
        streams=True,
    )


def _errors() -> Iterator[Chaos]:
    codes = {
        "model-timeout": ("408: the model took too long", "ModelTimeoutException"),
        "model-error": ("424: the model failed", "ModelErrorException"),
        "model-not-ready": ("429: the model is loading", "ModelNotReadyException"),
        "quota": ("400: a quota of the account", "ServiceQuotaExceededException"),
        "expired-token": ("403: the credentials are over", "ExpiredTokenException"),
    }
    for name, (summary, code) in codes.items():
        yield Chaos(name=name, summary=summary, faults=(_error(code),))
    yield Chaos(
        name="gateway-error",
        summary="502, with a code that Bedrock has not",
        faults=(_error("BadGateway", status=502, message="Bad Gateway"),),
    )
    yield Chaos(
        name="throttled-for-a-minute",
        summary="429 with x-amz-retry-after: 60000, always",
        faults=(_error("ThrottlingException", retry_after_s=60, hint=Hint.AMAZON),),
    )
    yield Chaos(
        name="throttled-sometimes",
        summary="429 for four calls of ten",
        faults=(_error("ThrottlingException", share=0.4),),
    )


def _answers() -> Iterator[Chaos]:
    thinking = Block(kind=BlockKind.THINKING, text="Which series is like it?")
    halves = tuple(Block(text=part) for part in (_JSON[:40], _JSON[40:]))
    answers = {
        "truncated-json": ("JSON cut by max_tokens", _said(_TRUNCATED, "max_tokens")),
        "cut-json": ("JSON cut, said to be complete", _said(_TRUNCATED, "end_turn")),
        "fenced-json": ("JSON in a fence, with a comma too many", _said(_FENCED)),
        "wrong-schema": ("JSON of another form", _said(_WRONG)),
        "empty-answer": ("an answer without text", _said("")),
        "guardrail": ("a guardrail intervenes", _said("", "guardrail_intervened")),
        "refusal": ("the model refuses", _said(_REFUSED, "refusal")),
        "tool-use": ("the model asks for a tool", _said("", "tool_use", _TOOL)),
        "split-json": ("JSON over two blocks of text", _said("", None, *halves)),
        "thinking": ("a block of thinking first", _said("", None, thinking, Block(text=_JSON))),
    }
    for name, (summary, fault) in answers.items():
        yield Chaos(name=name, summary=summary, faults=(fault,))


CHAOS: Mapping[str, Chaos] = MappingProxyType(
    {
        chaos.name: chaos
        for part in (_WALL, _connections(), _streams(), _errors(), _answers())
        for chaos in part
    }
)
WALL: tuple[str, ...] = tuple(chaos.name for chaos in _WALL)
"""The sixteen of the fault wall."""
