"""Other intents as a control: what slows down all of them is not one prompt.

Only runs that were not interleaved need it: in an interleaved run drift meets both
versions alike.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from mangaops.bench.comparing.comparison import Comparison, Doubt, Reason


def with_control(
    drafts: Sequence[Comparison], changed: Collection[str], limit: float
) -> tuple[Comparison, ...]:
    """The drafts, with MOVED_TOGETHER where every control became slower as well.

    `changed` are the intents whose prompt is another one. The others are the control; if
    there are none, all other intents are. Only a ratio of `limit` or more needs one: what
    is no regression is not made open by what else is slow.
    """
    known = [draft for draft in drafts if _known(draft)]
    unchanged = [draft for draft in known if draft.intent not in changed]
    return tuple(
        _controlled(draft, known, unchanged) if (draft.ratio or 0) >= limit else draft
        for draft in drafts
    )


def _controlled(
    draft: Comparison, known: Sequence[Comparison], unchanged: Sequence[Comparison]
) -> Comparison:
    others = _without(draft, unchanged) or _without(draft, known)
    if not others or not _slower(draft) or not all(_as_much(one, draft) for one in others):
        return draft
    names = ", ".join(one.intent for one in others)
    text = (
        f"{names} became slower between the same runs, too: drift or infrastructure, "
        "not this prompt alone"
    )
    reason = Reason(doubt=Doubt.MOVED_TOGETHER, text=text, decides=True)
    return replace(draft, reasons=(*draft.reasons, reason))


def _without(draft: Comparison, others: Sequence[Comparison]) -> list[Comparison]:
    return [one for one in others if one.intent != draft.intent]


def _known(draft: Comparison) -> bool:
    return draft.low is not None and not any(reason.decides for reason in draft.reasons)


def _as_much(control: Comparison, draft: Comparison) -> bool:
    """Slower for certain, and by half of the other's slow-down or more."""
    if control.ratio is None or draft.ratio is None:
        return False
    return _slower(control) and control.ratio - 1 >= (draft.ratio - 1) / 2


def _slower(draft: Comparison) -> bool:
    return draft.low is not None and draft.low > 1
