"""A remedy's steps written through its actions and followed to their end, without an executor."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from mangaops.model.plan import Draft, Standing, Step, compare
from mangaops.remedy.action import Action, Progress, Settled
from support.plain_pen import PlainPen


class WaitingPen(PlainPen):
    """Of a run of its own, since no two runs share a token; its pauses are real."""

    def __init__(self) -> None:
        super().__init__(run=f"r-{uuid4().hex[:8]}")

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)


def drafted(remedy: Any, request: object) -> Draft:
    draft = remedy.draft(request)
    assert isinstance(draft, Draft), draft
    return draft


def carried_out(action: Action, step: Step) -> PlainPen:
    """Written from where the step begins, and followed to its end."""
    assert compare(step, action.read(step)).standing is Standing.BEFORE
    pen = WaitingPen()
    action.write(step, pen)
    assert followed(action, step).progress is Progress.REACHED
    assert compare(step, action.read(step)).standing is Standing.AFTER
    return pen


def followed(action: Action, step: Step) -> Settled:
    for _ in range(200):
        settled = action.settled(step)
        if settled.progress is not Progress.WAITING:
            return settled
        time.sleep(0.15)
    raise AssertionError(settled)
