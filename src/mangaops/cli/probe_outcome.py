"""What a probe comes to: each call, all of them, and the exit code.

Rule: 1 is for what AWS was never asked: no credentials, no access, nobody there. 2 is for a
model's id that somebody wrote and AWS refuses. All else that is not as it should be is 3: AWS
was there, and what it did with the call is what the probe is to find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mangaops.errors import ExitCode
from mangaops.fm.failure import NOT_FOUND, FailureClass
from mangaops.fm.families import NOBODY
from mangaops.render.probed import Outcome

if TYPE_CHECKING:
    from mangaops.fm.answer import Answer

_GONE = "ResourceNotFoundException"


def outcome_of(
    answer: Answer, attempts: Iterable[Mapping[str, Any]], broken: str | None = None
) -> Outcome:
    """`attempts` are `bedrock_attempt` records, `broken` why a stream broke off."""
    if broken is None and not answer.degraded:
        return Outcome.HEALTHY if answer.attempts <= 1 else Outcome.RETRIED
    if answer.model_answered is not None:
        return Outcome.DEGRADED
    met = [_of_attempt(one) for one in attempts]
    if not met or Outcome.DEGRADED in met:
        return Outcome.DEGRADED  # somebody was there, and another time may be better
    return met[-1]


def _of_attempt(attempt: Mapping[str, Any]) -> Outcome:
    """What a call comes to whose attempts all end like this one."""
    failed, code = attempt.get("failure_class"), attempt.get("error_code")
    if failed == FailureClass.REQUEST_BAD.value:
        return Outcome.REFUSED
    if failed == FailureClass.CONFIG.value:
        gone = code == _GONE or attempt.get("http_status") == NOT_FOUND
        return Outcome.REFUSED if gone else Outcome.FAILED
    return Outcome.FAILED if code in NOBODY else Outcome.DEGRADED


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Of no call at all: a failure."""
    order = list(Outcome)
    return max(outcomes, key=order.index, default=Outcome.FAILED)


def exit_code(outcome: Outcome, *, written: bool) -> ExitCode:
    """`written`: the model's id was typed or configured; else a parameter of the service says
    it, and a refusal is a problem of the service that was found.
    """
    match outcome:
        case Outcome.HEALTHY | Outcome.RETRIED:
            return ExitCode.DONE
        case Outcome.DEGRADED:
            return ExitCode.PROBLEM_FOUND
        case Outcome.REFUSED:
            return ExitCode.WRONG_INPUT if written else ExitCode.PROBLEM_FOUND
        case Outcome.FAILED:
            return ExitCode.TOOL_FAILED
