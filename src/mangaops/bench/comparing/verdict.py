"""From measured comparisons to verdicts, over all intents at once.

R is the ratio of the p95, L and U its one-sided limits. Per intent:

    FAIL          L > 1 and R >= 1 + margin, or the lower limit of the p95 is over the budget
    PASS          U < 1 + margin, and the p95 is within the budget
    INCONCLUSIVE  neither, or a reason decides that there can be no verdict

A reason that takes the blame from the prompt (BLAME) leaves the budget, which has no other side.
So significance without size is no FAIL, and size without certainty is none either. Among
many intents some look slower by chance: Holm's correction takes such FAILs away, over the
ratios as one family and over the budgets as another.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from mangaops.bench.comparing.budget import P95
from mangaops.bench.comparing.comparison import (
    BLAME,
    BudgetCheck,
    Comparison,
    Doubt,
    Reason,
    Verdict,
)
from mangaops.bench.comparing.rules import ROUNDING, Rules, reaches
from mangaops.bench.statistics.multiple import holm

SEVERITIES = ((1.50, "SEV-1"), (1.25, "SEV-2"))
LEAST_SEVERITY = "SEV-3"
MANY = 10
"""Times as many samples as there are: a guess of more is not worth a number."""


def decided(drafts: Sequence[Comparison], rules: Rules) -> tuple[Comparison, ...]:
    """The drafts with verdict, severity and corrected p values, and the reasons that decided."""
    ratios = _corrected([None if _is_open(one) else one.p_value for one in drafts])
    budgets = _corrected([None if _settled(one) else _budget_p(one) for one in drafts])
    return tuple(
        _judged(replace(draft, holm_p=ratio), budget, rules)
        for draft, ratio, budget in zip(drafts, ratios, budgets, strict=True)
    )


def _corrected(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Holm over those that can have a verdict; None for the others."""
    family = iter(holm([p for p in p_values if p is not None]))
    return tuple(None if p is None else next(family) for p in p_values)


def _settled(one: Comparison) -> bool:
    """Nothing can be said."""
    return any(reason.decides and reason.doubt not in BLAME for reason in one.reasons)


def _is_open(one: Comparison) -> bool:
    """Nothing can be said of the ratio."""
    return any(reason.decides for reason in one.reasons)


def _budget_check(one: Comparison) -> BudgetCheck | None:
    return next((check for check in one.budgets if check.name == P95), None)


def _budget_p(one: Comparison) -> float | None:
    check = _budget_check(one)
    return None if check is None else check.p_value


def _judged(draft: Comparison, budget_p: float | None, rules: Rules) -> Comparison:
    if _settled(draft):
        return replace(
            draft, verdict=Verdict.INCONCLUSIVE, budgets=unjudged(draft, "there is no verdict")
        )
    blameless = _is_open(draft)
    slower, over = not blameless and _slower(draft, rules), _over(draft)
    slower_holds = slower and _holds(draft.p_value, draft.holm_p, rules)
    over_holds = over and _holds(_budget_p(draft), budget_p, rules)
    if slower_holds or over_holds:
        size = None if blameless else draft.ratio
        return replace(draft, verdict=Verdict.FAIL, severity=severity(size))
    if slower or over:
        told = replace(draft, budgets=unjudged(draft, "among so many intents it may be chance"))
        return _open(told, _by_chance(rules))
    if blameless:
        return replace(draft, verdict=Verdict.INCONCLUSIVE)
    if _within(draft, rules):
        return replace(draft, verdict=Verdict.PASS)
    return _open(draft, _undecided(draft, rules))


def _open(draft: Comparison, reason: Reason) -> Comparison:
    return replace(draft, verdict=Verdict.INCONCLUSIVE, reasons=(*draft.reasons, reason))


def unjudged(draft: Comparison, why: str) -> tuple[BudgetCheck, ...]:
    """The budgets, with a broken one of the p95 open: it is judged as the ratio is."""
    return tuple(
        replace(check, kept=None, detail=f"{check.detail}, but {why}")
        if check.name == P95 and check.kept is False
        else check
        for check in draft.budgets
    )


def severity(ratio: float | None) -> str:
    """Of a FAIL: > 50 % SEV-1, > 25 % SEV-2, else SEV-3."""
    for over, name in SEVERITIES:
        if ratio is not None and ratio > over * (1 + ROUNDING):
            return name
    return LEAST_SEVERITY


def _slower(one: Comparison, rules: Rules) -> bool:
    if one.ratio is None or one.low is None:
        return False
    return one.low > 1 + ROUNDING and reaches(one.ratio, rules.limit)


def _over(one: Comparison) -> bool:
    check = _budget_check(one)
    return check is not None and check.kept is False


def _holds(p_value: float | None, corrected: float | None, rules: Rules) -> bool:
    """What Holm left alone is decided by its limits; what it raised, by the raised p value."""
    if p_value is None or corrected is None or corrected == p_value:
        return True
    return corrected <= rules.alpha


def _within(one: Comparison, rules: Rules) -> bool:
    check = _budget_check(one)
    if check is not None and check.kept is not True:
        return False
    return one.high is not None and not reaches(one.high, rules.limit)


def _by_chance(rules: Rules) -> Reason:
    text = (
        "slower or over its budget, but one such among so many intents is expected by chance: "
        f"the corrected p value is above {rules.alpha:.2g}"
    )
    return Reason(doubt=Doubt.SEVERAL_INTENTS, text=text, decides=True)


def _undecided(draft: Comparison, rules: Rules) -> Reason:
    if draft.ratio is None or draft.low is None or draft.high is None:
        text = "the p95 of both sides is 0: there is no ratio"
        return Reason(doubt=Doubt.NO_RATIO, text=text, decides=True)
    check = _budget_check(draft)
    if not reaches(draft.high, rules.limit) and check is not None:
        text = (
            f"the p95 of {check.observed or 0:.0f} ms is over the budget of {check.limit:.0f} ms, "
            "but may be below it with more samples"
        )
    else:
        text = (
            f"the ratio of the p95 lies between {_bound(draft.low)} and {_bound(draft.high)}, and "
            f"{rules.limit:.2f} is a regression: {_more(draft, rules)}"
        )
    return Reason(doubt=Doubt.UNDECIDED, text=text, decides=True)


def _bound(ratio: float) -> str:
    return "infinite" if math.isinf(ratio) else f"{ratio:.2f}"


def _more(draft: Comparison, rules: Rules) -> str:
    """About how many samples would tell: limits narrow with the root of their number."""
    now = min(draft.baseline.samples, draft.candidate.samples)
    times = _times(draft, rules)
    if times > MANY:
        return f"more than {MANY} times as many samples would have to tell"
    wanted = max(now + 1, now * times)
    step = 10 ** max(0, math.floor(math.log10(wanted)) - 1)
    return f"about {math.ceil(wanted / step) * step} samples a side would tell"


def _times(draft: Comparison, rules: Rules) -> float:
    ratio, low, high = draft.ratio or 0, draft.low or 0, draft.high or 0
    if not 0 < low <= ratio <= high < math.inf:
        return math.inf
    if reaches(ratio, rules.limit):
        wide, enough = math.log(ratio / low), math.log(ratio)
    else:
        wide, enough = math.log(high / ratio), math.log(rules.limit / ratio)
    return math.inf if enough <= 0 else (wide / enough) ** 2
