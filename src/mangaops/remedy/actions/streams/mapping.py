"""`mapping.enabled` on TABLE/FUNCTION: what carries the table's present stream to a function.

The mapping is found in the world by stream and function, of which there can be one only:
a step needs no id that AWS has yet to give.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mangaops.errors import Drifted
from mangaops.model.evidence import JSON
from mangaops.model.plan import State, Step
from mangaops.model.resources import EventSource, TableStream
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.actions.step_fields import flag, held, two_names, whole, wrong

MAPPING = "mapping.enabled"
CREATE = "lambda:CreateEventSourceMapping"
UPDATE = "lambda:UpdateEventSourceMapping"
DELETE = "lambda:DeleteEventSourceMapping"
LIMITS: Mapping[str, JSON] = {"bisect": True, "retries": 3, "max_age_s": 3600}
NO_LIMIT = -1

_ON = frozenset({"Enabled", "Enabling", "Creating", "Updating"})
_AT_REST = frozenset({"Enabled", "Disabled"})
_PAUSE_S = 0.5
_MOST_PAUSES = 120
"""Tables and mappings are changed within a minute."""


class Functions(Protocol):
    def must_exist(self, function: str) -> None: ...
    def event_sources(self, function: str) -> tuple[EventSource, ...]: ...
    def map_stream(
        self, function: str, stream_arn: str, *, retries: int, max_age_s: int
    ) -> EventSource: ...
    def set_mapping(
        self,
        uuid: str,
        *,
        on: bool,
        bisect: bool | None = None,
        retries: int | None = None,
        max_age_s: int | None = None,
    ) -> None: ...
    def delete_mapping(self, uuid: str) -> None: ...


class Streams(Protocol):
    def stream(self, table: str) -> TableStream: ...
    def at_rest(self, table: str) -> bool: ...


def is_on(source: EventSource) -> bool:
    return source.state in _ON


def unlimited(source: EventSource) -> bool:
    """Whether one bad record can block its shard until it expires."""
    return source.retries == NO_LIMIT and source.max_age_s == NO_LIMIT


def fields_of(source: EventSource | None) -> dict[str, JSON]:
    """`mapping` is on, off, or None without one; -1 is without a limit."""
    if source is None or source.state == "Deleting":
        return {"mapping": None, "bisect": None, "retries": None, "max_age_s": None}
    return {
        "mapping": "on" if is_on(source) else "off",
        "bisect": source.bisect,
        "retries": source.retries,
        "max_age_s": source.max_age_s,
    }


class StreamMapping:
    def __init__(self, functions: Functions, streams: Streams) -> None:
        self._functions = functions
        self._streams = streams

    def read(self, step: Step) -> State:
        return fields_of(self._found(step))

    def write(self, step: Step, pen: Pen) -> None:
        present = self._at_rest(step, pen)
        if _wanted(step) is None:
            self._delete(step, pen, present)
        elif present is None:
            self._create(step, pen)
        else:
            self._update(step, pen, present)

    def settled(self, step: Step) -> Settled:
        found, wanted = self._found(step), _wanted(step)
        if found is None:
            missing = Progress.REACHED if wanted is None else Progress.WAITING
            return Settled(progress=missing, detail="there is no mapping")
        reason = f" ({found.reason})" if found.reason else ""
        detail = f"mapping {found.uuid} is {found.state}{reason}"
        there = found.state == {"on": "Enabled", "off": "Disabled"}.get(str(wanted))
        return Settled(progress=Progress.REACHED if there else Progress.WAITING, detail=detail)

    def touches(self, step: Step) -> Touches:
        del step
        return Touches()

    def _create(self, step: Step, pen: Pen) -> None:
        _, function = two_names(step)
        arn = self._stream_to_map(step, pen)
        limits = _limits(step)
        retries, max_age_s = whole(step, "after", "retries"), whole(step, "after", "max_age_s")

        def send() -> EventSource:
            return self._functions.map_stream(function, arn, retries=retries, max_age_s=max_age_s)

        pen.call(
            CREATE,
            send,
            about={"function": function, "stream": arn, **limits},
            landed=lambda: self._found(step),
            told=lambda made: {"uuid": made.uuid, "state": made.state},
        )

    def _update(self, step: Step, pen: Pen, present: EventSource) -> None:
        limits, mapping, now = _limits(step), _wanted(step), fields_of(present)
        changed = {n: limit for n, limit in limits.items() if limit not in (None, now[n])}

        def send() -> bool:
            self._functions.set_mapping(
                present.uuid,
                on=mapping == "on",
                bisect=flag(step, "after", "bisect") if "bisect" in changed else None,
                retries=whole(step, "after", "retries") if "retries" in changed else None,
                max_age_s=whole(step, "after", "max_age_s") if "max_age_s" in changed else None,
            )
            return True

        def landed() -> bool | None:
            return True if fields_of(self._found(step)) == {**limits, "mapping": mapping} else None

        about = {"uuid": present.uuid, "mapping": mapping, **changed}
        pen.call(UPDATE, send, about=about, landed=landed)

    def _delete(self, step: Step, pen: Pen, present: EventSource | None) -> None:
        if present is None:
            return
        uuid = present.uuid

        def send() -> bool:
            self._functions.delete_mapping(uuid)
            return True

        def landed() -> bool | None:
            found = self._found(step)
            return True if found is None or found.state == "Deleting" else None

        pen.call(DELETE, send, about={"uuid": uuid}, landed=landed)

    def _found(self, step: Step) -> EventSource | None:
        """The mapping of the present stream; on the way back also of one that is off."""
        table, function = two_names(step)
        stream = self._streams.stream(table)
        if not stream.enabled and _wanted(step) is not None:
            return None
        sources = self._functions.event_sources(function)
        return next((one for one in sources if one.source_arn == stream.arn), None)

    def _at_rest(self, step: Step, pen: Pen) -> EventSource | None:
        """The mapping once it takes a change: AWS refuses one while another is under way."""
        found = self._found(step)
        for _ in range(_MOST_PAUSES):
            if found is None or found.state in _AT_REST:
                break
            pen.tell(f"mapping {found.uuid} is {found.state}")
            pen.pause(_PAUSE_S)
            found = self._found(step)
        return found

    def _stream_to_map(self, step: Step, pen: Pen) -> str:
        """Its ARN, as soon as the table has come to rest: Lambda reads the stream at once."""
        table, _ = two_names(step)
        for _ in range(_MOST_PAUSES):
            stream = self._streams.stream(table)
            if not stream.enabled or stream.arn is None:
                break
            if self._streams.at_rest(table):
                return stream.arn
            pen.tell(f"the stream of {table} is being switched on")
            pen.pause(_PAUSE_S)
        raise Drifted(f"{table} has no stream that is on", where=table, hint="plan again")


def _wanted(step: Step) -> str | None:
    """`on`, `off`, or None for no mapping at all."""
    match held(step, "after", "mapping"):
        case None:
            return None
        case "on" | "off" as told:
            return str(told)
        case _:
            raise wrong(step, "after: `mapping` must be on, off or null")


def _limits(step: Step) -> dict[str, JSON]:
    """The wanted ones; None where AWS does not tell any."""
    return {name: held(step, "after", name) for name in LIMITS}
