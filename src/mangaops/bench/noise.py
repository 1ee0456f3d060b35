"""What the noise alone does: which margin means something with so many calls a side.

Comparisons of a version with itself are simulated: both sides are drawn from the calls of
one stored run (with replacement, smoothed), under the rules of the verdicts, from a seed. A
slow-down of all calls multiplies the ratio and its limits, so that one set of simulations
answers for every slow-down.

- The noise floor is what the ratio of the p95 exceeds in one of twenty such comparisons. A
  margin below it means nothing: noise alone crosses it too often.
- A slow-down is found when the lower limit of the ratio is above 1. How many calls a margin
  needs is searched among simulated sizes, up to 8 times the calls that were seen.
- Nothing is said of more than twice the calls that were seen: a tail that they hardly show
  (6 % of slow calls) is beyond any smoothing. Measured on known distributions, the floor of up
  to twice the calls is mostly 0.7 to 1.5 times the true one.
- What one run cannot show: how runs of other hours differ. An A/A run (`bench run --aa`)
  shows whether both arms of a run are treated alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from mangaops.bench.comparing.rules import FEWEST, PRIMARY, Rules
from mangaops.bench.measuring.cost import cost, price_of
from mangaops.bench.runs.sample import Run, Sample
from mangaops.errors import InputError, nearest
from mangaops.model.settings import Price

if TYPE_CHECKING:
    from mangaops.bench.statistics.ratio import Ratio

SIMULATIONS = 400
POWER = 0.9
SIZES = (60, 100, 200, 400, 800)
SHIFTS = (0.05, 0.10, 0.15, 0.20, 0.33, 0.50)
REACH = 2
"""Times the calls that were seen: of so many a side something is said."""
PLANNED = 8
"""Times the calls that were seen: as far is searched for what a margin needs."""
_MOST = 20_000
"""Larger samples are not simulated in search of what a margin needs."""


class Standing(StrEnum):
    """What is to be said of the configured margin."""

    MEANINGFUL = "meaningful"
    BELOW = "below the noise floor"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """With `calls` a side: how often an unchanged prompt passes, and slow-downs are found.

    `shares` are of SHIFTS.
    """

    calls: int
    passed: float
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """Both arms of an A/A run, compared: the ratio of their p95 and its limits."""

    ratio: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """One intent. Shares and margins: 0.15 is 15 %. None is not known, see `why`.

    `spread` are what 5 % and 95 % of the ratios are below, less 1. `false_alarms` and `passed`
    are how often an unchanged prompt fails, and passes. `detectable` is the smallest slow-down
    that is found with a chance of 90 %. `needed` are the calls a side for one as large as the
    margin, `needed_usd` what both sides of it cost; where even `tried` calls are too few for
    it, it is None. `found` has no more than twice the calls that were `observed`.
    """

    intent: str
    version: str
    run: str
    observed: int
    failures: int
    calls: int
    margin: float
    standing: Standing
    why: str = ""
    spread: tuple[float, float] | None = None
    false_alarms: float | None = None
    passed: float | None = None
    detectable: float | None = None
    needed: int | None = None
    tried: int | None = None
    needed_usd: float | None = None
    found: tuple[Found, ...] = ()
    arms: Arms | None = None

    @property
    def floor(self) -> float | None:
        return None if self.spread is None else max(0.0, self.spread[1])


def noise_of(
    run: Run,
    rules: Rules,
    *,
    intent: str | None = None,
    calls: int | None = None,
    prices: Mapping[str, Price],
    simulations: int = SIMULATIONS,
) -> tuple[Noise, ...]:
    """One Noise an intent. `calls` a side; None is as many as the run has.

    The samples are those of the first version, and of both arms where they have the same.
    """
    known = run.header.intents
    if intent is not None and intent not in known:
        hint = nearest(intent, known) or f"intents: {', '.join(known)}"
        raise InputError(f"run {run.header.run} has no `{intent}`", where="--intent", hint=hint)
    wanted = known if intent is None else (intent,)
    how = _How(rules, prices, simulations)
    return tuple(_noise(run, one, how, calls) for one in wanted)


@dataclass(frozen=True, slots=True)
class _How:
    rules: Rules
    prices: Mapping[str, Price]
    simulations: int


def _noise(run: Run, intent: str, how: _How, calls: int | None) -> Noise:
    alike = _same_arms(run, intent)
    samples = [*run.arm(intent, 0), *(run.arm(intent, 1) if alike else ())]
    failures = sum(one.latency_ms == math.inf for one in samples)
    calls = calls or (len(samples) // 2 if alike else len(samples))
    unknown = Noise(
        intent=intent,
        version=run.header.prompts[intent][0].version,
        run=run.header.run,
        observed=len(samples),
        failures=failures,
        calls=calls,
        margin=how.rules.margin,
        standing=Standing.UNKNOWN,
    )
    if why := _why_unknown(len(samples), failures, calls):
        return replace(unknown, why=why)
    found = _simulated(unknown, samples, how)
    return replace(found, arms=_arms(run, intent, how.rules)) if alike else found


def _same_arms(run: Run, intent: str) -> bool:
    used = run.header.prompts[intent]
    return len(used) == 2 and used[0].digest == used[1].digest


def _why_unknown(observed: int, failures: int, calls: int) -> str:
    if observed < FEWEST:
        return f"{observed} calls are too few: at least {FEWEST} are needed"
    if calls < FEWEST:
        return f"{calls} calls a side are too few: at least {FEWEST} are needed"
    if failures >= (1 - PRIMARY) * observed:
        return f"{failures} of {observed} calls failed: the p95 is infinite"
    return ""


def _simulated(unknown: Noise, samples: Sequence[Sample], how: _How) -> Noise:
    from mangaops.bench.statistics import power  # noqa: PLC0415 - numpy

    latencies = [one.latency_ms for one in samples]
    margin = how.rules.margin
    reach = REACH * unknown.observed
    sizes = sorted({*SIZES, unknown.calls})
    by_size = {size: _ratios(latencies, size, how) for size in sizes if size <= reach}
    smallest = {size: power.detectable(ratios, POWER) for size, ratios in by_size.items()}
    _search(smallest, latencies, PLANNED * unknown.observed, how)
    needed = _needed(smallest, margin)
    usd = _call_usd(samples, how.prices)
    planned = replace(
        unknown,
        why=f"{unknown.calls:,} calls a side are more than twice the {unknown.observed:,} that "
        f"were seen: measure {-(-unknown.calls // REACH):,} first",
        needed=needed,
        tried=max(smallest),
        needed_usd=None if needed is None or usd is None else 2 * needed * usd,
        found=tuple(
            Found(
                calls=size,
                passed=power.passed(by_size[size], margin),
                shares=tuple(power.found(by_size[size], one) for one in SHIFTS),
            )
            for size in SIZES
            if size in by_size
        ),
    )
    own = by_size.get(unknown.calls)
    return planned if own is None else _with_floor(planned, own)


def _with_floor(planned: Noise, own: Sequence[Ratio]) -> Noise:
    from mangaops.bench.statistics import power  # noqa: PLC0415 - numpy
    from mangaops.bench.statistics.quantile import quantile  # noqa: PLC0415 - as above

    seen = [_known(one.ratio) for one in own]
    spread = (quantile(seen, 1 - PRIMARY) - 1, quantile(seen, PRIMARY) - 1)
    finite = math.isfinite(spread[1])
    return replace(
        planned,
        standing=_standing(planned.margin, spread[1]),
        why="" if finite else "so many calls failed that the ratio is infinite now and then",
        spread=spread if finite else None,
        false_alarms=power.failed(own, planned.margin),
        passed=power.passed(own, planned.margin),
        detectable=_finite(power.detectable(own, POWER)),
    )


def _search(smallest: dict[int, float], latencies: Sequence[float], most: int, how: _How) -> None:
    """Simulate larger samples, as long as the margin is not found in the largest."""
    from mangaops.bench.statistics.power import detectable  # noqa: PLC0415 - numpy

    most = min(most, _MOST)
    while smallest[size := max(smallest)] > how.rules.margin and size < most:
        larger = min(most, size * 3 // 2)
        smallest[larger] = detectable(_ratios(latencies, larger, how), POWER)


def _standing(margin: float, floor: float) -> Standing:
    if not math.isfinite(floor):
        return Standing.UNKNOWN
    return Standing.MEANINGFUL if margin >= floor else Standing.BELOW


def _ratios(latencies: Sequence[float], size: int, how: _How) -> tuple[Ratio, ...]:
    from mangaops.bench.statistics.power import simulated, smoothing  # noqa: PLC0415 - numpy

    return simulated(
        latencies,
        size,
        q=PRIMARY,
        confidence=how.rules.confidence,
        resamples=how.rules.resamples,
        simulations=how.simulations,
        seed=how.rules.seed,
        width=smoothing(latencies),
    )


def _known(ratio: float | None) -> float:
    """Infinite over infinite is no ratio: it counts as the worst one."""
    return math.inf if ratio is None else ratio


def _needed(smallest: Mapping[int, float], margin: float) -> int | None:
    """Two figures, rounded up; more would be a pretence."""
    from mangaops.bench.statistics.power import enough  # noqa: PLC0415 - numpy

    calls = enough(smallest, margin)
    if calls is None:
        return None
    unit = int(10 ** max(0, math.floor(math.log10(calls)) - 1))
    return max(FEWEST, -(-calls // unit) * unit)


def _call_usd(samples: Iterable[Sample], prices: Mapping[str, Price]) -> float | None:
    """The mean cost of a call; None without tokens or a price."""
    costs: list[float] = []
    for one in samples:
        if one.input_tokens is None or one.output_tokens is None:
            continue
        price = price_of(one.model, prices)
        if price is None:
            return None
        costs.append(cost(price, one.input_tokens, one.output_tokens, one.cached_tokens or 0))
    return sum(costs) / len(costs) if costs else None


def _arms(run: Run, intent: str, rules: Rules) -> Arms | None:
    from mangaops.bench.statistics.pair import Pair  # noqa: PLC0415 - numpy

    sides = [[one.latency_ms for one in run.arm(intent, arm)] for arm in (0, 1)]
    if not all(sides):
        return None
    found = Pair.of(*sides).quantile_ratio(
        PRIMARY, resamples=rules.resamples, seed=rules.seed, confidence=rules.confidence
    )
    return Arms(ratio=found.ratio, low=found.low, high=found.high)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
