"""What a probe comes to: each call, all of them, and the exit code.

Rule: 1 is for what AWS was never asked: no credentials, no access, nobody there. 2 is for a
model's id that somebody wrote and AWS refuses, also when a backup answered. All else that is
not as it should be is 3: AWS was there, and what it did with the call is what the probe is to
find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mangaops.errors import ExitCode
from mangaops.fm.failure import NOT_FOUND, FailureClass
from mangaops.fm.families import NOBODY
from mangaops.render.probed import Outcome

if TYPE_CHECKING:
    from mangaops.fm.answer import Answer

_GONE = "ResourceNotFoundException"


def outcome_of(
    answer: Answer,
    attempts: Iterable[Mapping[str, Any]],
    broken: str | None = None,
    *,
    written: bool = False,
) -> Outcome:
    """`attempts` are `bedrock_attempt` records, `broken` why a stream broke off. `written`: the
    first model's id was typed or configured, and no backup makes good that AWS knows no such.
    """
    if broken is None and not answer.degraded:
        return Outcome.HEALTHY if answer.attempts <= 1 else Outcome.RETRIED
    given, by = list(attempts), answer.model_answered
    met = [_of_attempt(one) for one in given]
    if by is None and met and Outcome.DEGRADED not in met:
        return met[-1]
    if written and is_unknown(given) and (by is None or by.model_id != given[0].get("model_id")):
        return Outcome.REFUSED
    return Outcome.DEGRADED  # somebody was there, and another time may be better


def is_unknown(attempts: Sequence[Mapping[str, Any]]) -> bool:
    """Whether AWS has no model of the first choice's id, or shows none."""
    return bool(attempts) and _is_gone(attempts[0])


def _of_attempt(attempt: Mapping[str, Any]) -> Outcome:
    """What a call comes to whose attempts all end like this one."""
    failed, code = attempt.get("failure_class"), attempt.get("error_code")
    if failed == FailureClass.REQUEST_BAD.value:
        return Outcome.REFUSED
    if failed == FailureClass.CONFIG.value:
        return Outcome.REFUSED if _is_gone(attempt) else Outcome.FAILED
    return Outcome.FAILED if code in NOBODY else Outcome.DEGRADED


def _is_gone(attempt: Mapping[str, Any]) -> bool:
    if attempt.get("failure_class") != FailureClass.CONFIG.value:
        return False
    return attempt.get("error_code") == _GONE or attempt.get("http_status") == NOT_FOUND


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
