"""What reached the models: the provider's view, against which a client's own view is held.

`GET /_sandbox/models/calls` gives it. A call is written down when it arrives, and what became
of it when its connection is done with it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from mangaops.model.time import iso

KEPT = 100_000


@dataclass(slots=True, kw_only=True)
class ModelCall:
    """One request. `fault` is None when none struck, `error` AWS's code where it was refused.

    `status` is None where the connection ended without one. `ended` is False while it is
    being answered. `closed_early` says that the client hung up
    before it had the whole answer. Tokens are those that would be billed: of a refused call
    none, of a stream those that were spoken, of an answer that nobody waited for all.
    """

    number: int
    at: datetime
    model: str
    region: str
    operation: str
    fault: str | None = None
    error: str | None = None
    status: int | None = 200
    ended: bool = False
    closed_early: bool = False
    input_tokens: int = 0
    output_tokens: int = 0

    def over(self, early: bool) -> None:
        self.closed_early, self.ended = early, True


class ModelCalls:
    """The newest calls, in the order in which they arrived."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[ModelCall] = deque(maxlen=KEPT)
        self._count = 0

    def arrived(self, at: datetime, *, model: str, region: str, operation: str) -> ModelCall:
        with self._lock:
            self._count += 1
            call = ModelCall(
                number=self._count, at=at, model=model, region=region, operation=operation
            )
            self._calls.append(call)
        return call

    def all(self, where: Callable[[ModelCall], bool] = lambda _call: True) -> list[ModelCall]:
        with self._lock:
            return [call for call in self._calls if where(call)]

    def clear(self) -> None:
        """Numbers start again with 1."""
        with self._lock:
            self._calls.clear()
            self._count = 0

    def as_json(self) -> list[dict[str, Any]]:
        return [{**asdict(call), "at": iso(call.at)} for call in self.all()]
