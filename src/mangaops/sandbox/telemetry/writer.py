"""Minutes of telemetry into the sandbox: the past at once, then each new minute.

Minute 0 is the one in which the sandbox starts; the past has negative numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from threading import Event

from mangaops.sandbox.services.log_groups import put_events
from mangaops.sandbox.telemetry.changes import Change
from mangaops.sandbox.telemetry.log_events import minute_of
from mangaops.sandbox.telemetry.log_mix import GROUPS, NORMAL, LogMix
from mangaops.sandbox.telemetry.shapes import Shape
from mangaops.sandbox.telemetry.signals import Cell, Signal
from mangaops.sandbox.world import World

MINUTE = 60
DAY = 86400
DAYS = 7
DAILY = 60
"""How many minutes before the start the earlier days are written from."""
STREAM = "app/orchestrator/0a1b2c3d4e5f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to write. `onset` and `history` are minutes: the changed logs begin `onset`
    before the start, the normal past reaches back `history` before the onset.
    """

    name: str
    signals: Sequence[Signal]
    changes: Sequence[Change] = ()
    mix: LogMix = NORMAL
    onset: int = 20
    history: int = 60
    seed: int = 1

    @property
    def first(self) -> int:
        return -self.onset - self.history


class Writer:
    """Writes a plan's minutes into a world; minute 0 is that of `world.now()` at first."""

    def __init__(self, world: World, plan: Plan) -> None:
        self._world = world
        self._plan = plan
        self._zero = int(world.now().timestamp()) // MINUTE
        self._written = plan.first

    def catch_up(self) -> None:
        """Write every minute up to and with the running one."""
        now = int(self._world.now().timestamp()) // MINUTE - self._zero
        lines: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for minute in range(self._written, now + 1):
            self._metrics(minute)
            self._logs(minute, lines)
        self._written = max(self._written, now + 1)
        with self._world.lock:
            for group, events in lines.items():
                put_events(self._world.account, self._world.region, group, STREAM, events)

    def run(self, stopped: Event) -> None:
        """The ticker: returns when `stopped` is set."""
        while True:
            now = self._world.now().timestamp()
            if stopped.wait(MINUTE - now % MINUTE + 0.05):
                return
            self.catch_up()

    def _random(self, purpose: str, minute: int) -> Random:
        name = f"{self._plan.seed}/{self._plan.name}/{purpose}/{minute}"
        return Random(name)  # noqa: S311 - telemetry, not secrets

    def _metrics(self, minute: int) -> None:
        random = self._random("metrics", minute)
        at = (self._zero + minute) * MINUTE
        for signal in self._plan.signals:
            drawn = [
                (cell, values)
                for cell in signal.cells
                if (values := self._draw(signal, cell, minute, random))
            ]
            self._put(signal, at, drawn)
            if signal.daily and minute >= -DAILY:
                self._earlier(signal, minute, at)

    def _draw(self, signal: Signal, cell: Cell, minute: int, random: Random) -> list[float]:
        shape: Shape | None = cell.shape
        progress = 1.0
        for change in self._plan.changes:
            if shape is not None and change.covers(signal, cell, minute):
                shape, progress = change.apply(shape), change.progress(minute)
        return shape.draw(random, progress) if shape is not None else []

    def _earlier(self, signal: Signal, minute: int, at: int) -> None:
        """The same minute of the days before; a scenario's changes do not reach so far."""
        random = self._random(signal.id, minute)
        for day in range(1, DAYS + 1):
            drawn = [(cell, cell.shape.draw(random, 1.0)) for cell in signal.cells]
            self._put(signal, at - day * DAY, drawn)

    def _put(self, signal: Signal, at: int, drawn: Sequence[tuple[Cell, list[float]]]) -> None:
        for names in signal.published:
            series: dict[tuple[str, ...], list[float]] = defaultdict(list)
            for cell, values in drawn:
                series[tuple(cell.labels[name] for name in names)] += values
            for labels, values in series.items():
                dimensions = dict(zip(names, labels, strict=True))
                put = self._world.metrics.put
                put(signal.namespace, signal.name, dimensions, at, values, unit=signal.unit)

    def _logs(self, minute: int, lines: Mapping[str, list[tuple[int, str]]]) -> None:
        since = minute + self._plan.onset
        mix = self._plan.mix if since >= 0 else self._before()
        start = (self._zero + minute) * MINUTE
        silent = {
            *self._plan.mix.none,
            *(name for name, stop in self._plan.mix.stops.items() if minute >= -stop),
        }
        for line in minute_of(mix, self._random("logs", minute), since):
            if GROUPS[line.group] in silent:
                continue
            lines[line.group].append((round((start + line.second) * 1000), line.message))

    def _before(self) -> LogMix:
        """Normal, but a format that is not JSON was never JSON."""
        return LogMix(not_json=self._plan.mix.not_json)
