"""The strict way from a plan's document to a plan: no key too many, every type as written.

A key that the format got later has a default, which is what a plan without it meant: the
journals of earlier versions can be read, and their runs be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from mangaops.errors import InputError, nearest
from mangaops.model.evidence import JSON
from mangaops.model.plan import Draft, Plan, Reason, Risk, Step, UndoKind
from mangaops.model.site import Site
from mangaops.model.time import iso, parse_instant

T = TypeVar("T")
_LONGEST_SETTLE = 7 * 86400.0
_HIGHEST_COST = 1e6
_MISSING = object()


class Fields:
    """An object of a document. Each method takes one key out; `end` refuses what is left."""

    def __init__(self, fields: Mapping[str, object], *, where: str, hint: str) -> None:
        self.where = where
        self._fields = dict(fields)
        self._hint = hint
        self._known: list[str] = []

    def wrong(self, what: str, key: str = "") -> InputError:
        place = f"{self.where}: {key}" if key else self.where
        return InputError(what, where=place, hint=self._hint)

    def take(self, key: str) -> object:
        self._known.append(key)
        value = self._fields.pop(key, _MISSING)
        if value is _MISSING:
            raise self.wrong(f"`{key}` is missing")
        return value

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str):
            raise self.wrong("this must be a text", key)
        return value

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        if default is not None and key not in self._fields:
            self._known.append(key)
            return default
        value = self.take(key)
        if not isinstance(value, bool):
            raise self.wrong("this must be true or false", key)
        return value

    def whole(self, key: str) -> int:
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong("this must be a whole number", key)
        return value

    def number(self, key: str) -> float:
        value = self.take(key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.wrong("this must be a number", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong("this must be a list of texts", key)
        return tuple(value)

    def state(self, key: str) -> dict[str, JSON]:
        value = self.take(key)
        if not isinstance(value, dict):
            raise self.wrong("this must be an object", key)
        return value

    def instant(self, key: str) -> datetime:
        text = self.text(key)
        found = parse_instant(text)
        if found is None or iso(found) != text:
            raise self.wrong("this must be an instant such as 2026-11-21T11:00:00Z", key)
        return found

    def one_of(self, key: str, kind: Callable[[str], T]) -> T:
        text = self.text(key)
        try:
            return kind(text)
        except ValueError as error:
            raise self.wrong(str(error), key) from error

    def inner(self, key: str) -> Fields:
        return Fields(self.state(key), where=f"{self.where}: {key}", hint=self._hint)

    def items(self, key: str) -> Iterator[Fields]:
        value = self.take(key)
        if not isinstance(value, list) or not value:
            raise self.wrong("this must be a list with something in it", key)
        for index, one in enumerate(value):
            if not isinstance(one, dict):
                raise self.wrong("this must be an object", f"{key}[{index}]")
            yield Fields(one, where=f"{self.where}: {key}[{index}]", hint=self._hint)

    def end(self) -> None:
        for key in self._fields:
            guess = nearest(key, self._known)
            raise self.wrong(f"unknown key `{key[:60]}`" + (f", {guess}" if guess else ""))


def plan_in(fields: Fields) -> Plan:
    """The plan in the fields of its document, but for `schema` and `digest`."""
    expires = fields.instant("expires")
    reason = _reason(fields.inner("reason"))
    site = _site(fields.inner("environment"))
    plan = Plan(
        id=fields.text("id"),
        remedy=fields.text("remedy"),
        arguments=fields.text("arguments"),
        undoes=fields.text("undoes"),
        site=site,
        reason=reason,
        made=fields.instant("made"),
        expires=expires,
        draft=_draft(fields),
    )
    fields.end()
    return plan


def _draft(fields: Fields) -> Draft:
    cost = fields.take("cost_per_hour")
    if cost is not None and (not isinstance(cost, int | float) or isinstance(cost, bool)):
        raise fields.wrong("this must be a number or null", "cost_per_hour")
    if cost is not None and not -_HIGHEST_COST <= cost <= _HIGHEST_COST:
        raise fields.wrong("this is no cost in dollars", "cost_per_hour")
    settle = fields.number("settle_seconds")
    if not 0 <= settle <= _LONGEST_SETTLE:
        raise fields.wrong("this must be between 0 and a week", "settle_seconds")
    return Draft(
        title=fields.text("title"),
        confirm=fields.text("confirm"),
        risk=fields.one_of("risk", Risk),
        steps=_steps(fields),
        reach=fields.texts("reach"),
        conflicts=fields.texts("conflicts"),
        permissions=fields.texts("permissions"),
        aws_cli=fields.texts("aws_cli"),
        cost_per_hour=cost,
        notes=fields.texts("notes"),
        settle=timedelta(seconds=settle),
        watched=fields.flag("watched", default=True),
    )


def _steps(fields: Fields) -> tuple[Step, ...]:
    steps = tuple(_step(one) for one in fields.items("steps"))
    if [step.number for step in steps] != list(range(1, len(steps) + 1)):
        raise fields.wrong("steps must be numbered from 1", "steps")
    return steps


def _step(fields: Fields) -> Step:
    step = Step(
        number=fields.whole("number"),
        action=fields.text("action"),
        target=fields.text("target"),
        before=fields.state("before"),
        after=fields.state("after"),
        undo=fields.one_of("undo", UndoKind),
        summary=fields.text("summary"),
        arguments=fields.state("arguments"),
        not_previewed=fields.text("not_previewed"),
    )
    fields.end()
    return step


def _reason(fields: Fields) -> Reason:
    reason = Reason(
        text=fields.text("text"),
        run=fields.text("run"),
        runbook=fields.text("runbook"),
        diagnosis=fields.text("diagnosis"),
        verdict=fields.text("verdict"),
        evidence=fields.text("evidence"),
    )
    fields.end()
    return reason


def _site(fields: Fields) -> Site:
    site = Site(
        name=fields.text("name"),
        region=fields.text("region"),
        account=fields.text("account"),
        caller=fields.text("caller"),
        protected=fields.flag("protected"),
    )
    fields.end()
    return site
