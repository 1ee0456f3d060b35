"""What else happened between the two sides: other intents as a control, and equal prompts.

A run of two interleaved versions is its own control: drift meets both alike. Else the load
may have changed between the sides, and only other intents of the same runs tell. Those whose
prompt stayed the same tell most: more than half of them must have stayed as fast. Where every
prompt is another one, a single intent that stayed as fast is enough: a slower one may be slow
by its own prompt. Without any, nothing can be said of the prompt.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from mangaops.bench.comparing.comparison import Comparison, Doubt, Reason

_NO_CONTROL = "; no other intent shows that it did not matter"
_UNCONTROLLED = frozenset({Doubt.NOT_INTERLEAVED, Doubt.MOVED_TOGETHER})


def with_control(
    drafts: Sequence[Comparison], changed: Collection[str], limit: float
) -> tuple[Comparison, ...]:
    """The drafts, each that is NOT_INTERLEAVED with what its control says.

    `changed` are the intents whose prompt is another one. A ratio of `limit` or more needs a
    control that did not move; what is no regression needs one at all.
    """
    known = [draft for draft in drafts if _known(draft)]
    return tuple(
        _controlled(draft, _control(draft, known, changed), limit) if _is_asked(draft) else draft
        for draft in drafts
    )


def is_controlled(one: Comparison) -> bool:
    """Whether a slow-down can be the prompt's: interleaved, or with a control that stayed."""
    return not any(reason.decides and reason.doubt in _UNCONTROLLED for reason in one.reasons)


def without_change(
    drafts: Sequence[Comparison], changed: Collection[str], limit: float
) -> tuple[Comparison, ...]:
    """The drafts, none of them a regression whose prompt is the same on both sides.

    With no other prompt anywhere nothing was compared at all, and nothing passes either.
    """
    both = {one.intent for one in drafts if one.baseline.samples and one.candidate.samples}
    nothing = not both & set(changed)
    return tuple(
        _decided(draft, Doubt.SAME_PROMPT)
        if draft.intent not in changed and (nothing or _slower(draft, limit))
        else draft
        for draft in drafts
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Control:
    """`enough` of `others` must have stayed as fast."""

    others: Sequence[Comparison]
    enough: int


def _control(draft: Comparison, known: Sequence[Comparison], changed: Collection[str]) -> _Control:
    others = [one for one in known if one.intent != draft.intent]
    unchanged = [one for one in others if one.intent not in changed]
    if unchanged:
        return _Control(others=unchanged, enough=len(unchanged) // 2 + 1)
    return _Control(others=others, enough=1)


def _controlled(draft: Comparison, control: _Control, limit: float) -> Comparison:
    if not control.others:
        return _decided(draft, Doubt.NOT_INTERLEAVED, _NO_CONTROL)
    if not _slower(draft, limit):
        return draft
    if sum(_stayed(one, draft) for one in control.others) >= control.enough:
        return draft
    moved = [one.intent for one in control.others if _as_much(one, draft)]
    if not moved:
        names = ", ".join(one.intent for one in control.others)
        return _decided(draft, Doubt.NOT_INTERLEAVED, f"; {names} may be slower as well")
    text = (
        f"{', '.join(moved)} became slower between the same runs, too: drift or "
        "infrastructure, not this prompt alone"
    )
    reason = Reason(doubt=Doubt.MOVED_TOGETHER, text=text, decides=True)
    return replace(draft, reasons=(*draft.reasons, reason))


def _decided(draft: Comparison, doubt: Doubt, more: str = "") -> Comparison:
    """The draft, whose reason of that name decides now."""
    reasons = tuple(
        replace(one, text=one.text + more, decides=True) if one.doubt is doubt else one
        for one in draft.reasons
    )
    return replace(draft, reasons=reasons)


def _is_asked(draft: Comparison) -> bool:
    apart = any(reason.doubt is Doubt.NOT_INTERLEAVED for reason in draft.reasons)
    return apart and not any(reason.decides for reason in draft.reasons)


def _known(draft: Comparison) -> bool:
    return draft.low is not None and not any(reason.decides for reason in draft.reasons)


def _slower(draft: Comparison, limit: float) -> bool:
    return _surely(draft) and (draft.ratio or 0) >= limit


def _surely(draft: Comparison) -> bool:
    return draft.low is not None and draft.low > 1


def _stayed(control: Comparison, draft: Comparison) -> bool:
    """Slower by less than half of the other's slow-down, and surely by less than all of it."""
    if control.ratio is None or draft.ratio is None or control.high is None:
        return False
    return control.high < draft.ratio and control.ratio - 1 < (draft.ratio - 1) / 2


def _as_much(control: Comparison, draft: Comparison) -> bool:
    """Slower for certain, and by half of the other's slow-down or more."""
    if control.ratio is None or draft.ratio is None:
        return False
    return _surely(control) and control.ratio - 1 >= (draft.ratio - 1) / 2
