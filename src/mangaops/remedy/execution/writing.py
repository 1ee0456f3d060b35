"""One AWS write: intent, call, result. It is sent again only when it did not land.

throttled           nothing happened: sent again after a pause, five times in all
no answer, or 5xx   nobody knows: the world is read (`landed`); what it shows is taken
                    for the answer, and only when it shows nothing the call is sent
                    again, four times in all
refused             journaled and raised; after an unclear answer the world is read first,
                    since a refusal may be the echo of the write that landed
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from mangaops.errors import (
    AwsError,
    AwsThrottled,
    InputError,
    JournalFailed,
    MangaopsError,
    Refused,
    Stopped,
)
from mangaops.model.evidence import JSON
from mangaops.model.redaction import REDACTED, is_secret_name, redacted
from mangaops.remedy.action import UNCLEAR, Saved
from mangaops.remedy.execution.stopping import Stopper
from mangaops.remedy.journals import saving
from mangaops.remedy.journals.journal import Journal, Kind

T = TypeVar("T")

MOST_SENDS_THROTTLED = 5
MOST_SENDS_UNCLEAR = 4
MOST_LOOKS = 4
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0


def token_of(run: str, step: int, operation: str) -> str:
    """An idempotency token of 36 characters: the same wherever it is made."""
    made = hashlib.sha256(f"{run}/{step}/{operation}".encode()).hexdigest()
    return f"mng-{made[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How calls are paced. `tell` takes a line of progress."""

    stop: Stopper
    rng: random.Random
    tell: Callable[[str], None]

    def back_off(self, attempt: int) -> None:
        """Full jitter: anywhere up to a bound that doubles, from 0.2 s to 5 s."""
        bound = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**attempt)
        self.stop.pause(self.rng.uniform(0, bound))


class StepPen:
    """The Pen of one step. `touched`: something of it landed, or may have."""

    def __init__(self, *, step: int, journal: Journal, sending: Sending) -> None:
        self._step = step
        self._journal = journal
        self._sending = sending
        self.touched = False
        self.failed = False

    @property
    def run(self) -> str:
        return self._journal.run

    def token(self, operation: str) -> str:
        return token_of(self.run, self._step, operation)

    def tell(self, text: str) -> None:
        self._sending.tell(text)

    def pause(self, seconds: float) -> None:
        self._sending.stop.pause(seconds)

    def save(self, lines: Iterable[bytes]) -> Saved:
        saved = saving.save(self._journal, lines)
        self._journal.append(
            Kind.SAVED, step=self._step, name=saved.name, sha256=saved.sha256, size=saved.size
        )
        return saved

    def saved(self, reference: Mapping[str, JSON]) -> Iterator[bytes]:
        return saving.saved(self._journal.folder.parent, reference)

    def call(
        self,
        operation: str,
        send: Callable[[], T],
        *,
        about: Mapping[str, JSON],
        landed: Callable[[], T | None],
        told: Callable[[T], Mapping[str, JSON]] | None = None,
    ) -> T:
        """As in action.Pen."""
        self._sending.stop.check()
        self._journal.append(
            Kind.INTENT, step=self._step, operation=operation, about=tellable(about)
        )
        call = _Call(send=send, landed=landed, sending=self._sending, repeated=self._repeated)
        before, self.touched = self.touched, True
        try:
            answer = call.made(operation)
        except MangaopsError as error:
            self.touched = before or call.may_have_landed
            self._told_failure(operation, error, call)
            raise
        self._journal.append(
            Kind.RESULT,
            step=self._step,
            operation=operation,
            told=tellable(told(answer)) if told else {},
        )
        return answer

    def _repeated(self, operation: str, why: MangaopsError) -> None:
        self._journal.append(
            Kind.REPEATED, step=self._step, operation=operation, why=redacted(str(why))
        )

    def _told_failure(self, operation: str, error: MangaopsError, call: _Call[T]) -> None:
        self.failed = True
        with suppress(JournalFailed):  # the error itself is what the operator needs
            self._journal.append(
                Kind.FAILED,
                step=self._step,
                operation=operation,
                effect="unknown" if call.may_have_landed else "none",
                detail=redacted(str(error)),
            )


class _Call(Generic[T]):
    """One call until it is known what became of it, or nobody can know."""

    def __init__(
        self,
        *,
        send: Callable[[], T],
        landed: Callable[[], T | None],
        sending: Sending,
        repeated: Callable[[str, MangaopsError], None],
    ) -> None:
        self._send = send
        self._landed = landed
        self._sending = sending
        self._repeated = repeated
        self.may_have_landed = False

    def made(self, operation: str) -> T:
        """The answer. Raises what the last send raised, or Stopped between two sends."""
        throttled, unclear = 0, 0
        while True:
            try:
                return self._send()
            except AwsThrottled as error:
                throttled += 1
                last: MangaopsError = error
            except UNCLEAR as error:
                self.may_have_landed = True
                unclear += 1
                last = error
            except MangaopsError as error:
                return self._after_refusal(error)
            if self.may_have_landed and (answer := self._look(last)) is not None:
                return answer
            if throttled >= MOST_SENDS_THROTTLED or unclear >= MOST_SENDS_UNCLEAR:
                raise last
            self._sending.back_off(throttled + unclear - 1)
            self._repeated(operation, last)

    def _after_refusal(self, error: MangaopsError) -> T:
        if not isinstance(error, AwsError | Refused | InputError):
            self.may_have_landed = True
        if self.may_have_landed and (answer := self._look(error)) is not None:
            return answer
        raise error

    def _look(self, unanswered: MangaopsError) -> T | None:
        """What the world shows of the call. Raises `unanswered` when it cannot be read."""
        for attempt in range(MOST_LOOKS):
            try:
                return self._landed()
            except (AwsThrottled, *UNCLEAR):
                if attempt == MOST_LOOKS - 1:
                    break
                with suppress(Stopped):  # what was sent is settled also after a Ctrl-C
                    self._sending.back_off(attempt)
            except AwsError:
                break
        raise unanswered


def tellable(fields: Mapping[str, JSON]) -> dict[str, JSON]:
    """What a call is about, without values whose names look secret: undo does not need them."""
    return {
        name: REDACTED if isinstance(value, str) and is_secret_name(name) else value
        for name, value in fields.items()
    }
