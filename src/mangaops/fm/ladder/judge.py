"""Whether an answer can be given to the user, and what to say when it is asked for once more.

What is whole, sound or mended can be given. A text that was cut at its limit is given as it
is, which is said; JSON that was cut is asked for again, with more room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mangaops.fm.answers.analysis import Analysis, analyse
from mangaops.fm.answers.mentions import USUAL
from mangaops.fm.answers.repair.mend import repair_json
from mangaops.fm.answers.repaired import RepairState
from mangaops.fm.answers.stop_reason import StopKind
from mangaops.fm.ladder.asking_hooks import known_products
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import SoFar
from mangaops.fm.ladder.steps import Step
from mangaops.fm.requests.conversation import USER, blocks_of, role_of
from mangaops.fm.requests.request import Request
from mangaops.fm.transport.raw import RawAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """`analysis.note` says what it lacks, in half a sentence; None: it is as was asked for."""

    analysis: Analysis


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoilt:
    """It came, and is of no use. `cut` when there was too little room for it."""

    reason: str
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """`code` is the stop reason."""

    reason: str
    code: str


Judged = Usable | Spoilt | Blocked

AGAIN = "Answer again, with one complete JSON object and nothing else: no fences, no other text."
AGAIN_IN_WORDS = "Please answer again."
MORE_ROOM = 1.5
"""Times as many tokens for an answer that was cut."""


def judge(parts: Parts, call: SoFar, step: Step, raw: RawAnswer) -> Judged:
    """Also what the quality of the model's answers is learnt from."""
    judged = _judge(parts, call, raw)
    if not isinstance(judged, Blocked):
        usable = isinstance(judged, Usable)
        parts.quality.record(call.kind, parts.name_of(step.target), usable=usable)
    return judged


def _judge(parts: Parts, call: SoFar, raw: RawAnswer) -> Judged:
    analysis = analyse(
        raw,
        call.request,
        known_products=known_products(parts, call),
        product_rules=parts.hooks.product_rules or USUAL,
    )
    if analysis.kind is StopKind.BLOCKED:
        code = raw.stop_reason or "blocked"
        return Blocked(reason=f"the answer was blocked ({code})", code=code)
    if analysis.problem is not None:
        unsaid = analysis.kind is StopKind.UNKNOWN
        told = f" ({raw.stop_reason or 'no stop reason'})" if unsaid else ""
        return Spoilt(reason=f"{analysis.problem}{told}", cut=analysis.cut)
    return Usable(analysis=analysis)


def value_of(request: Request, text: str) -> Any:
    """The JSON value of a text that is as it should be, else None."""
    if request.schema is None:
        return None
    repaired = repair_json(text, schema=request.schema)
    return repaired.value if repaired.state is RepairState.VALID else None


def asked_again(parts: Parts, step: Step, request: Request, spoilt: Spoilt) -> Request:
    """The same question with a word on what was wrong, and more room if there was too little."""
    note = AGAIN if request.schema is not None else AGAIN_IN_WORDS
    tokens = request.max_tokens
    spec = parts.config.models.of(step.target.model_id)
    if spoilt.cut and tokens is not None and spec is not None:
        tokens = min(round(tokens * MORE_ROOM), spec.max_output_tokens)
    return replace(request, messages=_with_note(request.messages, note), max_tokens=tokens)


def _with_note(messages: tuple[Mapping[str, Any], ...], note: str) -> tuple[Mapping[str, Any], ...]:
    """The last message is the user's, since the request was adapted to the model, or the
    beginning of an answer, which stays the last.
    """
    turns = list(messages)
    place = max(index for index, turn in enumerate(turns) if role_of(turn) == USER)
    turns[place] = {**turns[place], "content": [*blocks_of(turns[place]), {"text": note}]}
    return tuple(turns)
