"""What a scenario does to a metric from some moment on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mangaops.sandbox.telemetry.shapes import Fixed, Latency, Level, Rate, Shape
from mangaops.sandbox.telemetry.signals import Cell, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of one metric's cells whose labels are among `where` (all of them if empty).

    `since` and `until` are minutes before the start of the sandbox; `until` None means
    that it goes on. `shape` replaces the distribution, `factor` multiplies it, and with
    neither there is no datapoint at all.
    """

    metric: str
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: float
    until: float | None = None
    shape: Shape | None = None
    factor: float | None = None

    def covers(self, signal: Signal, cell: Cell, minute: int) -> bool:
        """Minutes count from the start of the sandbox: -20 begins 20 minutes before it."""
        begun = minute >= -self.since
        ended = self.until is not None and minute >= -self.until
        return (
            signal.id == self.metric
            and begun
            and not ended
            and all(cell.labels.get(label) in values for label, values in self.where.items())
        )

    def progress(self, minute: int) -> float:
        """0 at its onset, 1 at the start of the sandbox and ever after."""
        return 1.0 if self.since <= 0 else min(1.0, 1 + minute / self.since)

    def apply(self, shape: Shape) -> Shape | None:
        """What the cell draws from now; a new latency keeps the cell's number of samples."""
        if self.factor is not None:
            return scaled(shape, self.factor)
        if isinstance(self.shape, Latency) and isinstance(shape, Latency):
            return replace(self.shape, samples=shape.samples)
        return self.shape


def scaled(shape: Shape, factor: float) -> Shape:
    """The shape with all its values multiplied."""
    match shape:
        case Latency(p50=p50, p95=p95, cap=cap):
            higher = None if cap is None else cap * factor
            return replace(shape, p50=p50 * factor, p95=p95 * factor, cap=higher)
        case Level(level=level, until=until):
            end = None if until is None else until * factor
            return replace(shape, level=level * factor, until=end)
        case Rate(per_minute=per_minute):
            return Rate(per_minute=per_minute * factor)
        case Fixed(values=values):
            return Fixed(values=tuple(value * factor for value in values))
