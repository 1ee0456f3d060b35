"""What else happened between the two sides: other intents as a control, and equal prompts.

A run of two interleaved versions is its own control: drift meets both alike. Else the load
may have changed between the sides, and only other intents of the same runs tell: those with
an unchanged prompt, on the same models. What is laid to the prompt is then the ratio of the
ratios, with limits by MOVER on the logarithm (Zou and Donner, 2008, Construction of confidence
limits about effect measures). It fails or passes only against every control; without any,
nothing can be said of the prompt.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mangaops.bench.comparing.comparison import Comparison, Doubt, Reason
from mangaops.bench.comparing.rules import reaches

_UNCONTROLLED = frozenset({Doubt.NOT_INTERLEAVED, Doubt.MOVED_TOGETHER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """What is known of the intents: whose prompt is another one, and the models of each.

    `asked` are those that need a control: an unchanged prompt has nothing to be acquitted of.
    """

    changed: Collection[str]
    asked: Collection[str]
    models: Mapping[str, frozenset[str]] = field(default_factory=dict)


def with_control(
    drafts: Sequence[Comparison], prompts: Prompts, limit: float
) -> tuple[Comparison, ...]:
    """The drafts, each that is NOT_INTERLEAVED with what its controls say.

    `limit` is the ratio from which on a slow-down is a regression.
    """
    return tuple(
        _controlled(draft, [one for one in drafts if one is not draft], prompts, limit)
        if _is_asked(draft, prompts)
        else draft
        for draft in drafts
    )


def is_controlled(one: Comparison) -> bool:
    """Whether a slow-down can be the prompt's: interleaved, or against every control."""
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
class Relative:
    """The ratio of a draft over that of its control, with one-sided limits."""

    ratio: float
    low: float
    high: float


def relative(draft: Comparison, control: Comparison) -> Relative:
    """By MOVER. A control is finite; what is infinite in the draft stays so."""
    ratio, low, high = _logs(draft)
    others = _logs(control)
    if not math.isfinite(ratio):
        return Relative(
            ratio=_exp(ratio), low=_exp(low - others[2]), high=_exp(max(high, ratio) - others[1])
        )
    difference = ratio - others[0]
    return Relative(
        ratio=_exp(difference),
        low=_exp(difference - math.hypot(ratio - low, others[2] - others[0])),
        high=_exp(difference + math.hypot(high - ratio, others[0] - others[1])),
    )


def _logs(one: Comparison) -> tuple[float, float, float]:
    ratio, low, high = (_log(value or 0) for value in (one.ratio, one.low, one.high))
    return ratio, low, high


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _exp(value: float) -> float:
    return math.inf if value > math.log(1e300) else math.exp(value)


def _controlled(
    draft: Comparison, others: Sequence[Comparison], prompts: Prompts, limit: float
) -> Comparison:
    controls = [one for one in others if not _against(one, draft, prompts)]
    if not controls:
        return _decided(draft, Doubt.NOT_INTERLEAVED, _no_control(draft, others, prompts))
    if _slower(draft, limit):
        open_ = [one for one in controls if not _slower(relative(draft, one), limit)]
        return _moved(draft, open_, slower=True)
    if _within(draft, limit):
        open_ = [one for one in controls if not _within(relative(draft, one), limit)]
        return _moved(draft, open_, slower=False)
    return draft


def _against(one: Comparison, draft: Comparison, prompts: Prompts) -> str:
    """Why an intent is no control of another; empty where it is one."""
    models = prompts.models.get
    if not one.baseline.samples or not one.candidate.samples:
        return f"{one.intent} is in one run only"
    if one.intent in prompts.changed:
        return f"{one.intent} has another prompt, too"
    if models(one.intent) != models(draft.intent):
        return f"{one.intent} runs on another model"
    finite = all(bound is not None and math.isfinite(bound) for bound in (one.ratio, one.high))
    if not finite or not one.ratio or not one.low or any(each.decides for each in one.reasons):
        return f"{one.intent} has no sure ratio itself"
    return ""


def _no_control(draft: Comparison, others: Sequence[Comparison], prompts: Prompts) -> str:
    if not others:
        return "; there is no other intent as a control"
    common = [one for one in others if one.baseline.samples and one.candidate.samples]
    if common and all(one.intent in prompts.changed for one in common):
        return "; no other intent kept its prompt, and there is no control"
    told = ", ".join(_against(one, draft, prompts) for one in others)
    return f"; there is no control: {told}"


def _moved(draft: Comparison, controls: Sequence[Comparison], *, slower: bool) -> Comparison:
    """The draft, open where `controls` moved as it did, or may have."""
    if not controls:
        return draft
    way = "slower" if slower else "faster"
    sure = [one for one in controls if _surely(one, slower=slower)]
    told = ", ".join(f"{one.intent} {_became(one)}" for one in sure or controls)
    if not sure:
        more = f"; with an unchanged prompt the control moved, too, or may have: {told}"
        return _decided(draft, Doubt.NOT_INTERLEAVED, more)
    end = (
        f"became {way} between the same runs, too: drift or infrastructure, not this prompt alone"
        if slower
        else f"became {way} between the same runs: this prompt may be slower than it seems"
    )
    names = ", ".join(f"{one.intent} ({_change(one)})" for one in sure)
    reason = Reason(doubt=Doubt.MOVED_TOGETHER, text=f"{names} {end}", decides=True)
    return replace(draft, reasons=(*draft.reasons, reason))


def _became(one: Comparison) -> str:
    low, high = (100 * ((bound or 0) - 1) for bound in (one.low, one.high))
    return f"{low:+.0f} % to {high:+.0f} %"


def _change(one: Comparison) -> str:
    return f"{100 * ((one.ratio or 0) - 1):+.0f} %"


def _decided(draft: Comparison, doubt: Doubt, more: str = "") -> Comparison:
    """The draft, whose reason of that name decides now."""
    reasons = tuple(
        replace(one, text=one.text + more, decides=True) if one.doubt is doubt else one
        for one in draft.reasons
    )
    return replace(draft, reasons=reasons)


def _is_asked(draft: Comparison, prompts: Prompts) -> bool:
    apart = any(reason.doubt is Doubt.NOT_INTERLEAVED for reason in draft.reasons)
    decided = any(reason.decides for reason in draft.reasons)
    return draft.intent in prompts.asked and apart and not decided


def _slower(one: Comparison | Relative, limit: float) -> bool:
    surely = one.low is not None and one.low > 1
    return surely and reaches(one.ratio or 0, limit)


def _within(one: Comparison | Relative, limit: float) -> bool:
    return one.high is not None and not reaches(one.high, limit)


def _surely(one: Comparison, *, slower: bool) -> bool:
    if slower:
        return one.low is not None and one.low > 1
    return one.high is not None and one.high < 1
