"""The words of a comparison: latencies, changes with their limits, effects, causes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from mangaops.bench.comparing.comparison import (
    ArmSummary,
    BudgetCheck,
    Cause,
    Comparison,
    Figure,
    Metric,
    Parts,
    Shift,
    Verdict,
)
from mangaops.bench.comparing.shift import effect
from mangaops.render.escaping import visible
from mangaops.render.figures import margin, number
from mangaops.render.painted import cells

UNKNOWN = "unknown"
ROLES = ("baseline", "candidate")
NAME = 20
"""Columns of a version's name in a table of the terminal."""
NO_EVIDENCE = "~"
"""As benchstat writes it: the limits hold "no change" as well."""
STYLES = {Verdict.PASS: "fine", Verdict.FAIL: "fail", Verdict.INCONCLUSIVE: "unsure"}
_FIGURES: Mapping[str, str] = MappingProxyType(
    {
        Metric.P95: "p95",
        Metric.P50: "median",
        Metric.FIRST_TOKEN_P95: "first token p95",
        Metric.MS_PER_TOKEN: "a token, median",
        Metric.OUTPUT_TOKENS: "tokens out, mean",
        Metric.INPUT_TOKENS: "tokens in, mean",
    }
)
_BUDGETS: Mapping[str, str] = MappingProxyType(
    {"p95_ms": "p95", "prompt_tokens": "prompt tokens", "output_tokens": "output tokens"}
)
FEWEST_RANKS = 4
"""Calls a side. With fewer no order of them is significant."""
_DOUBLE = 3.0
_SECOND = 1000.0


def short_latency(ms: float | None) -> str:
    """`2.41 s`, `870 ms`; infinite where so many calls failed."""
    if ms is None or not math.isfinite(ms):
        return measured(ms, "ms")
    return f"{ms / _SECOND:.2f} s" if ms >= _SECOND else f"{round(ms)} ms"


def measured(value: float | None, unit: str) -> str:
    if value is None or math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "infinite"
    return f"{number(value)} {unit}" if unit in {"ms", "s"} else number(value)


def change(ratio: float | None) -> str:
    """`+33 %`, `x 5.2` from three times on."""
    if ratio is None or math.isnan(ratio):
        return UNKNOWN
    if math.isinf(ratio):
        return "infinite"
    return f"x {ratio:,.1f}" if ratio >= _DOUBLE else margin(ratio - 1)


def percent(share: float) -> str:
    """`15 %`, of a margin."""
    return f"{number(100 * share)} %"


def limits(low: float | None, high: float | None) -> str:
    """`+21 % to +44 %`; one side alone where few samples carry only one."""
    bounded = high is not None and math.isfinite(high)
    if low is not None and bounded:
        return f"{change(low)} to {change(high)}"
    if low is not None and math.isinf(low):
        return change(low)
    if low is not None and low > 0:
        return f"from {change(low)}"
    return f"up to {change(high)}" if bounded else UNKNOWN


def evident(low: float | None, high: float | None) -> bool:
    """Whether the limits leave out that nothing changed."""
    return (low is not None and low > 1) or (high is not None and high < 1)


