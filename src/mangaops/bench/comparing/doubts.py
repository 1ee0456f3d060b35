"""Why a comparison is not to be trusted, or not wholly. Each reason in a sentence.

Some decide: there is no verdict then. The others are said beside it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from mangaops.bench.comparing.comparison import ArmSummary, Doubt, Reason
from mangaops.bench.comparing.sides import Side
from mangaops.bench.runs.sample import RunHeader

Span = tuple[datetime, datetime] | None
"""The times of the first and the last call."""
Spans = tuple[Span, Span]
FAILED = 0.01
"""The share of failed calls from which on it is said."""
TREND = 0.01
DRIFTED = 0.10
"""A trend of less than 10 % is not worth a word."""
SHARE = 0.05
"""A model's share that differs by less is not worth a word."""
CHOSEN = 0.01
"""The p value below which other shares are no chance, over all models together."""
UNIT_FACTOR = (500, 2000)
"""Medians that differ by about this are seconds on one side and milliseconds on the other."""


def of_counts(
    intent: str, baseline: ArmSummary, candidate: ArmSummary, needed: int
) -> Reason | None:
    """No samples on a side, or fewer than the p95 needs."""
    few = tuple(
        (name, arm.samples)
        for name, arm in (("baseline", baseline), ("candidate", candidate))
        if arm.samples < needed
    )
    empty = [name for name, count in few if not count]
    of_intent = f" of {intent}" if intent else ""
    if empty:
        found = "neither side has samples" if len(empty) > 1 else f"the {empty[0]} has no samples"
        text = found + of_intent
        return Reason(doubt=Doubt.ONE_SIDED, text=text, decides=True)
    if not few:
        return None
    counts = " and ".join(f"{count} in the {name}" for name, count in few)
    text = f"too few samples{of_intent}: {counts}; a p95 needs {needed} a side"
    return Reason(doubt=Doubt.TOO_FEW, text=text, decides=True)


def of_failures(baseline: ArmSummary, candidate: ArmSummary) -> Iterator[Reason]:
    for name, arm in (("baseline", baseline), ("candidate", candidate)):
        if arm.failures > FAILED * arm.samples:
            share = 100 * arm.failures / arm.samples
            text = f"{arm.failures} of {arm.samples} calls of the {name} failed ({share:.1f} %)"
            yield Reason(doubt=Doubt.FAILURES, text=text)
    if baseline.p95_ms == candidate.p95_ms == math.inf:
        text = "so many calls failed that the p95 of both sides is a failed call"
        yield Reason(doubt=Doubt.FAILURES, text=text, decides=True)


def of_drift(name: str, p_value: float, change: float | None) -> Reason | None:
    """A trend within one side, by Kendall's test of the latencies in order of time."""
    if p_value >= TREND or change is None or abs(change) < DRIFTED:
        return None
    text = (
        f"the {name} drifts: the median of its last third is {abs(100 * change):.0f} % "
        f"{'above' if change > 0 else 'below'} that of its first"
    )
    return Reason(doubt=Doubt.DRIFT, text=text)


def of_units(baseline: ArmSummary, candidate: ArmSummary) -> Reason | None:
    """Nothing says in which unit a list of numbers is; a factor of 1,000 does."""
    a, b = baseline.p50_ms, candidate.p50_ms
    if not a or not b or math.inf in (a, b):
        return None
    low, high = UNIT_FACTOR
    if not low < max(a / b, b / a) < high:
        return None
    text = "one side is about 1,000 times the other: are both in milliseconds?"
    return Reason(doubt=Doubt.DIFFERENT_CONDITIONS, text=text, decides=True)


def of_models(baseline: Mapping[str, int], candidate: Mapping[str, int]) -> Reason | None:
    """Other models, or the same ones in other shares. Both are calls by model."""
    if not baseline or not candidate:
        return None
    if set(baseline) != set(candidate):
        return _different("model", _listed(baseline), _listed(candidate), decides=True)
    for model in sorted(baseline):
        shares = [side[model] / sum(side.values()) for side in (baseline, candidate)]
        if abs(shares[1] - shares[0]) >= SHARE and _is_chosen(model, baseline, candidate):
            one, other = (f"{100 * share:.0f} %" for share in shares)
            return _different(f"share of {model}", one, other, decides=True)
    return None


