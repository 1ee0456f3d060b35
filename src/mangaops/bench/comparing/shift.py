"""What of a distribution moved, and by how much in words. A diagnosis, never a verdict."""

from __future__ import annotations

import math
from enum import StrEnum

from mangaops.bench.comparing.comparison import Figure, Shift

SIGNIFICANT = 0.05


class Effect(StrEnum):
    """The size of a Cliff's delta (Romano et al. 2006)."""

    NEGLIGIBLE = "negligible"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


_FROM = ((0.474, Effect.LARGE), (0.33, Effect.MEDIUM), (0.147, Effect.SMALL))


def effect(delta: float) -> Effect:
    for least, size in _FROM:
        if abs(delta) >= least:
            return size
    return Effect.NEGLIGIBLE


def shift(p_value: float | None, delta: float | None, *, p50: Figure, p95: Figure) -> Shift:
    """WHOLE: Mann-Whitney U sees it, it is not negligible, and the median moved with it.

    TAIL: the p95 moved, and the median did not, or by less than half as much.
    """
    if p_value is None or delta is None:
        return Shift.NONE
    seen = p_value < SIGNIFICANT and effect(delta) is not Effect.NEGLIGIBLE
    if seen and _moved(p50):
        return Shift.WHOLE
    if _moved(p95) and (not _moved(p50) or 2 * _size(p50) < _size(p95)):
        return Shift.TAIL
    return Shift.NONE


def _moved(figure: Figure) -> bool:
    """Whether the limits leave out that both sides are the same."""
    return (figure.low is not None and figure.low > 1) or (
        figure.high is not None and figure.high < 1
    )


def _size(figure: Figure) -> float:
    if figure.ratio is None:
        return 0.0
    return abs(math.log(figure.ratio)) if 0 < figure.ratio < math.inf else math.inf
