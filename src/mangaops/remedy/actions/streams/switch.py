"""`stream.enabled` on a table: its stream is on with new and old images, or off."""

from __future__ import annotations

from typing import Protocol

from mangaops.model.plan import State, Step
from mangaops.model.resources import TableStream
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.actions.step_fields import flag

STREAM = "stream.enabled"
SWITCH = "dynamodb:UpdateTable"
IMAGES = "NEW_AND_OLD_IMAGES"


class Tables(Protocol):
    """`at_rest`: no change of the table is under way, so that it takes another one."""

    def stream(self, table: str) -> TableStream: ...
    def at_rest(self, table: str) -> bool: ...
    def switch_stream(self, table: str, *, on: bool) -> None: ...


class StreamSwitch:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def read(self, step: Step) -> State:
        stream = self._tables.stream(step.target)
        return {
            "enabled": stream.enabled,
            "view_type": stream.view_type if stream.enabled else None,
        }

    def write(self, step: Step, pen: Pen) -> None:
        table, on = step.target, flag(step, "after", "enabled")

        def send() -> bool:
            self._tables.switch_stream(table, on=on)
            return True

        def landed() -> bool | None:
            return True if self._tables.stream(table).enabled == on else None

        pen.call(SWITCH, send, about={"table": table, "enabled": on}, landed=landed)

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
