"""By which rules two versions are judged: the margin, the certainty, the budgets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from types import MappingProxyType

from mangaops.errors import InputError
from mangaops.model.settings import Benchmarks, LatencyBudget

FEWEST = 60
"""A side. A finite one-sided 95 % upper limit of a p95 exists from 59 samples on."""
SEED = 20_140_226
PRIMARY = 0.95
"""The quantile that is judged."""
ANY_INTENT = "*"
ROUNDING = 1e-12
"""Relative: 2760 / 2400 is 1.15, and not an ulp below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`margin` is the growth of the p95 that is a regression: 0.15 is 15 %.

    `budgets` are by intent; `*` holds, limit by limit, where an intent's own says nothing.
    InputError for what cannot be a rule.
    """

    margin: float = 0.15
    confidence: float = 0.95
    resamples: int = 4000
    seed: int = SEED
    min_samples: int = FEWEST
    budgets: Mapping[str, LatencyBudget] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for name in ("margin", "confidence"):
            _refuse_other(name, getattr(self, name), Real, "a number")
        for name in ("resamples", "seed", "min_samples"):
            _refuse_other(name, getattr(self, name), Integral, "a whole number")
        if not 0 < self.margin <= 1:
            raise InputError(
                f"the margin {self.margin:g} is not between 0 and 1", hint="0.15 is 15 %"
            )
        if not 0.5 < self.confidence < 1:
            raise InputError(
                f"the confidence {self.confidence:g} is not between 0.5 and 1",
                hint="0.95 is 95 %",
            )
        if self.resamples < 1000:
            raise InputError(f"{self.resamples} resamples are too few: at least 1000")
        if self.min_samples < FEWEST:
            raise InputError(f"{self.min_samples} samples are too few for a p95: at least {FEWEST}")
        if self.seed < 0:
            raise InputError(f"the seed {self.seed} is negative")

    @classmethod
    def of(
        cls, benchmarks: Benchmarks, *, margin: float | None = None, seed: int | None = None
    ) -> Rules:
        """Those of an environment; what was typed on the command line comes first."""
        return cls(
            margin=benchmarks.margin if margin is None else margin,
            seed=SEED if seed is None else seed,
            budgets=benchmarks.budgets,
        )

    @property
    def alpha(self) -> float:
        return 1 - self.confidence

    @property
    def needed(self) -> int:
        """Samples a side without which there is no verdict: the p95 needs an upper limit."""
        exact = math.ceil(math.log(self.alpha) / math.log(PRIMARY) - 1e-9)
        return max(self.min_samples, exact)

    @property
    def limit(self) -> float:
        """The ratio from which on a slow-down is a regression."""
        return 1 + self.margin

    def budget(self, intent: str) -> LatencyBudget:
        return budget_of(self.budgets, intent)


def _refuse_other(name: str, value: object, kind: type, wanted: str) -> None:
    """What a type checker says, for those who have none: text, None, yes and no."""
    if isinstance(value, bool) or not isinstance(value, kind):
        raise InputError(f"{name} is {value!r}, and not {wanted}")


def reaches(value: float, limit: float) -> bool:
    """At the limit or above it, but for what rounding takes away."""
    return value >= limit * (1 - ROUNDING)


def budget_of(budgets: Mapping[str, LatencyBudget], intent: str) -> LatencyBudget:
    """What an intent may cost: its own limits, and those of `*` where it has none."""
    own = budgets.get(intent, LatencyBudget())
    other = budgets.get(ANY_INTENT, LatencyBudget())
    return LatencyBudget(
        prompt_tokens=other.prompt_tokens if own.prompt_tokens is None else own.prompt_tokens,
        output_tokens=other.output_tokens if own.output_tokens is None else own.output_tokens,
        p95_ms=other.p95_ms if own.p95_ms is None else own.p95_ms,
    )
