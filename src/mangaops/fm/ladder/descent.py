"""Where the ladder goes on after a step failed: a table of the classes of failure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import assert_never

from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.ladder.steps import Step, Way


class Onward(Enum):
    """What may still be tried after a failure."""

    NEXT_STEP = "the next step"
    OTHER_MODEL = "another model"
    """The same model by another way would meet the same."""
    LARGER_MODEL = "a model with more room"
    NO_MODEL = "a stored answer or a template"
    REFUSAL = "the text of a refusal"
    APOLOGY = "the apology"


def onward(failure: Failure) -> Onward:
    """Table 3.1 of the specification, column "Ladder", and step 2b of its ladder.

    The same model by another way is asked when this way failed. A model that was too slow may
    still be generating, and billing: a second one like it is not started.
    A request that is refused stops: the next model would be asked the same wrong thing, unless
    it was only too long. Access denied stops the models, since they share the account; a model
    that is not there does not.
    """
    match failure.failure_class:
        case (
            FailureClass.THROTTLE
            | FailureClass.NOT_READY
            | FailureClass.TRANSIENT
            | FailureClass.STREAM_CUT
            | FailureClass.QUOTA
        ):
            return Onward.NEXT_STEP
        case FailureClass.CLIENT_TIMEOUT | FailureClass.MODEL_TIMEOUT:
            return Onward.OTHER_MODEL
        case FailureClass.CONFIG:
            return Onward.OTHER_MODEL if failure.another_model_may_work else Onward.NO_MODEL
        case FailureClass.REQUEST_BAD:
            return Onward.LARGER_MODEL if failure.context_overflow else Onward.APOLOGY
        case FailureClass.BLOCKED:
            return Onward.REFUSAL
        case FailureClass.CANCELLED | FailureClass.BUG:
            return Onward.APOLOGY
        case _:
            assert_never(failure.failure_class)


def steps_after(
    rest: Iterable[Step], go: Onward, *, larger: Callable[[Step], bool]
) -> tuple[Step, ...]:
    """Which of the steps that are left may still be taken; `larger` says which have more room."""
    match go:
        case Onward.NEXT_STEP:
            return tuple(rest)
        case Onward.OTHER_MODEL:
            return tuple(one for one in rest if one.way is Way.BACKUP)
        case Onward.LARGER_MODEL:
            return tuple(one for one in rest if larger(one))
        case Onward.NO_MODEL | Onward.REFUSAL | Onward.APOLOGY:
            return ()
        case _:
            assert_never(go)
