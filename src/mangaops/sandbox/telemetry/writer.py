"""Minutes of telemetry into the sandbox: the past at once, then each new minute.

Minute 0 is the one in which the sandbox starts; the past has negative numbers. Each
minute is written in one of two states, the incident or calm; a turn from one to the
other writes the last minutes again, as if the world had turned so long ago.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from threading import Event

from mangaops.sandbox.metrics import SeriesKey, series_key
from mangaops.sandbox.services.log_groups import drop_events, put_events
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

Drawn = Iterator[tuple[SeriesKey, str, list[float]]]
"""Series, unit and raw values of one minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to write. `onset` and `history` are minutes: the changed logs begin `onset`
    before the start, the normal past reaches back `history` before the onset. `calm` is
    in place of `changes` while the incident has subsided.
    """

    name: str
    signals: Sequence[Signal]
    changes: Sequence[Change] = ()
    calm: Sequence[Change] = ()
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
        self._is_calm: Callable[[], bool] = lambda: False
        self._takes = 0
        self._turns: list[tuple[int, bool]] = []

    def watch(self, is_calm: Callable[[], bool], *, takes: int) -> None:
        """From now on `follow` asks `is_calm`; `takes` is how many minutes a turn rewrites."""
        self._is_calm, self._takes = is_calm, takes

    def catch_up(self) -> None:
        """Write every minute up to and with the running one."""
        with self._world.lock:
            now = self._minute()
            lines: dict[str, list[tuple[int, str]]] = defaultdict(list)
            for minute in range(self._written, now + 1):
                self._metrics(minute)
                self._logs(minute, lines)
            self._written = max(self._written, now + 1)
            self._put_lines(lines)

    def follow(self) -> None:
        """Turn to calm, or back, if the world has; the last minutes become as if long since."""
        with self._world.lock:
            calm = self._is_calm()
            if calm != (self._turns[-1][1] if self._turns else False):
                self._turn(self._minute() - self._takes, calm=calm)

    def run(self, stopped: Event) -> None:
        """The ticker: returns when `stopped` is set."""
        while True:
            now = self._world.now().timestamp()
            if stopped.wait(MINUTE - now % MINUTE + 0.05):
                return
            self.follow()
            self.catch_up()

    def _minute(self) -> int:
        """The running one."""
        return int(self._world.now().timestamp()) // MINUTE - self._zero

    def _turn(self, start: int, *, calm: bool) -> None:
        lines: dict[str, list[tuple[int, str]]] = defaultdict(list)
        rewritten = [
            minute
            for minute in range(max(start, self._plan.first), self._written)
            if self._calm_in(minute) != calm
        ]
        for minute in rewritten:
            self._take_back(minute)
        self._turns = [turn for turn in self._turns if turn[0] < start] + [(start, calm)]
        for minute in rewritten:
            for key, unit, values in self._drawn(minute):
                self._put(key, minute, values, unit)
            self._logs(minute, lines)
        self._put_lines(lines)

    def _calm_in(self, minute: int) -> bool:
        states = [calm for start, calm in self._turns if start <= minute]
        return states[-1] if states else False

    def _take_back(self, minute: int) -> None:
        """Everything that was written for a minute; what others put there stays."""
        at = (self._zero + minute) * MINUTE
        for key, unit, values in self._drawn(minute):
            self._world.metrics.take_out(key, at, values, unit)
        start, account, region = at * 1000, self._world.account, self._world.region
        for group in GROUPS:
            drop_events(account, region, group, STREAM, start, start + MINUTE * 1000)

    def _random(self, purpose: str, minute: int) -> Random:
        name = f"{self._plan.seed}/{self._plan.name}/{purpose}/{minute}"
        return Random(name)  # noqa: S311 - telemetry, not secrets

    def _metrics(self, minute: int) -> None:
        for key, unit, values in self._drawn(minute):
            self._put(key, minute, values, unit)
        for signal in self._plan.signals:
            if signal.daily and minute >= -DAILY:
                self._earlier(signal, minute)

    def _drawn(self, minute: int) -> Drawn:
        """What a minute holds in its present state; the same again whenever it is asked."""
        random = self._random("metrics", minute)
        changes = self._plan.calm if self._calm_in(minute) else self._plan.changes
        for signal in self._plan.signals:
            drawn = [
                (cell, values)
                for cell in signal.cells
                if (values := _draw(changes, signal, cell, minute, random))
            ]
            yield from _published(signal, drawn)

    def _earlier(self, signal: Signal, minute: int) -> None:
        """The same minute of the days before; a scenario's changes do not reach so far."""
        random = self._random(signal.id, minute)
        for day in range(1, DAYS + 1):
            drawn = [(cell, cell.shape.draw(random, 1.0)) for cell in signal.cells]
            for key, unit, values in _published(signal, drawn):
                self._put(key, minute - day * DAY // MINUTE, values, unit)

    def _put(self, key: SeriesKey, minute: int, values: list[float], unit: str) -> None:
        at = (self._zero + minute) * MINUTE
        put = self._world.metrics.put
        put(key.namespace, key.name, dict(key.dimensions), at, values, unit=unit)

    def _logs(self, minute: int, lines: Mapping[str, list[tuple[int, str]]]) -> None:
        since = minute + self._plan.onset
        mix = self._before() if since < 0 or self._calm_in(minute) else self._plan.mix
        start = (self._zero + minute) * MINUTE
        silent = {
            *self._plan.mix.none,
            *(name for name, stop in self._plan.mix.stops.items() if minute >= -stop),
        }
        for line in minute_of(mix, self._random("logs", minute), since):
            if GROUPS[line.group] in silent:
                continue
            lines[line.group].append((round((start + line.second) * 1000), line.message))

    def _put_lines(self, lines: Mapping[str, list[tuple[int, str]]]) -> None:
        for group, events in lines.items():
            put_events(self._world.account, self._world.region, group, STREAM, events)

    def _before(self) -> LogMix:
        """Normal, but a format that is not JSON was never JSON."""
        return LogMix(not_json=self._plan.mix.not_json)


def _draw(
    changes: Sequence[Change], signal: Signal, cell: Cell, minute: int, random: Random
) -> list[float]:
    shape: Shape | None = cell.shape
    progress = 1.0
    for change in changes:
        if shape is not None and change.covers(signal, cell, minute):
            shape, progress = change.apply(shape), change.progress(minute)
    return shape.draw(random, progress) if shape is not None else []


def _published(signal: Signal, drawn: Sequence[tuple[Cell, list[float]]]) -> Drawn:
    """The values of all cells by each set of dimensions that the metric is published under."""
    for names in signal.published:
        series: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for cell, values in drawn:
            series[tuple(cell.labels[name] for name in names)] += values
        for labels, values in series.items():
            dimensions = dict(zip(names, labels, strict=True))
            yield series_key(signal.namespace, signal.name, dimensions), signal.unit, values
