"""Several looks at growing samples without more false alarms than one look has.

Lan and DeMets (1983), Discrete sequential boundaries for clinical trials, with their
spending function of O'Brien and Fleming's kind: hardly any alpha is spent on early looks.
The boundaries are found by the recursive integration of Armitage, McPherson and Rowe (1969).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist

import numpy as np

from mangaops.bench.statistics.sample import Floats
from mangaops.errors import InputError

NORMAL = NormalDist()
POINTS = 1001
LEAST = -9.0
"""Below so many deviations no probability is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look, at `share` of all samples. One-sided.

    `z` is the boundary, `level` its p value, `confidence` that of the limits to take at
    this look (1 - level), `spent` the alpha that is used up after it. A resampling shows
    nothing at a level below 1 / (resamples + 1): its limits are 0 and infinity there, and
    the look decides nothing.
    """

    share: float
    z: float
    level: float
    spent: float

    @property
    def confidence(self) -> float:
        return 1 - self.level


@lru_cache(maxsize=16)
def boundaries(looks: int | tuple[float, ...], alpha: float = 0.05) -> tuple[Look, ...]:
    """The looks at n, 2n, 4n, ... samples, or at the given shares of all, the last being 1."""
    shares = _shares(looks)
    if not 0 < alpha < 0.5:
        raise InputError(f"alpha lies between 0 and 0.5, not {alpha}")
    found: list[Look] = []
    density: tuple[Floats, Floats] | None = None  # of the sum, on its grid, if not stopped
    before = 0.0
    for number, share in enumerate(shares):
        spent = _spent(share, alpha)
        step = share - (shares[number - 1] if number else 0.0)
        bound = _bound(density, share, step, spent - before)
        found.append(
            Look(share=share, z=bound, level=0.5 * math.erfc(bound / math.sqrt(2)), spent=spent)
        )
        density = _continued(density, share, step, bound)
        before = spent
    return tuple(found)


def _shares(looks: int | tuple[float, ...]) -> tuple[float, ...]:
    if isinstance(looks, int):
        if not 1 <= looks <= 20:
            raise InputError(f"a comparison has 1 to 20 looks, not {looks}")
        return tuple(2.0 ** (number - looks + 1) for number in range(looks))
    shares = looks
    rising = all(one < other for one, other in pairwise(shares))
    if not shares or not rising or shares[0] <= 0 or shares[-1] != 1:
        raise InputError("the shares of the looks rise from above 0 to 1")
    return shares


def _spent(share: float, alpha: float) -> float:
    return math.erfc(NORMAL.inv_cdf(1 - alpha / 2) / math.sqrt(2 * share))


def _bound(density: tuple[Floats, Floats] | None, share: float, step: float, alpha: float) -> float:
    """The z above which the probability of this look is `alpha`, by bisection."""
    if density is None:
        return -NORMAL.inv_cdf(alpha)
    low, high = LEAST, 40.0
    for _ in range(80):
        middle = (low + high) / 2
        if _above(density, middle * math.sqrt(share), step) > alpha:
            low = middle
        else:
            high = middle
    return high


def _above(density: tuple[Floats, Floats], bound: float, step: float) -> float:
    """The probability of having gone on so far and of a sum above `bound` now."""
    sums, weights = density
    distances = (bound - sums) / math.sqrt(2 * step)
    return float(weights @ np.array([0.5 * math.erfc(one) for one in distances.tolist()]))


def _continued(
    density: tuple[Floats, Floats] | None, share: float, step: float, bound: float
) -> tuple[Floats, Floats]:
    """The sums at which it goes on, each with its probability (Simpson's rule)."""
    sums = np.linspace(LEAST * math.sqrt(share), bound * math.sqrt(share), POINTS)
    simpson = np.ones(POINTS)
    simpson[1:-1:2], simpson[2:-1:2] = 4, 2
    simpson *= (sums[1] - sums[0]) / 3
    earlier, weights = (np.zeros(1), np.ones(1)) if density is None else density
    moves = (sums[:, None] - earlier) ** 2
    normal = np.exp(-moves / (2 * step)) / math.sqrt(2 * math.pi * step)
    return sums, (normal @ weights) * simpson
