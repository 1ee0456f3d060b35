"""What a remedy and its actions offer to the pipeline, and what they are given by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Protocol, TypeVar

from mangaops.errors import AwsFault, AwsUnreachable
from mangaops.model.evidence import JSON
from mangaops.model.plan import Draft, NothingToDo, State, Step

UNCLEAR = (AwsFault, AwsUnreachable)
"""Errors after which it is not known whether a call has landed."""

T = TypeVar("T")
R_contra = TypeVar("R_contra", contravariant=True)


class Progress(Enum):
    """Whether the world has arrived at what a step wants."""

    REACHED = "reached"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How far the world is, in words: `3 of 8 tasks run`, `rolled back by ECS: ...`."""

    progress: Progress
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touches:
    """What guardrails are about: how much of what a step would set. None or empty: nothing."""

    tasks: int | None = None
    ocu: float | None = None
    parameters: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    keys: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A file of the run's folder that undo will need, with its digest: see `Pen.save`."""

    name: str
    sha256: str
    size: int


class Pen(Protocol):
    """Given to `Action.write`: every write goes through it, so that none is unrecorded."""

    @property
    def run(self) -> str:
        """The run's id."""
        ...

    def token(self, operation: str) -> str:
        """An idempotency token of at most 36 characters: the same for the same run, step
        and operation, also in another process.
        """
        ...

    def call(
        self,
        operation: str,
        send: Callable[[], T],
        *,
        about: Mapping[str, JSON],
        landed: Callable[[], T | None],
        told: Callable[[T], Mapping[str, JSON]] | None = None,
    ) -> T:
        """Journals the intent (`about`), sends, journals the result (`told` of the answer).

        A call that was throttled is sent again after a pause. After an answer that was
        lost or a fault at AWS, `landed` looks into the world: what it returns is taken
        for the answer, None means that nothing happened, and the call is sent again.
        `operation` is IAM's name of the call (`ecs:UpdateService`). Raises AwsError when
        it failed for good, and Stopped after a Ctrl-C (before anything is sent).
        """
        ...

    def save(self, lines: Iterable[bytes]) -> Saved:
        """Writes lines to a file of the run's folder, for its owner only, fsynced and journaled."""
        ...

    def saved(self, reference: Mapping[str, JSON]) -> Iterator[bytes]:
        """The lines of a file that an earlier run saved (`{"run", "name", "sha256"}`).

        Raises MangaopsError before the first line when the file is gone or was altered.
        """
        ...

    def tell(self, text: str) -> None:
        """One line of progress: `1,200 of 10,000 keys`."""
        ...

    def pause(self, seconds: float) -> None:
        """Sleeps; raises Stopped as soon as someone pressed Ctrl-C."""
        ...


class Action(Protocol):
    """One kind of step: how its target is read, written and checked.

    `read` gives at least the fields of `step.before` and `step.after`, as they are now.
    `write` takes the target from `before` to `after`; it also serves the inverse of a
    step. It must do no harm when some of its calls have landed already. `settled` looks
    at the world after the write.
    """

    def read(self, step: Step) -> State: ...

    def write(self, step: Step, pen: Pen) -> None: ...

    def settled(self, step: Step) -> Settled: ...

    def touches(self, step: Step) -> Touches: ...


class Remedy(Protocol[R_contra]):
    """One remedy: its draft from the world as it is now, and the actions of its steps.

    `writes` are the IAM actions that applying and undoing it needs, `reads` those of
    planning and verifying it.
    """

    reads: ClassVar[tuple[str, ...]]
    writes: ClassVar[tuple[str, ...]]

    def draft(self, request: R_contra) -> Draft | NothingToDo:
        """Reads only. Raises InputError for what cannot be meant, Refused for what must not be."""
        ...

    @property
    def actions(self) -> Mapping[str, Action]:
        """By the `action` of the steps that `draft` makes."""
        ...
