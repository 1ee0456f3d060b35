"""How a call ends: with a model's answer, with the part of one that came, or without a model."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from mangaops.fm.answer import Answer, Mode
from mangaops.fm.answers.analysis import Analysis
from mangaops.fm.answers.tools import CALLS
from mangaops.fm.ladder.asking_hooks import stored
from mangaops.fm.ladder.attempt import Whole
from mangaops.fm.ladder.descent import Onward
from mangaops.fm.ladder.judge import Usable, value_of
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import Ending, SoFar
from mangaops.fm.ladder.steps import Step
from mangaops.fm.ladder.texts import say
from mangaops.fm.target import Target
from mangaops.fm.transport.raw import RawAnswer

LAST_WORDS = "I'm sorry, I can't answer that right now."


def answered(
    parts: Parts, call: SoFar, step: Step, whole: Whole, usable: Usable, *, again: bool
) -> Ending:
    """A model's own answer, as good as it is."""
    found, mode = usable.analysis, step.way.mode
    if found.note is not None:
        call.descend(f"{step.target}: {found.note}")
    if found.note is not None or again:
        mode = max(mode, Mode.REPAIRED)
    if not call.streaming and whole.raw.first_token_s is not None:
        call.first_text_at = whole.began + whole.raw.first_token_s
    text = "".join(call.said) if call.streaming else found.text
    raw = whole.raw
    answer = _answer(parts, call, text=text, mode=mode, model=step.target, raw=raw, found=found)
    return Ending(answer=answer)


def broken(parts: Parts, call: SoFar, step: Step, reason: str, raw: RawAnswer | None) -> Ending:
    """What the caller has already. Another model's text never follows it, and what it asks of
    tools is not to be done.
    """
    if raw is not None:
        raw = replace(raw, blocks=tuple(one for one in raw.blocks if CALLS not in one))
    text = "".join(call.said)
    answer = _answer(parts, call, text=text, mode=step.way.mode, model=step.target, raw=raw)
    return Ending(answer=answer, interrupted=f"{step.target}: {reason}")


def without_model(parts: Parts, call: SoFar, go: Onward) -> Generator[str, None, Ending]:
    """A stored answer that was checked, else a text of ours; `go` says which may be given."""
    text, mode, value = _best_without_model(parts, call, go)
    if call.streaming:
        yield from call.give_own(text, parts.clock)
    answer = _answer(parts, call, text=text, mode=mode, model=None)
    return Ending(answer=replace(answer, value=value))


def stopped_short(parts: Parts, call: SoFar) -> Ending:
    """After a mistake of ours, when the caller has a part of the answer already."""
    text = "".join(call.said)
    answer = _answer(parts, call, text=text, mode=call.mode, model=call.sent_to)
    return Ending(answer=answer, interrupted="the client failed while the answer was read")


def apology(parts: Parts, call: SoFar) -> Ending:
    """The last step: needs nothing that could fail, not even a sound configuration."""
    human = call.policy.human_link or parts.config.human_link
    try:
        text = say(parts.config.apology, call.request, human=human)
    except Exception:  # noqa: BLE001 - a text or a link that is none
        text = LAST_WORDS
    return Ending(answer=_answer(parts, call, text=text, mode=Mode.APOLOGY, model=None))


def _best_without_model(parts: Parts, call: SoFar, go: Onward) -> tuple[str, Mode, Any]:
    human = call.policy.human_link or parts.config.human_link
    if go is Onward.REFUSAL:
        return say(parts.config.refusal, call.request, human=human), Mode.TEMPLATE, None
    if go not in {Onward.APOLOGY, Onward.LARGER_MODEL}:
        found = stored(parts, call)
        if found is not None:
            return found, Mode.BACKUP, value_of(call.request, found)
        if call.policy.template is not None:
            call.descend("no model answered, so the template of the intent is given")
            return say(call.policy.template, call.request, human=human), Mode.TEMPLATE, None
    call.descend("there is nothing to give but an apology")
    return say(parts.config.apology, call.request, human=human), Mode.APOLOGY, None


def _answer(
    parts: Parts,
    call: SoFar,
    *,
    text: str,
    mode: Mode,
    model: Target | None,
    raw: RawAnswer | None = None,
    found: Analysis | None = None,
) -> Answer:
    now = parts.clock()
    first = call.first_text_at
    return Answer(
        text=text,
        mode=mode,
        model_answered=model,
        failure=call.failure if model is None else None,
        blocks=() if raw is None else raw.blocks,
        stop_reason=None if raw is None else raw.stop_reason,
        usage=None if raw is None else raw.usage,
        spent=call.spent,
        value=None if found is None else found.value,
        repair=None if found is None else found.repair,
        products=None if found is None else found.products,
        correlation_id=call.correlation_id,
        attempts=call.attempts,
        descended_because=tuple(call.because),
        first_token_s=None if first is None else first - call.began,
        total_s=now - call.held - call.began,
    )
