"""What some failures among some calls say about the true rate: Clopper and Pearson (1934).

The chance of at least k failures among n calls is the regularised incomplete beta function
I_p(k, n - k + 1) (DLMF 8.17.5). For whole k and n it is summed here term by term, from the
largest of the tail outwards: some sqrt(n) terms, each from the one before.
"""

from __future__ import annotations

import math

_STEPS = 60
"""Halvings of the interval from 0 to 1: down to the last digits of a float."""


def at_least(failures: int, calls: int, rate: float) -> float:
    """The chance of `failures` or more among `calls`, each of which fails with `rate`."""
    if failures <= 0:
        return 1.0
    if failures > calls or rate <= 0:
        return 0.0
    if rate >= 1:
        return 1.0
    if failures <= calls * rate:
        return 1.0 - _tail(calls - failures + 1, calls, 1 - rate)
    return _tail(failures, calls, rate)


def at_most(failures: int, calls: int, rate: float) -> float:
    """The chance of `failures` or fewer."""
    return at_least(calls - failures, calls, 1 - rate)


def lower_bound(failures: int, calls: int, alpha: float = 0.05) -> float:
    """The true rate is below it with a chance of `alpha` at most; 0 without failures."""
    if failures == 0:
        return 0.0
    low, high = 0.0, failures / calls
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if at_least(failures, calls, middle) > alpha else (middle, high)
    return low


def upper_bound(failures: int, calls: int, alpha: float = 0.05) -> float:
    """The true rate is above it with a chance of `alpha` at most; 1 without calls."""
    return 1.0 - lower_bound(calls - failures, calls, alpha) if calls else 1.0


def _tail(k: int, n: int, rate: float) -> float:
    """P(X >= k), for a k above the mean, where each term is less than the one before."""
    chosen = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    term = math.exp(chosen + k * math.log(rate) + (n - k) * math.log1p(-rate))
    odds = rate / (1 - rate)
    total = 0.0
    while term > total * 1e-17:
        total += term
        term *= odds * (n - k) / (k + 1)
        k += 1
    return min(1.0, total)
