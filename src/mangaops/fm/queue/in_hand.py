"""What one worker remembers between two deliveries, in memory.

Rule: an answer that was paid for and that the store did not take is offered to it again, before
each message that is taken and when the message is back. Only a worker that dies loses it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mangaops.fm.queue.results import Results

MOST_ANSWERS = 64
MOST_COUNTS = 1024
LONGEST_S = 3600.0
"""After so long the message is another worker's, or gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """`owner` is who claimed the key for it."""

    document: str
    owner: str
    mode: int
    correlation_id: str
    since: float


class InHand:
    """Of one thread. `clock` is monotonic seconds."""

    def __init__(self, results: Results, clock: Callable[[], float]) -> None:
        self._results, self._clock = results, clock
        self._answers: dict[str, Held] = {}
        self._failed: dict[str, int] = {}

    def hold(self, key: str, held: Held) -> None:
        if len(self._answers) >= MOST_ANSWERS:
            del self._answers[next(iter(self._answers))]
        self._answers[key] = held

    def of(self, key: str) -> Held | None:
        return self._answers.get(key)

    def let_go(self, key: str) -> None:
        self._answers.pop(key, None)

    def keep(self, key: str, held: Held) -> bool:
        """What the store says, or raises; then it stays in the hand."""
        self.hold(key, held)
        kept = self._results.keep(key, held.document, owner=held.owner)
        self.let_go(key)
        return kept

    def offer_all(self) -> None:
        """To the store once more; one that it refuses keeps no other from it."""
        for key, held in list(self._answers.items()):
            try:
                self._results.keep(key, held.document, owner=held.owner)
            except Exception:  # noqa: BLE001 - the store is handed in; the next time, then
                if self._clock() - held.since < LONGEST_S:
                    continue
            self.let_go(key)

    def failed(self, message_id: str) -> int:
        """How often now: a delivery in which nothing of the message's own was decided."""
        count = self._failed.pop(message_id, 0) + 1
        if len(self._failed) >= MOST_COUNTS:
            del self._failed[next(iter(self._failed))]
        self._failed[message_id] = count
        return count
