"""What is chosen of a model's text, and what may be done with it.

    repair_json('Sure: {"price": 1299, "title": "Hunt', stop_reason="max_tokens")
    -> truncated, {"price": 1299}, dropped ("/title",)

The last object that has the shape asked for is the answer, else the last one. Where two
objects may be meant, or the one that was meant is not the one that could be read, nobody
decides: that is ambiguous, and the model can be asked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mangaops.fm.answers.keywords import refuse_unusable
from mangaops.fm.answers.repair.candidates import (
    Candidate,
    Candidates,
    candidates,
    choose,
    disagree,
)
from mangaops.fm.answers.repair.cutting import close_off, cut_off
from mangaops.fm.answers.repair.notes import Mend
from mangaops.fm.answers.repair.plain import NotPlain, plain
from mangaops.fm.answers.repair.reader import Outcome
from mangaops.fm.answers.repair.spans import MOST
from mangaops.fm.answers.repaired import Repaired, RepairState
from mangaops.fm.answers.schema import violations
from mangaops.fm.answers.stop_reason import StopKind, kind_of

LARGEST = 1 << 20
"""Characters."""

_WHITE = " \t\n\r"
_MARK = "\ufeff"


def repair_json(
    text: str,
    *,
    schema: Mapping[str, Any] | None = None,
    free_text: Iterable[str] | str | None = (),
    stop_reason: str | None = None,
) -> Repaired:
    """Linear in the text, and never raises, whatever the text is. A schema with a keyword that
    is not checked is a ValueError.

    `free_text` are the JSON pointers of texts that may be kept although they are cut (`*`
    stands for any position of a list); a single one may be given as it is. `stop_reason` is the
    model's own word: without it, an object that lacks its closers is taken for one that was
    cut.
    """
    refuse_unusable(schema)
    if len(text) > LARGEST:
        return _none(RepairState.UNREPAIRABLE, f"longer than {LARGEST:,} characters")
    body = text.removeprefix(_MARK).strip(_WHITE)
    if not body.strip():
        return Repaired(state=RepairState.EMPTY)
    try:
        value = plain(body)
    except NotPlain:
        result = _mended(body, schema, _pointers(free_text), kind_of(stop_reason))
    else:
        result = _unmended(value, schema)
    return _marked(result) if text.startswith(_MARK) else result


def _pointers(free_text: Iterable[str] | str | None) -> tuple[str, ...]:
    """What is no text is no pointer."""
    given = (free_text,) if isinstance(free_text, str) else free_text or ()
    return tuple(one for one in given if isinstance(one, str))


def _unmended(value: Any, schema: Mapping[str, Any] | None) -> Repaired:
    issues = violations(value, schema) if isinstance(value, dict) else ("not an object",)
    state = RepairState.WRONG_SHAPE if issues else RepairState.VALID
    return Repaired(state=state, value=value, issues=issues)


def _mended(
    text: str, schema: Mapping[str, Any] | None, free_text: tuple[str, ...], stopped: StopKind
) -> Repaired:
    found = candidates(text, schema, complete=stopped is StopKind.COMPLETE)
    if found.crowded:
        state = RepairState.AMBIGUOUS if found.objects else RepairState.UNREPAIRABLE
        return _none(state, f"more than {MOST} objects and lists")
    if not found.objects:
        return _no_object(found)
    if found.parts:
        return _none(RepairState.AMBIGUOUS, "a closer without its opener follows the object")
    for one in found.objects:
        if one.is_cut:
            cut_off(one.read, schema, free_text)
        close_off(one.read)
    chosen = choose(found.objects, schema)
    doubtful = chosen is None or any(one.heading for one in found.objects)
    if doubtful and disagree(found.all):
        return _none(RepairState.AMBIGUOUS, "several objects that differ")
    return _judged(found, chosen or found.objects[-1], schema, stopped)


def _judged(
    found: Candidates, chosen: Candidate, schema: Mapping[str, Any] | None, stopped: StopKind
) -> Repaired:
    behind = found.behind(chosen)
    unread = any(one.read.outcome is Outcome.BROKEN for one in behind)
    if unread and stopped is not StopKind.TRUNCATED:
        return _none(RepairState.AMBIGUOUS, "what follows the object cannot be read")
    lost = _lost(chosen, behind, stopped)
    if chosen.around is not None:
        chosen.read.notes.mended(chosen.around, tuple)
    notes = chosen.read.notes
    wrong = violations(chosen.read.value, schema)
    return Repaired(
        state=_state(whole=lost is None, shaped=not wrong, mended=bool(notes.repairs)),
        value=chosen.read.value,
        repairs=notes.all_repairs(),
        dropped=tuple(notes.dropped),
        partial=tuple(notes.partial),
        issues=(*notes.issues, *wrong, *([lost] if lost else [])),
    )


def _lost(chosen: Candidate, behind: tuple[Candidate, ...], stopped: StopKind) -> str | None:
    """Why it may not be the whole answer."""
    if not chosen.whole:
        return "the object is cut"
    if any(one.is_cut for one in behind):
        return "what follows the object is cut"
    if stopped is StopKind.TRUNCATED and chosen.followed:
        return "the model wrote on behind the object, and was cut"
    return None


def _state(*, whole: bool, shaped: bool, mended: bool) -> RepairState:
    if not whole:
        return RepairState.TRUNCATED
    if not shaped:
        return RepairState.WRONG_SHAPE
    return RepairState.REPAIRED if mended else RepairState.VALID


def _no_object(found: Candidates) -> Repaired:
    read = [one.read for one in found.all if one.read.outcome is not Outcome.BROKEN]
    if read:
        return Repaired(
            state=RepairState.WRONG_SHAPE, value=read[-1].value, issues=("not an object",)
        )
    issues = tuple(found.all[-1].read.notes.issues) if found.all else ("no object in it",)
    return Repaired(state=RepairState.UNREPAIRABLE, issues=issues)


def _marked(result: Repaired) -> Repaired:
    if result.value is None:
        return result
    state = RepairState.REPAIRED if result.state is RepairState.VALID else result.state
    return Repaired(
        state=state,
        value=result.value,
        repairs=(f'{Mend.MARK} at ""', *result.repairs),
        dropped=result.dropped,
        partial=result.partial,
        issues=result.issues,
    )


def _none(state: RepairState, issue: str) -> Repaired:
    return Repaired(state=state, issues=(issue,))