def figure_rows(one: Comparison) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, both sides, change and limits: every figure, then calls and how many failed."""
    for figure in one.figures:
        if figure.name != Metric.FAILURES:
            yield (
                _FIGURES.get(figure.name, figure.name),
                measured(figure.baseline, figure.unit),
                measured(figure.candidate, figure.unit),
                _figure_change(figure),
                _figure_limits(figure),
            )
    a, b = one.baseline, one.candidate
    yield "calls", f"{a.samples:,}", f"{b.samples:,}", "", ""
    yield "failed", _failed(a), _failed(b), "", ""


def _figure_change(figure: Figure) -> str:
    known = figure.low is not None or figure.high is not None
    if known and not evident(figure.low, figure.high):
        return NO_EVIDENCE
    return "" if figure.ratio is None else change(figure.ratio)


def _figure_limits(figure: Figure) -> str:
    return "" if figure.low is None and figure.high is None else limits(figure.low, figure.high)


def _failed(arm: ArmSummary) -> str:
    if not arm.failures or not arm.samples:
        return f"{arm.failures:,}"
    return f"{arm.failures:,} ({number(100 * arm.failures / arm.samples)} %)"


def headline(one: Comparison) -> tuple[str, str]:
    """What the p95 did, and how surely."""
    p95 = f"p95 {short_latency(one.baseline.p95_ms)} -> {short_latency(one.candidate.p95_ms)}"
    severity = f"  {one.severity}" if one.severity else ""
    if one.ratio is None:
        return p95, severity.strip()
    if math.isinf(one.ratio):
        failed = one.candidate.p95_ms == math.inf
        return p95, f"({'so many calls failed' if failed else 'from nothing'}){severity}"
    sure = limits(one.low, one.high)
    told = "no 95 % limits" if sure == UNKNOWN else f"95 %: {sure}"
    return p95, f"{change(one.ratio)} ({told}){severity}"


def chance(p_value: float | None) -> str:
    if p_value is None:
        return f"p {UNKNOWN}"
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def shift_words(one: Comparison) -> str:
    """What moved, by the test of ranks; empty where there was none."""
    if one.mann_whitney_p is None or one.cliffs_delta is None:
        return ""
    if min(one.baseline.samples, one.candidate.samples) < FEWEST_RANKS:
        return ""
    moved = {
        Shift.NONE: "no shift of the whole distribution is seen",
        Shift.WHOLE: "the whole distribution moved",
        Shift.TAIL: "the tail alone moved",
    }[one.shift]
    delta = one.cliffs_delta
    _, after = arms_named(one, widest=NAME)
    after = f"the {after}" if after in ROLES else after
    slower = f"of two calls, one of each, {after} is the slower one in"
    test = f"Mann-Whitney {chance(one.mann_whitney_p)}, Cliff's delta {delta:+.2f}"
    return f"{moved}: {slower} {(delta + 1) / 2:.0%}; {test}, {effect(delta).value}".replace(
        "%", " %"
    )


def parts_words(parts: Parts) -> str:
    """`Of 680 ms more per call: 120 ms first token, ...`; a part against the trend is negative."""
    total = parts.total_ms
    named = (
        (parts.first_token_ms, "first token", "first token"),
        (parts.output_length_ms, "longer answers", "shorter answers"),
        (parts.generation_speed_ms, "slower generation", "faster generation"),
        (parts.remainder_ms, "remainder", "remainder"),
    )
    told = ", ".join(f"{_whole(ms)} ms {more if ms >= 0 else less}" for ms, more, less in named)
    return f"Of {_whole(abs(total))} ms {'more' if total >= 0 else 'less'} per call: {told}."


def _whole(value: float) -> str:
    return f"{round(value):,}"


def cause_words(one: Comparison) -> str:
    """`longer prompt (180 -> 520 tokens)`; empty where nothing is to be explained."""
    if one.cause is Cause.NONE:
        return ""
    before, after = one.baseline.prompt_tokens, one.candidate.prompt_tokens
    longer = one.cause in {Cause.LONGER_PROMPT, Cause.LONGER_PROMPT_AND_OUTPUT}
    if longer and before is not None and after is not None:
        return f"{one.cause.value} (prompt: {number(before)} -> {number(after)} tokens)"
    return one.cause.value


def budget_words(check: BudgetCheck) -> str:
    """`p95 3,210 ms, limit 3,000 ms`."""
    seen = measured(check.observed, check.unit) if check.observed is not None else "not seen"
    detail = f" ({visible(check.detail)})" if check.detail else ""
    name = _BUDGETS.get(check.name, check.name)
    return f"{name} {seen}, limit {measured(check.limit, check.unit)}{detail}"


def budget_mark(check: BudgetCheck) -> tuple[str, str]:
    """The word in front of a budget, and its style."""
    if check.kept is None:
        return "??", "unsure"
    return ("ok", "fine") if check.kept else ("FAIL", "fail")


def arms_named(one: Comparison, *, widest: int | None = None) -> tuple[str, str]:
    """What to call the sides: their versions; by their roles where both have the same name,
    or one needs more than `widest` columns.
    """
    before, after = visible(one.baseline.version), visible(one.candidate.version)
    if before == after or not before or not after:
        return ROLES
    if widest is not None and max(cells(before), cells(after)) > widest:
        return ROLES
    return before, after
