"""The alarm of the diagnosis that a change is for: does it still hold, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta

from mangaops.cli.changes.reasons import diagnosed
from mangaops.cli.changes.workshop import Workshop
from mangaops.cli.context import loaded_runbook
from mangaops.cli.options import Budget
from mangaops.cli.reading import reading
from mangaops.cli.triaging import Watched, looked
from mangaops.diagnose.triage import recovered
from mangaops.errors import InputError, MangaopsError, Refused
from mangaops.evidence.progress import Progress
from mangaops.model.diagnosis import Check
from mangaops.model.plan import Reason
from mangaops.model.runbook import Runbook
from mangaops.model.time import Window, floor_minute
from mangaops.remedy.execution.watching import Sight, Watch, sight
from mangaops.render.triage import Alarm, AlarmState, figures_of, telling
from mangaops.runbook.bind import bind

_HOLDS = {AlarmState.ON: True, AlarmState.OFF: False, AlarmState.UNKNOWN: None}


class TriggerWatch:
    """A runbook's trigger, read anew at each look over a window that ends now.

    The check that said most at the first look is the one that is told of ever after: a
    trigger of several parts would else compare carts with percentages.
    """

    def __init__(self, *, shop: Workshop, runbook: Runbook, length: timedelta) -> None:
        self.shop = shop
        self.runbook = runbook
        self.length = length
        self._what = ""

    def look(self) -> Sight:
        end = floor_minute(self.shop.app.clock())
        watched = Watched(runbook=self.runbook, window=Window(start=end - self.length, end=end))
        shop = self.shop
        with reading(shop.environment, Budget(), shop.app, _quietly, aws=shop.aws) as (reader, _):
            (alarm,), collected = looked(reader, [watched])
        holds, check = _HOLDS[alarm.state], self._pinned(alarm)
        text = figures_of(alarm, check)
        evidence = watched.evidence_of(collected.evidence)
        if holds is False and not recovered(self.runbook, evidence, watched.window):
            holds, text = None, f"{text}; not for long enough yet"
        return Sight(
            holds=holds,
            text=text,
            what=self._what if check else "",
            observed=_number(check.observed) if check else None,
            threshold=_number(check.threshold) if check else None,
        )

    def _pinned(self, alarm: Alarm) -> Check | None:
        """The check of the first look; None where it was not made this time."""
        checks = alarm.step.checks if alarm.step else ()
        if not self._what and (first := telling(checks)) is not None:
            self._what = _name(first)
        return next((check for check in checks if _name(check) == self._what), None)


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


def _name(check: Check) -> str:
    return f"{check.expression} {check.subject}"


def _number(value: object) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number else None  # type: ignore[arg-type]  # just looked at


def _quietly(event: Progress) -> None:
    """A look is part of the watching, which tells what it saw."""
    del event
