"""`mapping.enabled` on TABLE/FUNCTION: what carries the table's present stream to a function.

A mapping that is not made yet is found by stream and function, of which there can be one
only. One that is there, or that the journal of its run names, is known by its id: another
one of the same stream is somebody else's, however alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mangaops.errors import Drifted
from mangaops.model.evidence import JSON
from mangaops.model.plan import State, Step, differences
from mangaops.model.resources import EventSource, TableStream
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.actions.step_fields import flag, held, two_names, whole, wrong

MAPPING = "mapping.enabled"
CREATE = "lambda:CreateEventSourceMapping"
UPDATE = "lambda:UpdateEventSourceMapping"
DELETE = "lambda:DeleteEventSourceMapping"
LIMITS: Mapping[str, JSON] = {"bisect": True, "retries": 3, "max_age_s": 3600}
BATCH_SIZE = 100
"""What Lambda takes for a table's stream where nothing is said."""
NO_LIMIT = -1

_FIELDS = ("mapping", "mapping_id", "batch_size", *LIMITS)
_ON = frozenset({"Enabled", "Enabling", "Creating", "Updating"})
_AT_REST = frozenset({"Enabled", "Disabled"})
_PAUSE_S = 0.5
_MOST_PAUSES = 120
"""Tables and mappings are changed within a minute."""


class Functions(Protocol):
    def must_exist(self, function: str) -> None: ...
    def event_sources(self, function: str) -> tuple[EventSource, ...]: ...
    def readers(self, stream_arn: str) -> tuple[EventSource, ...]: ...
    def map_stream(
        self, function: str, stream_arn: str, *, retries: int, max_age_s: int, batch_size: int
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
    if source is None or _is_going(source):
        return dict.fromkeys(_FIELDS)
    return {
        "mapping": "on" if is_on(source) else "off",
        "mapping_id": source.uuid,
        "batch_size": source.batch_size,
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
        _refuse_other(step, present)
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
        batch_size = whole(step, "after", "batch_size")

        def send() -> EventSource:
            return self._functions.map_stream(
                function, arn, retries=retries, max_age_s=max_age_s, batch_size=batch_size
            )

        def landed() -> EventSource | None:
            """One of other settings is not the one that was sent."""
            found = self._found(step)
            return None if differences(step.after, fields_of(found)) else found

        pen.call(
            CREATE,
            send,
            about={"function": function, "stream": arn, "batch_size": batch_size, **limits},
            landed=landed,
            told=lambda made: {"mapping_id": made.uuid, "state": made.state},
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
            return None if differences(step.after, fields_of(self._found(step))) else True

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
            return True if found is None or found.uuid != uuid or _is_going(found) else None

        pen.call(DELETE, send, about={"uuid": uuid}, landed=landed)

    def _found(self, step: Step) -> EventSource | None:
        """The mapping of the step's id, else of the present stream; on the way back also of
        one that is off. One of an old stream cannot be what is to be on.
        """
        table, function = two_names(step)
        stream, wanted = self._streams.stream(table), _wanted(step)
        sources = self._functions.event_sources(function)
        feeds = [one for one in sources if stream.enabled and one.source_arn == stream.arn]
        known = _id(step)
        ours = next((one for one in sources if known is not None and one.uuid == known), None)
        if ours is not None and (wanted != "on" or ours in feeds):
            return ours
        if wanted is None:
            feeds = [one for one in sources if one.source_arn == stream.arn]
        return next(iter(feeds), None)

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


def _id(step: Step) -> JSON:
    """The id of the mapping that the step is about, None where it is still to be given."""
    told = (side.get("mapping_id") for side in (step.before, step.after))
    return next((one for one in told if isinstance(one, str)), None)


def _is_going(source: EventSource) -> bool:
    return source.state == "Deleting"


def _refuse_other(step: Step, present: EventSource | None) -> None:
    """Raises Drifted when the mapping that is there is not the step's own."""
    known, made = _id(step), step.before.get("mapping") is None
    if present is not None and (made if known is None else present.uuid != known):
        raise Drifted(
            f"mapping {present.uuid} of the stream is somebody else's",
            where=step.target,
            hint="plan again, to see what it is now",
        )


def _limits(step: Step) -> dict[str, JSON]:
    """The wanted ones; None where AWS does not tell any."""
    return {name: held(step, "after", name) for name in LIMITS}
