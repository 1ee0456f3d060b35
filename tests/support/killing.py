"""A command that is killed, by SIGKILL, at one chosen point of its life.

A point is `written:3` (as soon as the third entry of the journal is on disk), `asked:5`
(just before the fifth AWS call is sent) or `answered:5` (just after its answer came).
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from mangaops.aws.session import Aws
from mangaops.cli.context import AppContext, system_context
from mangaops.model.settings import Environment


@dataclass(frozen=True, slots=True)
class Fate:
    """Ends the process at its point; `seen` counts what happened until then."""

    point: str
    seen: Counter[str] = field(default_factory=Counter)

    def meet(self, what: str) -> None:
        self.seen[what] += 1
        if f"{what}:{self.seen[what]}" == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalAws(Aws):
    """Tells its fate of every call."""

    def __init__(self, environment: Environment, fate: Fate, **options: Any) -> None:
        super().__init__(environment, **options)
        self._fate = fate

    def _sent(self, **event: Any) -> None:
        self._fate.meet("asked")
        super()._sent(**event)

    def _received(self, **event: Any) -> None:
        super()._received(**event)
        self._fate.meet("answered")


def mortal_context(point: str, *, pauses: float = 1.0) -> AppContext:
    """No point at all is never met."""
    fate = Fate(point)

    def fsync(descriptor: int) -> None:
        os.fsync(descriptor)
        fate.meet("written")

    def connect(environment: Environment, app: AppContext) -> Aws:
        return MortalAws(environment, fate, environ=app.environ, clock=app.monotonic)

    def sleep(seconds: float) -> None:
        time.sleep(seconds * pauses)

    return replace(system_context(os.environ), fsync=fsync, connect=connect, sleep=sleep)
