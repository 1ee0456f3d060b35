"""What was answered, and which worker is at which key.

Rule: a key is claimed before a model is asked, for a time; who holds the claim keeps the
answer, and an answer that is kept is never replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """Nobody answered it, and for now nobody else will. `attempt` counts from 1."""

    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """It is answered; `document` is the answer as it is kept (`mangaops.model_answer/1`)."""

    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Another worker is at it, for at most `seconds` more."""

    seconds: float


Claim = Mine | Done | Taken


class Results(Protocol):
    """Used by several workers at once. May raise anything; the message then comes back."""

    def claim(self, key: str, *, owner: str, seconds: float) -> Claim:
        """`owner` is a name of this delivery and no other; a claim of its own is given again.

        Each claim that is given counts as an attempt.
        """

    def keep(self, key: str, document: str, *, owner: str) -> bool:
        """False when an answer was kept before; then that one stays. Ends the claim."""

    def give_up(self, key: str, *, owner: str, forget: bool = False) -> None:
        """Ends the claim without an answer, if it is still this owner's. With `forget` the
        attempts count from 1 again.
        """

    def answer(self, key: str) -> str | None:
        """The document, None while there is none."""


class MemoryResults:
    """Of one process: for tests."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[str, str] = {}
        self._claims: dict[str, tuple[str, float]] = {}
        self._attempts: dict[str, int] = {}

    def claim(self, key: str, *, owner: str, seconds: float) -> Claim:
        with self._lock:
            if key in self._kept:
                return Done(document=self._kept[key])
            holder, until = self._claims.get(key, (owner, 0.0))
            now = self._clock()
            if holder != owner and now < until:
                return Taken(seconds=until - now)
            self._claims[key] = (owner, now + seconds)
            self._attempts[key] = self._attempts.get(key, 0) + 1
            return Mine(attempt=self._attempts[key])

    def keep(self, key: str, document: str, *, owner: str) -> bool:
        with self._lock:
            self._drop(key, owner)
            self._attempts.pop(key, None)
            return self._kept.setdefault(key, document) is document

    def give_up(self, key: str, *, owner: str, forget: bool = False) -> None:
        with self._lock:
            if self._drop(key, owner) and forget:
                self._attempts.pop(key, None)

    def answer(self, key: str) -> str | None:
        with self._lock:
            return self._kept.get(key)

    def _drop(self, key: str, owner: str) -> bool:
        mine = self._claims.get(key, ("", 0.0))[0] == owner
        if mine:
            del self._claims[key]
        return mine
