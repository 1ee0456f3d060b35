"""The alarm of the diagnosis that a change is for: does it still hold, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mangaops.cli.changes.reasons import diagnosed
from mangaops.cli.changes.workshop import Workshop
from mangaops.cli.context import loaded_runbook
from mangaops.cli.options import Budget
from mangaops.cli.reading import reading
from mangaops.cli.triaging import Watched, looked
from mangaops.errors import InputError, MangaopsError, Refused
from mangaops.evidence.progress import Progress
from mangaops.model.plan import Reason
from mangaops.model.runbook import Runbook
from mangaops.model.time import Window, floor_minute
from mangaops.remedy.execution.watching import Sight, Watch, sight
from mangaops.render.triage import AlarmState, figures_of, telling
from mangaops.runbook.bind import bind

_HOLDS = {AlarmState.ON: True, AlarmState.OFF: False, AlarmState.UNKNOWN: None}


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerWatch:
    """A runbook's trigger, read anew at each look over a window that ends now."""

    shop: Workshop
    runbook: Runbook
    length: timedelta

    def look(self) -> Sight:
        end = floor_minute(self.shop.app.clock())
        watched = Watched(runbook=self.runbook, window=Window(start=end - self.length, end=end))
        shop = self.shop
        with reading(shop.environment, Budget(), shop.app, _quietly, aws=shop.aws) as (reader, _):
            alarms, _ = looked(reader, [watched])
        alarm = alarms[0]
        check = telling(alarm.step.checks if alarm.step else ())
        seen = (check.observed, check.threshold) if check else (None, None)
        observed, threshold = (_number(value) for value in seen)
        holds = _HOLDS[alarm.state]
        return Sight(holds=holds, text=figures_of(alarm), observed=observed, threshold=threshold)


class SeenOnce:
    """A watch whose first look was taken already."""

    def __init__(self, first: Sight, watch: Watch) -> None:
        self._first: Sight | None = first
        self._watch = watch

    def look(self) -> Sight:
        first, self._first = self._first, None
        return first or self._watch.look()


def still_on(shop: Workshop, reason: Reason, *, even_if_recovered: bool) -> Watch | None:
    """What to watch: the alarm that the reason is about, None when there is none to read.

    Raises Refused when it is over already; where it may be, it is not watched, since what is
    over cannot improve. What is not known is told, and no obstacle.
    """
    watch = _trigger(shop, reason)
    if watch is None:
        return None
    now = sight(watch)
    if now.holds is False:
        over = f"the alarm of run {reason.run} is over: {now.text}"
        if even_if_recovered:
            shop.note(f"note: {over}; it is not watched")
            return None
        hint = "--even-if-recovered applies it all the same"
        raise Refused(over, where=f"--run {reason.run}", hint=hint)
    if now.holds is None:
        shop.note(f"note: whether the alarm of run {reason.run} still holds is not known")
        shop.note(f"      {now.text}")
    return SeenOnce(now, watch)


def _trigger(shop: Workshop, reason: Reason) -> Watch | None:
    if not reason.run:
        return None
    try:
        runbook, length = _bound(shop, reason)
    except MangaopsError as error:
        shop.note(f"note: the alarm of run {reason.run} cannot be read: {error.what}")
        return None
    return TriggerWatch(shop=shop, runbook=runbook, length=length)


def _bound(shop: Workshop, reason: Reason) -> tuple[Runbook, timedelta]:
    """The runbook as it was bound then; with its own window where the record is elsewhere."""
    loaded = loaded_runbook(reason.runbook, shop.where, shop.app)
    try:
        case = diagnosed(shop.app, reason.run).case
    except InputError:
        return bind(loaded, shop.environment, {}), loaded.window
    return bind(loaded, shop.environment, case.sets), case.window.length


def _number(value: object) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number else None  # type: ignore[arg-type]  # just looked at


def _quietly(event: Progress) -> None:
    """A look is part of the watching, which tells what it saw."""
    del event
