"""A metric as the sandbox publishes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mangaops.sandbox.telemetry.shapes import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One source of values with its labels; drawn once a minute."""

    labels: Mapping[str, str] = field(default_factory=dict)
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A metric. Each dimension set of `published` gets the values of all cells, so that
    the series without dimensions holds what those by intent hold together.

    `daily` metrics also have the same hours of the seven days before, always normal.
    """

    namespace: str
    name: str
    unit: str
    cells: tuple[Cell, ...]
    published: tuple[tuple[str, ...], ...] = ((),)
    daily: bool = False

    @property
    def id(self) -> str:
        """As scenario files write it: `AWS/Lambda:Errors`."""
        return f"{self.namespace}:{self.name}"
