"""Distributions that one minute of a metric is drawn from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

_Z95 = 1.6448536269514722
"""The 95th percentile of the standard normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Lognormal by its median and 95th percentile; nothing above `cap` (twice the p95)."""

    p50: float
    p95: float
    samples: int = 20
    cap: float | None = None

    def draw(self, random: Random, _progress: float) -> list[float]:
        mu = math.log(self.p50)
        sigma = max(1e-6, (math.log(self.p95) - mu) / _Z95)
        cap = self.cap or 2 * self.p95
        return [round(min(cap, random.lognormvariate(mu, sigma)), 1) for _ in range(self.samples)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A gauge around `level`, or from `level` to `until` as the incident goes on."""

    level: float
    noise: float = 0.0
    until: float | None = None

    def draw(self, random: Random, progress: float) -> list[float]:
        end = self.level if self.until is None else self.until
        middle = self.level + (end - self.level) * min(1.0, max(0.0, progress))
        return [round(max(0.0, middle + random.uniform(-self.noise, self.noise)), 2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A count: Poisson with this mean a minute. Zero is published too."""

    per_minute: float

    def draw(self, random: Random, _progress: float) -> list[float]:
        return [float(poisson(random, self.per_minute))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """Exactly these raw values every minute."""

    values: tuple[float, ...]

    def draw(self, _random: Random, _progress: float) -> list[float]:
        return list(self.values)


Shape: TypeAlias = Latency | Level | Rate | Fixed


def poisson(random: Random, mean: float) -> int:
    """Knuth's method, and the normal approximation from 30 on."""
    if mean >= 30:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, random.random()
    while product > limit:
        count += 1
        product *= random.random()
    return count
