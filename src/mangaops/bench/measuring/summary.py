"""What a run has measured so far, one line for each intent and arm. Without numpy: no verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mangaops.bench.measuring.cost import cost, price_of
from mangaops.bench.runs.sample import Run, Sample
from mangaops.model.settings import Price

ENOUGH_FOR_P95 = 20
"""Of fewer samples the p95 is only the slowest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFigures:
    """One intent under one version. Times in ms, infinite where calls failed, None where there
    are too few. Tokens are means of the calls that told them. `usd` holds the warm-up, too;
    None where the model's price is not known.
    """

    intent: str
    version: str
    model: str
    samples: int
    failures: int
    failed_with: Mapping[str, int]
    p50_ms: float | None
    p95_ms: float | None
    first_token_p95_ms: float | None
    input_tokens: float | None
    output_tokens: float | None
    usd: float | None


def summary(run: Run, prices: Mapping[str, Price]) -> tuple[ArmFigures, ...]:
    """In the order of the header."""
    by_arm: dict[tuple[str, int], list[Sample]] = {}
    for sample in run.samples:
        by_arm.setdefault((sample.intent, sample.arm), []).append(sample)
    return tuple(
        _figures(intent, used.version, by_arm.get((intent, arm), []), prices)
        for intent, arms in run.header.prompts.items()
        for arm, used in enumerate(arms)
    )


def _figures(
    intent: str, version: str, every: Sequence[Sample], prices: Mapping[str, Price]
) -> ArmFigures:
    counted = [one for one in every if not one.warm_up]
    failed: dict[str, int] = {}
    for one in counted:
        if one.failure is not None:
            failed[one.failure] = failed.get(one.failure, 0) + 1
    latencies = [one.latency_ms for one in counted]
    return ArmFigures(
        intent=intent,
        version=version,
        model=every[0].model if every else "",
        samples=len(counted),
        failures=sum(failed.values()),
        failed_with=dict(sorted(failed.items())),
        p50_ms=nearest_rank(latencies, 1, 2),
        p95_ms=_p95(latencies),
        first_token_p95_ms=_p95(_told(one.first_token_latency_ms for one in counted)),
        input_tokens=_mean(one.input_tokens for one in counted),
        output_tokens=_mean(one.output_tokens for one in counted),
        usd=_usd(every, prices),
    )


def _p95(values: Sequence[float]) -> float | None:
    return nearest_rank(values, 19, 20) if len(values) >= ENOUGH_FOR_P95 else None


def nearest_rank(values: Sequence[float], above: int, of: int) -> float | None:
    """The order statistic of rank ceil(above / of * n), in whole numbers."""
    return sorted(values)[-(-above * len(values) // of) - 1] if values else None


def _told(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _mean(values: Iterable[int | None]) -> float | None:
    told = _told(values)
    return sum(told) / len(told) if told else None


def _usd(samples: Sequence[Sample], prices: Mapping[str, Price]) -> float | None:
    """By the usage that the model told."""
    price = price_of(samples[0].model, prices) if samples else None
    if price is None:
        return None
    return sum(
        cost(price, one.input_tokens or 0, one.output_tokens or 0, one.cached_tokens or 0)
        for one in samples
    )
