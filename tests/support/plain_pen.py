"""A pen that sends each call once and remembers what it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from mangaops.errors import AwsFault, AwsUnreachable, Stopped
from mangaops.model.evidence import JSON
from mangaops.remedy.action import Saved

T = TypeVar("T")


class PlainPen:
    """Waiting moves `now`. After `stop_after` seconds of waiting someone presses Ctrl-C.

    `run` is in the tokens: what honours them takes two calls of one run for one.
    """

    def __init__(self, *, run: str = "r-test", stop_after: float = float("inf")) -> None:
        self._run = run
        self.intents: list[tuple[str, Mapping[str, JSON]]] = []
        self.results: list[Mapping[str, JSON]] = []
        self.lines: list[str] = []
        self.now = 0.0
        self._stop_after = stop_after

    @property
    def run(self) -> str:
        return self._run

    def token(self, operation: str) -> str:
        return f"{self._run}-1-{operation.partition(':')[2]}"

    def call(
        self,
        operation: str,
        send: Callable[[], T],
        *,
        about: Mapping[str, JSON],
        landed: Callable[[], T | None],
        told: Callable[[T], Mapping[str, JSON]] | None = None,
    ) -> T:
        self.intents.append((operation, about))
        try:
            answer = send()
        except (AwsFault, AwsUnreachable):
            looked = landed()
            if looked is None:
                raise
            answer = looked
        self.results.append(told(answer) if told else {})
        return answer

    def save(self, lines: Iterable[bytes]) -> Saved:
        raise NotImplementedError(lines)

    def saved(self, reference: Mapping[str, JSON]) -> Iterator[bytes]:
        raise NotImplementedError(reference)

    def tell(self, text: str) -> None:
        self.lines.append(text)

    def pause(self, seconds: float) -> None:
        self.now += seconds
        if self.now > self._stop_after:
            raise Stopped("stopped by Ctrl-C")

    def clock(self) -> float:
        return self.now
