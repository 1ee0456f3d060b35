"""Which time ranges are asked of CloudWatch together: as few calls as reasonable.

One GetMetricData call has one range. CloudWatch counts buckets from StartTime, so a
range fits a request of period P whose last bucket must end at T only if T - StartTime
is a multiple of P. Two ranges are put into one call as long as that stays true and
the datapoints that nobody asked for stay few: reading a datapoint costs 10 us, a
call on a new TLS connection about 20 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

from mangaops.model.telemetry import MetricRequest

SPARE_POINTS = 2000
_DAY = 86400
_RETENTION = ((63 * _DAY, 3600), (15 * _DAY, 300))


@dataclass(frozen=True, slots=True)
class Want:
    """The buckets of a request from `start` to `end`, a whole number of its periods."""

    request: MetricRequest
    start: int
    end: int

    @property
    def points(self) -> int:
        return (self.end - self.start) // self.request.period


@dataclass(frozen=True, slots=True)
class Batch:
    """One call: every want lies within [start, end) and on its own grid of buckets."""

    start: int
    end: int
    wants: tuple[Want, ...]

    @property
    def requests(self) -> tuple[MetricRequest, ...]:
        return tuple(dict.fromkeys(want.request for want in self.wants))

    @property
    def spare(self) -> int:
        """Datapoints that the call brings and no want needs."""
        brought = sum((self.end - self.start) // r.period for r in self.requests)
        return brought - sum(want.points for want in self.wants)


def batches(wants: Sequence[Want]) -> tuple[Batch, ...]:
    """All wants, each exactly once, in few calls."""
    alike: dict[tuple[int, int], list[Want]] = {}
    for want in dict.fromkeys(wants):
        alike.setdefault((want.start, want.end), []).append(want)
    made: list[Batch] = []
    newest_first = sorted(alike, key=lambda span: (-span[1], span[0]))
    for span in newest_first:
        _place(Batch(*span, tuple(alike[span])), made)
    return tuple(made)


def period_kept(period: int, age: float) -> int:
    """The bucket that CloudWatch still has of data `age` seconds old, at least `period`."""
    for older, kept in _RETENTION:
        if age >= older:
            return -(-period // kept) * kept
    return period


def _place(batch: Batch, made: list[Batch]) -> None:
    for n, other in enumerate(made):
        both = _merged(other, batch)
        if both is not None and both.spare <= SPARE_POINTS:
            made[n] = both
            return
    made.append(batch)


def _merged(one: Batch, two: Batch) -> Batch | None:
    wants = (*one.wants, *two.wants)
    end = max(one.end, two.end)
    step = lcm(*(want.request.period for want in wants))
    if any((end - want.end) % want.request.period for want in wants):
        return None
    length = -(-(end - min(one.start, two.start)) // step) * step
    return Batch(end - length, end, wants)
