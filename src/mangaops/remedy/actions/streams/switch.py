"""`stream.enabled` on a table: its stream is on with new and old images, or off.

`stream` is the ARN of the stream that is on: one that was switched off and on again by
somebody else is another one. A stream is never switched off under other readers of it.
"""

from __future__ import annotations

from typing import Protocol

from mangaops.errors import Refused
from mangaops.model.evidence import JSON
from mangaops.model.plan import State, Step
from mangaops.model.resources import EventSource, TableStream
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.actions.step_fields import flag

STREAM = "stream.enabled"
SWITCH = "dynamodb:UpdateTable"
IMAGES = "NEW_AND_OLD_IMAGES"


class Tables(Protocol):
    """`at_rest`: no change of the table is under way, so that it takes another one."""

    def stream(self, table: str) -> TableStream: ...
    def at_rest(self, table: str) -> bool: ...
    def switch_stream(self, table: str, *, on: bool) -> str: ...


class Readers(Protocol):
    def readers(self, stream_arn: str) -> tuple[EventSource, ...]: ...


class StreamSwitch:
    def __init__(self, tables: Tables, functions: Readers) -> None:
        self._tables = tables
        self._functions = functions

    def read(self, step: Step) -> State:
        """Raises Refused for a stream that is to be switched off and has other readers. The
        step's own function may still be one: its mapping goes first.
        """
        stream = self._tables.stream(step.target)
        if step.after.get("enabled") is False:
            self._refuse_readers(step, stream, but=step.arguments.get("function"))
        return {
            "enabled": stream.enabled,
            "view_type": stream.view_type if stream.enabled else None,
            "stream": stream.arn if stream.enabled else None,
        }

    def write(self, step: Step, pen: Pen) -> None:
        table, on = step.target, flag(step, "after", "enabled")
        if not on:
            self._refuse_readers(step, self._tables.stream(table))

        def send() -> str:
            return self._tables.switch_stream(table, on=on)

        def landed() -> str | None:
            stream = self._tables.stream(table)
            return (stream.arn or "") if stream.enabled == on else None

        pen.call(
            SWITCH,
            send,
            about={"table": table, "enabled": on},
            landed=landed,
            told=lambda arn: {"stream": arn} if on and arn else {},
        )

    def settled(self, step: Step) -> Settled:
        stream = self._tables.stream(step.target)
        told = f"on ({stream.view_type})" if stream.enabled else "off"
        wanted = stream.enabled == flag(step, "after", "enabled")
        there = wanted and self._tables.at_rest(step.target)
        progress = Progress.REACHED if there else Progress.WAITING
        return Settled(progress=progress, detail=f"the stream is {told}")

    def touches(self, step: Step) -> Touches:
        del step
        return Touches()

    def _refuse_readers(self, step: Step, stream: TableStream, but: JSON = None) -> None:
        if not stream.enabled or stream.arn is None:
            return
        others = [
            f"{one.function or 'a function'} (mapping {one.uuid})"
            for one in self._functions.readers(stream.arn)
            if one.state != "Deleting" and (but is None or one.function != but)
        ]
        if others:
            raise Refused(
                f"the stream of {step.target} is read by {', '.join(others)}, which would get no "
                "more changes when it is switched off",
                where=step.target,
                hint="leave it on, or have those mappings deleted by their owners first",
            )
