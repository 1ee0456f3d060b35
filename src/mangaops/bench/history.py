"""Stored runs as a series, one figure a run, and where the series changed for good.

Rules:

- Of a run with two versions the first is taken: it is what was active. Warm-up calls count
  nowhere.
- A run is left out, with the reason, when it is unfinished, has fewer than 20 calls of the
  intent, or is one that was taken already from another file. Where the newest runs have no
  figure, the present level is not known.
- A failed call is an infinite latency. A run whose figure is infinite, as so many calls failed,
  is the worst there is: it counts as twice the slowest one, and a level of which it is half or
  more is infinite.
- Runs of another environment or cache mode are another series. Other models, regions,
  prompts, workloads, rates and clients are what a change may come from: those that changed
  with it, one run before it or one after are named. That is a coincidence in time, no proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from mangaops.bench.runs.sample import CacheMode, Run, Sample
from mangaops.errors import InputError, nearest

if TYPE_CHECKING:
    from mangaops.bench.comparing.columns import Columns

LEAST_RUNS = 10
NEWEST = 3
"""So many figures are a level. As many newer runs without one, and it is not known."""
WORST = 2.0
"""An infinite figure as a multiple of the greatest finite one."""
LEAST_CALLS = 20
"""The p95 of fewer calls is their slowest one."""


class Measure(StrEnum):
    """What a run is in the series. More is worse, of all of them."""

    P95 = "p95"
    P50 = "p50"
    TTFT_P95 = "ttft_p95"
    MS_PER_TOKEN = "ms_per_token"  # noqa: S105 - a figure
    OUTPUT_TOKENS = "output_tokens"

    @property
    def unit(self) -> str:
        return "tokens" if self is Measure.OUTPUT_TOKENS else "ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One run of the series. `value` is in the measure's unit, inf where so many calls failed."""

    run: str
    at: datetime
    value: float
    calls: int
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """Something that is from `run` on not as it was in the run before."""

    run: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A new level from `run` on; `before` and `after` are the means of the levels, or inf.

    It happened after the run `since` and before `run`. `index` is the place in the points.
    `told` is what AWS tells of that time, where it was asked.
    """

    index: int
    run: str
    at: datetime
    since: str
    since_at: datetime
    before: float
    after: float
    p_value: float
    nearby: tuple[Nearby, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def ratio(self) -> float:
        return self.after / self.before if self.before else inf

    @property
    def worse(self) -> bool:
        return self.after > self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    run: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One intent under one set of conditions. `changes` is None with fewer than 10 runs.

    `unknown` is how many of the newest runs have no figure where they hide the present level,
    else 0.
    """

    intent: str
    measure: Measure
    environment: str
    cache: CacheMode
    points: tuple[Point, ...]
    changes: tuple[Change, ...] | None
    left_out: tuple[LeftOut, ...] = ()
    unknown: int = 0

    @property
    def slower(self) -> Change | None:
        """The change to the present level, if that is worse than the one before."""
        last = self.changes[-1] if self.changes else None
        return last if last is not None and last.worse else None

    @property
    def prompts_of_slower(self) -> tuple[str, str] | None:
        """The two runs between which the prompt changed beside it: they can be compared."""
        near = self.slower.nearby if self.slower else ()
        run = next((one.run for one in near if one.what in {"prompt", "prompt text"}), None)
        pairs = pairwise(point.run for point in self.points)
        return next((pair for pair in pairs if pair[1] == run), None)


def series_of(
    runs: Iterable[Run], measure: Measure, intent: str | None = None
) -> tuple[Series, ...]:
    """All series, by intent. Runs may come in any order. InputError: nobody has the intent."""
    ordered = sorted(runs, key=_order)
    known = sorted({name for run in ordered for name in run.header.intents})
    if intent is not None and intent not in known:
        hint = nearest(intent, known) or f"intents: {', '.join(known) or 'none'}"
        raise InputError(f"no stored run measured `{intent}`", where="--intent", hint=hint)
    found: list[Series] = []
    for name in known if intent is None else [intent]:
        groups: dict[tuple[str, CacheMode], list[Run]] = {}
        for run in ordered:
            if name in run.header.prompts:
                groups.setdefault((run.header.environment, run.header.cache), []).append(run)
        found += [_series(group, measure, name) for group in groups.values()]
    return tuple(found)


def _order(run: Run) -> tuple[object, ...]:
    """By time. Of files of the same run the finished one first, then the one of its name."""
    header = run.header
    return (header.started_at, header.run, run.finished_at is None, header.run != _file(run))


def _file(run: Run) -> str:
    return run.place.rpartition("/")[2].removesuffix(".jsonl")


