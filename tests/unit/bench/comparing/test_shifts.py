"""The whole distribution, the tail, or nothing: what the diagnosis says of a shift."""

from __future__ import annotations

import math

import pytest

from mangaops import bench
from mangaops.bench.comparing.comparison import Figure, Metric, Shift
from mangaops.bench.comparing.shift import Effect, effect, shift
from support.latencies import latencies


@pytest.mark.parametrize(
    ("delta", "size"),
    [
        (0.0, Effect.NEGLIGIBLE),
        (0.1469, Effect.NEGLIGIBLE),
        (-0.147, Effect.SMALL),
        (0.3299, Effect.SMALL),
        (0.33, Effect.MEDIUM),
        (-0.4739, Effect.MEDIUM),
        (0.474, Effect.LARGE),
        (-1.0, Effect.LARGE),
    ],
)
def test_a_delta_in_words(delta: float, size: Effect) -> None:
    assert effect(delta) is size


def _figure(ratio: float | None, low: float | None, high: float | None) -> Figure:
    return Figure(
        name=Metric.P95, unit="ms", baseline=1, candidate=1, ratio=ratio, low=low, high=high
    )


UP, DOWN, SAME = _figure(1.3, 1.2, 1.4), _figure(0.7, 0.6, 0.8), _figure(1.0, 0.9, 1.1)
ODD = _figure(None, 1.1, None)
BIT, UNKNOWN, FAILED = (
    _figure(1.02, 1.01, 1.03),
    _figure(None, None, None),
    _figure(math.inf, math.inf, math.inf),
)


@pytest.mark.parametrize(
    ("p", "delta", "p50", "p95", "moved"),
    [
        (0.001, 0.3, UP, UP, Shift.WHOLE),
        (0.001, -0.3, DOWN, DOWN, Shift.WHOLE),
        (0.001, 0.3, UP, SAME, Shift.WHOLE),
        (0.001, 0.1, BIT, UP, Shift.TAIL),
        (0.2, 0.02, SAME, UP, Shift.TAIL),
        (0.2, 0.02, SAME, FAILED, Shift.TAIL),
        (0.001, 0.1, BIT, BIT, Shift.NONE),
        (0.2, 0.3, UP, SAME, Shift.NONE),
        (0.5, 0.0, SAME, SAME, Shift.NONE),
        (0.001, 0.5, UNKNOWN, UNKNOWN, Shift.NONE),
        (None, None, UP, UP, Shift.NONE),
        (0.2, 0.02, ODD, UP, Shift.TAIL),
    ],
)
def test_what_moved(
    p: float | None, delta: float | None, p50: Figure, p95: Figure, moved: Shift
) -> None:
    assert shift(p, delta, p50=p50, p95=p95) is moved


@pytest.mark.parametrize(
    ("candidate", "moved"),
    [
        (latencies(400, 1.33), Shift.WHOLE),
        (latencies(400, 0.7), Shift.WHOLE),
        (latencies(400, tail=2.0), Shift.TAIL),
        (latencies(400), Shift.NONE),
    ],
    ids=["slower", "faster", "tail", "same"],
)
def test_what_moved_in_samples(candidate: list[float], moved: Shift) -> None:
    assert bench.compare(latencies(400), candidate).shift is moved
