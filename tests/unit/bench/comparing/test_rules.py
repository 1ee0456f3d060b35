"""The rules of a comparison: their defaults, and what cannot be one."""

from __future__ import annotations

import math
from typing import Any

import pytest

from mangaops.bench.comparing.rules import SEED, Rules
from mangaops.errors import InputError
from mangaops.model.settings import Benchmarks


def test_the_rules_of_an_environment() -> None:
    assert Rules.of(Benchmarks()) == Rules(budgets=Benchmarks().budgets)
    assert Rules.of(Benchmarks(margin=0.2)).limit == 1.2
    typed = Rules.of(Benchmarks(margin=0.2), margin=0.1, seed=5)
    assert (typed.margin, typed.seed) == (0.1, 5)
    assert Rules.of(Benchmarks(), seed=0).seed == 0
    assert (Rules().seed, Rules().resamples) == (SEED, 4000)


@pytest.mark.parametrize(
    ("confidence", "fewest", "needed"),
    [(0.95, 60, 60), (0.95, 200, 200), (0.9, 60, 60), (0.99, 60, 90)],
)
def test_a_p95_needs_so_many_samples(confidence: float, fewest: int, needed: int) -> None:
    assert Rules(confidence=confidence, min_samples=fewest).needed == needed


@pytest.mark.parametrize(
    "wrong",
    [
        {"margin": 0.0},
        {"margin": -0.1},
        {"margin": 5.0},
        {"margin": math.nan},
        {"confidence": 0.5},
        {"confidence": 1.0},
        {"confidence": math.nan},
        {"resamples": 999},
        {"min_samples": 59},
        {"seed": -1},
        {"margin": "0.1"},
        {"margin": None},
        {"margin": True},
        {"confidence": "0.95"},
        {"seed": 1.5},
        {"seed": None},
        {"seed": False},
        {"resamples": 1e4},
        {"min_samples": 60.0},
    ],
    ids=str,
)
def test_what_cannot_be_a_rule_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Rules(**wrong)
