"""Student's t distribution: the chance of a t as far from 0, on either side."""

from __future__ import annotations

import math

from mangaops.errors import InputError

_STEPS = 500
_TINY = 1e-300


def two_sided(t: float, freedom: float) -> float:
    """P(|T| >= |t|) with `freedom` degrees of freedom, which need not be whole.

    It is the regularised incomplete beta function I_x(freedom / 2, 1 / 2) at x = freedom /
    (freedom + t^2) (DLMF 8.17). 0 for an infinite t. InputError: no freedom, or NaN.
    """
    if not freedom > 0 or math.isnan(t):
        raise InputError(f"Student's t needs a number and some freedom, not {t} and {freedom}")
    if math.isinf(t):
        return 0.0
    square = t * t
    return _beta(freedom / 2, 0.5, freedom / (freedom + square), square / (freedom + square))


def _beta(a: float, b: float, x: float, rest: float) -> float:
    """I_x(a, b); `rest` is 1 - x, with all its digits."""
    if x == 0 or rest == 0:
        return float(rest == 0)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(b, a, rest, x)
    factor = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    factor += a * math.log(x) + b * math.log(rest)
    return math.exp(factor) / a * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction DLMF 8.17.22, from the front (Lentz 1976)."""
    value, c, d = 1.0, math.inf, 1.0
    for number in range(1, _STEPS):
        term = _term(a, b, number) * x
        d = 1 / ((1 + term * d) or _TINY)
        c = (1 + term / c) or _TINY
        value *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return value


def _term(a: float, b: float, number: int) -> float:
    m = number // 2
    if number % 2:
        return -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1))
    return m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m))
