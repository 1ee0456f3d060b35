"""The way back of one step of a run, with what its journal knows and its plan could not.

A plan cannot know what AWS is going to name: it wants "another one" (`other_than`). The
journal has the name that AWS gave (a field of the same name in `told`). Undo takes back
that very one, so that one which somebody else made meanwhile is told from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mangaops.model.evidence import JSON
from mangaops.model.plan import OTHER_THAN, Step
from mangaops.remedy.journals.history import History
from mangaops.remedy.journals.journal import Kind

_SAVED = "saved"
_NAMED = "named_by_aws"
"""The fields in question: an undo of an undo must not want an old name back."""


def way_back(step: Step, history: History) -> Step:
    """The inverse of a step, as this run left its target.

    A name that is not in the journal, since the process was killed before the answer, stays
    open: the other fields must do then.
    """
    back = step.inverse(step.number)
    named = _named(step)
    given = _told(history, step.number)
    before = {
        name: given.get(name, value) if name in named and _is_open(value) else value
        for name, value in back.before.items()
    }
    after = {
        name: {OTHER_THAN: None} if name in named and value is not None else value
        for name, value in back.after.items()
    }
    arguments = {name: value for name, value in back.arguments.items() if name != _NAMED}
    if named:
        arguments[_NAMED] = sorted(named)
    saved = history.saved(step.number)
    if saved is not None:
        arguments[_SAVED] = saved.reference()
    return replace(back, before=before, after=after, arguments=arguments)


def _named(step: Step) -> frozenset[str]:
    earlier = step.arguments.get(_NAMED)
    kept = [one for one in earlier if isinstance(one, str)] if isinstance(earlier, list) else []
    return frozenset({*kept, *(name for name, value in step.after.items() if _is_open(value))})


def _is_open(value: JSON) -> bool:
    return isinstance(value, Mapping) and OTHER_THAN in value


def _told(history: History, step: int) -> dict[str, JSON]:
    """What the answers to this step's calls told, the later ones first to be believed."""
    told: dict[str, JSON] = {}
    for entry in history.entries:
        if entry.step == step and entry.kind is Kind.RESULT:
            answer = entry.fields.get("told")
            told |= answer if isinstance(answer, Mapping) else {}
    return told
