"""The form of `guardrails:` in mangaops.yaml, with its freeze windows."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

from mangaops.model.settings import Freeze, Guardrails
from mangaops.model.time import parse_instant

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOMENT = r"(mon|tue|wed|thu|fri|sat|sun) (\d\d?):(\d\d)"
_WEEKLY = re.compile(rf"{_MOMENT} to {_MOMENT}")
_MINUTES_A_DAY = 1440


def _instant(value: object) -> datetime:
    instant = parse_instant(value)
    if instant is None:
        raise ValueError("must be a time such as 2026-12-24T00:00Z (UTC without an offset)")
    return instant


def _weekly(value: object) -> tuple[int, int]:
    """`fri 18:00 to mon 08:00` in minutes since Monday 00:00."""
    match = _WEEKLY.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('must be written as "fri 18:00 to mon 08:00"')
    opens, closes = (_minute_of_week(*match.group(*part)) for part in ((1, 2, 3), (4, 5, 6)))
    if opens == closes:
        raise ValueError("must not begin and end at the same time")
    return opens, closes


def _minute_of_week(day: str, hour: str, minute: str) -> int:
    of_day = int(hour) * 60 + int(minute)
    if int(minute) >= 60 or of_day > _MINUTES_A_DAY:
        raise ValueError("must have times from 00:00 to 24:00")
    return (_DAYS.index(day) * _MINUTES_A_DAY + of_day) % (7 * _MINUTES_A_DAY)


def _zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be the name of a time zone such as Asia/Tokyo") from None


Instant = Annotated[datetime, BeforeValidator(_instant)]
Week = Annotated[tuple[int, int], BeforeValidator(_weekly)]
Zone = Annotated[str, BeforeValidator(_zone)]
Text = Annotated[StrictStr, Field(min_length=1)]


class FreezePart(BaseModel):
    """Either `from` and `to`, or `weekly` with a `timezone`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Text
    start: Instant | None = Field(None, alias="from")
    end: Instant | None = Field(None, alias="to")
    weekly: Week | None = None
    timezone: Zone | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        once = (self.start, self.end)
        if (self.weekly is None) == (once == (None, None)):
            raise ValueError("must have either `from` and `to`, or `weekly`")
        if self.weekly is None and self.timezone is not None:
            raise ValueError("has a `timezone`, which belongs to `weekly`; write an offset instead")
        if self.weekly is None and (self.start is None or self.end is None):
            raise ValueError("needs both `from` and `to`")
        if self.start and self.end and self.start >= self.end:
            raise ValueError("ends before it begins")
        return self


class GuardrailsPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    most_tasks: StrictInt = Field(Guardrails().most_tasks, ge=1)
    most_ocu: StrictFloat | StrictInt = Field(Guardrails().most_ocu, gt=0)
    most_keys: StrictInt = Field(Guardrails().most_keys, ge=1)
    parameters: list[Text] | None = None
    variables: list[Text] | None = None
    accounts: list[Text] | None = None
    freeze: list[FreezePart] = []


def guardrails(part: GuardrailsPart) -> Guardrails:
    return Guardrails(
        most_tasks=part.most_tasks,
        most_ocu=float(part.most_ocu),
        most_keys=part.most_keys,
        parameters=_allowed(part.parameters),
        variables=_allowed(part.variables),
        accounts=_allowed(part.accounts),
        freeze=tuple(_freeze(one) for one in part.freeze),
    )


def _allowed(patterns: list[str] | None) -> tuple[str, ...] | None:
    """An empty list allows nothing; no list allows all."""
    return None if patterns is None else tuple(patterns)


def _freeze(part: FreezePart) -> Freeze:
    if part.weekly is None:
        return Freeze(reason=part.reason, start=part.start, end=part.end)
    opens, closes = part.weekly
    return Freeze(reason=part.reason, opens=opens, closes=closes, timezone=part.timezone or "UTC")
