"""What a comparison of n calls a side can find, by simulation from calls that were made.

Both sides of a simulated comparison are drawn with replacement from one observed sample,
and the candidate's latencies are multiplied: all of them, or a share of them (a tail). The
rule is that of the verdicts: FAIL when the lower limit of the ratio of p95 is above 1 and
the ratio reaches 1 + margin; PASS when its upper limit is below 1 + margin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mangaops.bench.statistics.draws import seeded
from mangaops.bench.statistics.quantile import quantile
from mangaops.bench.statistics.ratio import RESAMPLES, Ratio, quantile_ratio
from mangaops.bench.statistics.sample import Floats, ordered
from mangaops.errors import InputError

SIMULATIONS = 1000
Q = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """Shares of the simulated comparisons: of `n` calls a side, under one shift.

    `greater`: the lower limit is above 1. `failed`: that, and a ratio of 1 + margin or
    more. `passed`: the upper limit is below 1 + margin. Without a shift, `failed` is the
    rate of false alarms.
    """

    n: int
    shift: float
    greater: float
    failed: float
    passed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What the noise alone does, of `n` calls a side and one version against itself.

    `spread` is what the ratio exceeds, less 1, in one of twenty comparisons. `detectable`
    is the smallest shift whose lower limit is above 1 with the wanted power, `passable` the
    smallest margin under which no change passes with that power. Infinite: none is.
    """

    n: int
    power: float
    spread: float
    detectable: float
    passable: float


def power(  # noqa: PLR0913 - one argument for each property of the comparison
    sample: Iterable[float] | Floats,
    shift: float,
    n: int,
    *,
    tail: float = 1.0,
    margin: float = 0.15,
    q: float = Q,
    confidence: float = 0.95,
    simulations: int = SIMULATIONS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Power:
    """How often a `shift` (0.33 is a third slower) is found, in `tail` of the calls."""
    ratios = simulated(
        sample,
        n,
        shift=shift,
        tail=tail,
        q=q,
        confidence=confidence,
        simulations=simulations,
        resamples=resamples,
        seed=seed,
    )
    greater = sum(one.low > 1 for one in ratios)
    failed = sum(
        one.low > 1 and one.ratio is not None and one.ratio >= 1 + margin for one in ratios
    )
    passed = sum(one.high < 1 + margin for one in ratios)
    return Power(
        n=n,
        shift=shift,
        greater=greater / simulations,
        failed=failed / simulations,
        passed=passed / simulations,
    )


def noise(  # noqa: PLR0913 - as `power`
    sample: Iterable[float] | Floats,
    n: int,
    *,
    power: float = 0.8,
    q: float = Q,
    confidence: float = 0.95,
    simulations: int = SIMULATIONS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Noise:
    """The noise floor of comparisons of n calls a side.

    One set of simulations answers for every shift: a shift of all latencies multiplies the
    ratio and its limits, so that the lower limit is above 1 when 1 + shift > 1 / low.
    """
    if not 0 < power < 1:
        raise InputError(f"a power lies between 0 and 1, not {power}")
    ratios = simulated(
        sample,
        n,
        q=q,
        confidence=confidence,
        simulations=simulations,
        resamples=resamples,
        seed=seed,
    )
    needed = [math.inf if one.low == 0 else 1 / one.low for one in ratios]
    seen = [math.inf if one.ratio is None else one.ratio for one in ratios]
    return Noise(
        n=n,
        power=power,
        spread=quantile(seen, 0.95) - 1,
        detectable=quantile(needed, power) - 1,
        passable=quantile([one.high for one in ratios], power) - 1,
    )


def minimum_margin(
    sample: Iterable[float] | Floats,
    n: int,
    *,
    power: float = 0.8,
    simulations: int = SIMULATIONS,
    seed: int = 0,
) -> float:
    """The smallest margin that n calls a side can tell from noise with this power.

    A margin below it is not meaningful: a change of that size is rather missed than found.
    Infinite when failures reach the p95.
    """
    return noise(sample, n, power=power, simulations=simulations, seed=seed).detectable


def simulated(  # noqa: PLR0913 - as `power`
    sample: Iterable[float] | Floats,
    n: int,
    *,
    shift: float = 0.0,
    tail: float = 1.0,
    q: float = Q,
    confidence: float = 0.95,
    simulations: int = SIMULATIONS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[Ratio, ...]:
    """The ratios of simulated comparisons. InputError for an n or a share that is none."""
    observed = ordered(sample)
    if n < 1 or simulations < 1:
        raise InputError("a simulation needs at least one call and one comparison")
    if not 0 < tail <= 1 or not -1 < shift < math.inf:
        raise InputError("a tail is a share of the calls, a shift is above -1")
    generator = seeded(seed)
    ratios = []
    for _ in range(simulations):
        both = observed[generator.integers(observed.size, size=(2, n))]
        both[1, generator.random(n) < tail] *= 1 + shift
        both.sort(axis=1)
        ratios.append(
            quantile_ratio(
                both[0], both[1], q, resamples=resamples, seed=seed, confidence=confidence
            )
        )
    return tuple(ratios)
