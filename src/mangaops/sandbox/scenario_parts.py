"""What a scenario file says of one metric, and the strictness that all its parts share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from mangaops.sandbox.telemetry.changes import Change
from mangaops.sandbox.telemetry.minutes import Minutes
from mangaops.sandbox.telemetry.shapes import Fixed, Latency, Level, Rate, Shape

_Metric = Annotated[str, StringConstraints(pattern=r"^[A-Za-z/]+:[A-Za-z_]+$")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MetricPart(Part):
    """One metric from `since` (default: the onset) until `until` (default: for ever).

    Exactly one of: p50 with p95, level, rate, values, factor, `missing: true`, stops.
    """

    metric: _Metric
    where: Mapping[str, str | tuple[str, ...]] = {}
    since: Minutes | None = None
    until: Minutes | None = None
    p50: float | None = Field(default=None, gt=0)
    p95: float | None = Field(default=None, gt=0)
    cap: float | None = None
    level: float | None = None
    noise: float = 0.0
    to: float | None = None
    rate: float | None = Field(default=None, ge=0)
    values: tuple[float, ...] | None = None
    factor: float | None = None
    missing: Literal[True] | None = None
    stops: Minutes | None = None

    @model_validator(mode="after")
    def _one_way(self) -> MetricPart:
        ways = ("p50", "level", "rate", "values", "factor", "missing", "stops")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(ways)}")
        if (self.p50 is None) != (self.p95 is None):
            raise ValueError("p50 and p95 belong together")
        return self

    def change(self, onset: float, reach: float) -> Change:
        """`reach` is how far back there is any telemetry: `missing` begins there."""
        since = onset if self.since is None else self.since
        if self.missing and self.since is None:
            since = reach
        if self.stops is not None:
            since = self.stops
        return Change(
            metric=self.metric,
            where={
                label: (values,) if isinstance(values, str) else values
                for label, values in self.where.items()
            },
            since=since,
            until=self.until,
            shape=self._shape(),
            factor=self.factor,
        )

    def _shape(self) -> Shape | None:
        if self.p50 is not None and self.p95 is not None:
            return Latency(p50=self.p50, p95=self.p95, cap=self.cap)
        if self.level is not None:
            return Level(level=self.level, noise=self.noise, until=self.to)
        if self.rate is not None:
            return Rate(per_minute=self.rate)
        return None if self.values is None else Fixed(values=self.values)
