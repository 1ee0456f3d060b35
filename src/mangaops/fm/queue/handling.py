"""What can become of a message, and why no model answered it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mangaops.fm.answer import Answer
from mangaops.fm.failure import FailureClass


class Fate(StrEnum):
    """The log's word for it."""

    DONE = "done"
    """Answered by a model, kept, deleted."""
    DUPLICATE = "duplicate"
    """Its key was answered before: deleted."""
    BUSY = "busy"
    """Another worker is at its key: it comes back."""
    LATER = "later"
    """No model answered: it comes back, after a longer wait each time."""
    EXPIRED = "expired"
    """Nobody wants the answer any more: deleted."""
    DEAD = "dead"
    """It can never be answered, or came too often: moved to the dead letters."""
    GIVEN_BACK = "given_back"
    """The worker stopped: it comes back at once."""
    FAILED = "failed"
    """The worker could not finish with it: it comes back when it is visible again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """`wait` is seconds until it comes back. `mode` is the answer's, where one was given.

    `reason` is a sentence, without the text of a request or an answer.
    """

    fate: Fate
    reason: str = ""
    wait: float | None = None
    mode: int | None = None
    key: str | None = None
    intent: str | None = None
    correlation_id: str | None = None


def why_never(answer: Answer) -> str | None:
    """The reason why no model will ever answer it; None when one may, later.

    What is wrong with our credentials or our settings is not wrong with the message: it waits
    until that is mended, and costs nothing meanwhile.
    """
    if answer.failure is None:
        return None
    match answer.failure.failure_class:
        case FailureClass.BLOCKED:
            return f"its content is refused ({answer.failure.code})"
        case FailureClass.REQUEST_BAD:
            return f"its request is refused ({answer.failure.code})"
        case _:
            return None


def why_not(answer: Answer) -> str:
    failure = answer.failure
    return "no model answered" + ("" if failure is None else f" ({failure.code})")