def _is_chosen(model: str, baseline: Mapping[str, int], candidate: Mapping[str, int]) -> bool:
    """Whether chance does not explain its shares: the test of two proportions, pooled."""
    n, m = sum(baseline.values()), sum(candidate.values())
    one, other = baseline[model], candidate[model]
    pooled = (one + other) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return math.erfc(abs(other / m - one / n) / error / math.sqrt(2)) < CHOSEN / len(baseline)


def of_times(spans: Spans) -> Reason | None:
    """One side wholly before the other is not interleaved, whatever else is said."""
    a, b = spans
    if a is None or b is None or (a[1] >= b[0] and b[1] >= a[0]):
        return None
    return _apart(a[0], b[0])


def of_runs(
    intent: str, baseline: Side, candidate: Side, *, spans: Spans, whole: bool
) -> Iterator[Reason]:
    """What the headers say: order of the calls, prompts, conditions, the runs' ends.

    `whole` is whether all calls that a run planned are needed.
    """
    a, b = baseline.run.header, candidate.run.header
    same_run = baseline.has_run(candidate)
    if not same_run:
        yield _apart(a.started_at, b.started_at)
    elif not a.interleaved:
        text = "not interleaved: one version was measured after the other"
        yield Reason(doubt=Doubt.NOT_INTERLEAVED, text=text)
    elif apart := of_times(spans):
        yield apart
    if baseline.has_prompt_of(candidate, intent):
        text = "both sides have the same prompt: no change of a prompt was compared"
        yield Reason(doubt=Doubt.SAME_PROMPT, text=text)
    if not same_run:
        yield from of_headers(a, b)
    yield from _of_ends(intent, baseline, candidate, whole=whole)


def _of_ends(intent: str, baseline: Side, candidate: Side, *, whole: bool) -> Iterator[Reason]:
    """Who ends a run when its figures look well chooses the verdict."""
    missing: dict[str, str] = {}
    for side in (baseline, candidate):
        run = side.run
        if run.finished_at is not None:
            continue
        had, planned = len(side.samples(intent)), run.header.samples_per_arm
        short = f"{had} of {planned}" if planned else f"{had} of an unknown number"
        missing[run.header.run] = missing.get(run.header.run) or (
            "" if planned and had >= planned else short
        )
    for name, short in missing.items():
        text = f"the run {name} did not finish"
        if short:
            text += f": {short} calls of a version are there"
        yield Reason(doubt=Doubt.UNFINISHED, text=text, decides=whole and bool(short))


def of_headers(a: RunHeader, b: RunHeader) -> Iterator[Reason]:
    """Conditions that differ. The first ones are latencies of another thing: they decide."""
    for name, one, other in (
        ("region", a.region, b.region),
        ("prompt cache", a.cache.value, b.cache.value),
        ("workload", a.workload, b.workload),
        ("unit", a.unit, b.unit),
    ):
        if one != other:
            yield _different(name, one, other, decides=bool(one and other))
    for name, one, other in (
        ("environment", a.environment, b.environment),
        ("concurrency", str(a.concurrency), str(b.concurrency)),
        ("rate", _rate(a), _rate(b)),
        ("client", a.client, b.client),
    ):
        if one != other:
            yield _different(name, one, other, decides=False)


def _rate(header: RunHeader) -> str:
    return "no limit" if header.rate_per_s is None else f"{header.rate_per_s:g} a second"


def _different(name: str, one: str, other: str, *, decides: bool) -> Reason:
    text = f"different {name}: {one or 'unknown'} and {other or 'unknown'}"
    return Reason(doubt=Doubt.DIFFERENT_CONDITIONS, text=text, decides=decides)


def _apart(a: datetime, b: datetime) -> Reason:
    form = "%Y-%m-%d %H:%M"
    if f"{a:{form}}" == f"{b:{form}}":
        form += ":%S"
    text = (
        f"not interleaved: the baseline began {a:{form}}, the candidate "
        f"{b:{form}} UTC, and the load may have changed between them"
    )
    return Reason(doubt=Doubt.NOT_INTERLEAVED, text=text)


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))