def _series(runs: Sequence[Run], measure: Measure, intent: str) -> Series:
    points: list[Point] = []
    kept: list[Run] = []
    left_out: list[LeftOut] = []
    taken: dict[str, bool] = {}
    for run in runs:
        if run.header.run in taken:
            reason = f"the same run again, in {_file(run)}"
            left_out.append(LeftOut(run=run.header.run, reason=reason))
            continue
        point = _point(run, measure, intent)
        taken[run.header.run] = isinstance(point, Point)
        if isinstance(point, Point):
            points.append(point)
            kept.append(run)
        else:
            left_out.append(LeftOut(run=run.header.run, reason=point))
    return Series(
        intent=intent,
        measure=measure,
        environment=runs[0].header.environment,
        cache=runs[0].header.cache,
        points=tuple(points),
        changes=_changes(points, kept, intent) if len(points) >= LEAST_RUNS else None,
        left_out=tuple(left_out),
        unknown=_unknown(tuple(taken.values())),
    )


def _unknown(figures: Sequence[bool]) -> int:
    """How many runs without a figure hide the newest level; 0 where they are few."""
    known = without = 0
    for has in reversed(figures):
        known, without = known + has, without + (not has)
        if known == NEWEST:
            break
    return without if without >= NEWEST else 0


def _point(run: Run, measure: Measure, intent: str) -> Point | str:
    """The run's figure, or why it has none."""
    if run.finished_at is None:
        return "unfinished"
    samples = run.arm(intent, 0)
    if len(samples) < LEAST_CALLS:
        return f"{len(samples)} calls of {intent}, fewer than {LEAST_CALLS}"
    failures = sum(one.latency_ms == inf for one in samples)
    value = _value(samples, measure)
    if value is None:
        return f"no call reports what {measure} needs"
    return Point(
        run=run.header.run,
        at=run.header.started_at,
        value=value,
        calls=len(samples),
        failures=failures,
    )


def _value(samples: Sequence[Sample], measure: Measure) -> float | None:
    from mangaops.bench.comparing.columns import of_samples  # noqa: PLC0415 - numpy
    from mangaops.bench.statistics.quantile import quantile  # noqa: PLC0415 - as above

    found: Columns = of_samples(samples)
    match measure:
        case Measure.P95:
            return quantile(found.total, 0.95)
        case Measure.P50:
            return quantile(found.total, 0.5)
        case Measure.TTFT_P95:
            return quantile(found.first_token, 0.95) if found.first_token.size else None
        case Measure.MS_PER_TOKEN:
            return quantile(found.ms_per_token, 0.5) if found.ms_per_token.size else None
        case Measure.OUTPUT_TOKENS:
            return float(found.output_tokens.mean()) if found.output_tokens.size else None


def _changes(points: Sequence[Point], runs: Sequence[Run], intent: str) -> tuple[Change, ...]:
    from mangaops.bench.statistics.change_points import change_points  # noqa: PLC0415 - numpy

    values = [point.value for point in points]
    found = change_points(finite(values))
    if not found:
        return ()
    borders = pairwise([0, *(one.index for one in found), len(values)])
    means = [*(one.before for one in found), found[-1].after]
    levels = [_level(values[a:b], mean) for (a, b), mean in zip(borders, means, strict=True)]
    return tuple(
        Change(
            index=one.index,
            run=points[one.index].run,
            at=points[one.index].at,
            since=points[one.index - 1].run,
            since_at=points[one.index - 1].at,
            before=before,
            after=after,
            p_value=one.p_value,
            nearby=tuple(_around(runs, one.index, intent)),
        )
        for one, (before, after) in zip(found, pairwise(levels), strict=True)
        if not before == after == inf
    )


def finite(values: Sequence[float]) -> list[float]:
    """Infinite figures as what they count."""
    known = [value for value in values if value < inf]
    worst = WORST * max(known, default=0.0) or 1.0
    return [value if value < inf else worst for value in values]


def _level(values: Sequence[float], mean: float) -> float:
    return inf if 2 * values.count(inf) >= len(values) else mean


def _around(runs: Sequence[Run], index: int, intent: str) -> Iterator[Nearby]:
    """Also of the runs beside it: noise may move the place of a change by one."""
    for place in (index, index - 1, index + 1):
        if 1 <= place < len(runs):
            yield from nearby(runs[place - 1], runs[place], intent)


def nearby(before: Run, after: Run, intent: str) -> Iterator[Nearby]:
    """What the two runs do not have in common, of what may have caused a change."""
    old_conditions, new_conditions = (dict(_conditions(run, intent)) for run in (before, after))
    if old_conditions["prompt"] != new_conditions["prompt"]:
        del old_conditions["prompt text"]  # another version is another text
    for what, old in old_conditions.items():
        if old != (new := new_conditions[what]):
            yield Nearby(run=after.header.run, what=what, before=old, after=new)


def _conditions(run: Run, intent: str) -> Iterator[tuple[str, str]]:
    header = run.header
    prompt = header.prompts[intent][0]
    models = sorted({one.model for one in run.arm(intent, 0)})
    yield "prompt", prompt.version
    yield "prompt text", prompt.digest[:12]
    yield "prompt tokens", _text(prompt.prompt_tokens)
    yield "output limit", _text(prompt.max_output_tokens)
    yield "model", ", ".join(models)
    yield "region", header.region
    yield "workload", header.workload
    yield "concurrency", str(header.concurrency)
    yield "calls a second", _text(header.rate_per_s)
    yield "client", header.client


def _text(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"
