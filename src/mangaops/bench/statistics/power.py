"""What a comparison of n calls a side can find, by simulation from calls that were made.

Both sides of a simulated comparison are drawn with replacement from one observed sample,
and the candidate's latencies are multiplied: all of them, or a share of them (a tail). A
slow-down of all multiplies the ratio and its limits, so the simulations without one answer
for every such slow-down (`found`, `detectable`).

The rule is that of the verdicts: FAIL when the lower limit of the ratio of p95 is above 1
and the ratio reaches 1 + margin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mangaops.bench.statistics.draws import seeded
from mangaops.bench.statistics.quantile import quantile
from mangaops.bench.statistics.ratio import RESAMPLES, Ratio, quantile_ratio
from mangaops.bench.statistics.sample import Floats, floats, ordered
from mangaops.errors import InputError

SIMULATIONS = 1000
Q = 0.95


def failed(ratios: Sequence[Ratio], margin: float) -> float:
    """The share of FAILs. Without a slow-down in the simulation: of false alarms."""
    return sum(
        one.low > 1 and one.ratio is not None and one.ratio >= 1 + margin for one in ratios
    ) / len(ratios)


def passed(ratios: Sequence[Ratio], margin: float) -> float:
    """The share of PASSes, within any budget; without a slow-down: of an unchanged version."""
    return sum(one.high < 1 + margin for one in ratios) / len(ratios)


def found(ratios: Sequence[Ratio], slow_down: float) -> float:
    """How often a slow-down of all calls (0.33 is a third) takes the lower limit above 1."""
    return sum(one.low * (1 + slow_down) > 1 for one in ratios) / len(ratios)


def detectable(ratios: Sequence[Ratio], power: float) -> float:
    """The smallest slow-down of all calls that is found with this chance.

    (1 + s) low is above 1 when s is above 1 / low - 1. Infinite where failures hide it.
    """
    if not 0 < power < 1:
        raise InputError(f"a power lies between 0 and 1, not {power}")
    return quantile([math.inf if one.low <= 0 else 1 / one.low for one in ratios], power) - 1


def enough(smallest: Mapping[int, float], slow_down: float) -> int | None:
    """From how many calls on a slow-down is found, between sizes that were simulated.

    `smallest` is what is detectable by size. Interpolated on both logarithms; every simulated
    size from the answer on finds it, and the one below does not. None: the greatest does not.
    """
    sizes = sorted(smallest)
    found = [size for size in sizes if smallest[size] <= slow_down]
    missed = [size for size in sizes if smallest[size] > slow_down]
    if not missed:
        return sizes[0]
    low = missed[-1]
    high = next((size for size in found if size > low), None)
    if high is None or not math.isfinite(smallest[low]):
        return high
    far, near = math.log1p(smallest[low]), math.log1p(smallest[high])
    part = (far - math.log1p(slow_down)) / (far - near)
    return max(low + 1, math.ceil(low * math.pow(high / low, part) - 1e-9))


def smoothing(sample: Iterable[float] | Floats) -> float:
    """How wide a normal error of each logarithm makes the sample a smooth one.

    Silverman (1986), Density Estimation, 3.31; the smoothed bootstrap of Silverman and Young
    (1987). Resampled as they are, a few calls have a p95 that jumps from one of their values
    to the next, and none of its noise is left where many calls are drawn from few. 0 where
    all values are equal; what is 0 or infinite stays so.
    """
    values = floats(sample)
    logarithms = np.log(values[(values > 0) & np.isfinite(values)])
    if logarithms.size < 2:
        return 0.0
    deviation = float(logarithms.std(ddof=1))
    middle = (quantile(logarithms, 0.75) - quantile(logarithms, 0.25)) / 1.34
    return 0.9 * (min(deviation, middle) or deviation) * math.pow(logarithms.size, -0.2)


def simulated(  # noqa: PLR0913 - one argument for each property of the comparison
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
    width: float = 0.0,
) -> tuple[Ratio, ...]:
    """The ratios of simulated comparisons, with a `shift` (0.33) of a share `tail` of calls.

    `width` smooths the sample: see `smoothing`. InputError for an n, a shift or a share that
    is none.
    """
    observed = ordered(sample)
    if n < 1 or simulations < 1:
        raise InputError("a simulation needs at least one call and one comparison")
    if not 0 < tail <= 1 or not -1 < shift < math.inf:
        raise InputError("a tail is a share of the calls, a shift is above -1")
    generator = seeded(seed)
    ratios = []
    for _ in range(simulations):
        both = observed[generator.integers(observed.size, size=(2, n))]
        if width:
            both *= np.exp(width * generator.standard_normal((2, n)))
        both[1, generator.random(n) < tail] *= 1 + shift
        both.sort(axis=1)
        ratios.append(
            quantile_ratio(
                both[0], both[1], q, resamples=resamples, seed=seed, confidence=confidence
            )
        )
    return tuple(ratios)
