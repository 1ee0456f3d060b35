"""What a probe comes to, and with which exit code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mangaops.cli.probe_outcome import exit_code, outcome_of, worst
from mangaops.errors import ExitCode
from mangaops.fm.answer import Answer, Mode, Usage
from mangaops.fm.defaults import SONNET
from mangaops.fm.target import Target
from mangaops.render.probed import Outcome

OK: dict[str, Any] = {"http_status": 200}
BUSY: dict[str, Any] = {"failure_class": "throttle", "http_status": 429}
SLOW: dict[str, Any] = {"failure_class": "client_timeout", "error_code": "timeout"}
RESET: dict[str, Any] = {"failure_class": "transient", "error_code": "connection"}
CUT: dict[str, Any] = {"failure_class": "stream_cut", "error_code": "interrupted"}
NOBODY: dict[str, Any] = {"failure_class": "transient", "error_code": "unreachable"}
TLS: dict[str, Any] = {"failure_class": "transient", "error_code": "tls"}
DENIED: dict[str, Any] = {"failure_class": "config", "http_status": 403}
NO_KEYS: dict[str, Any] = {"failure_class": "config", "error_code": "credentials", "sent": False}
GONE: dict[str, Any] = {"failure_class": "config", "http_status": 404}
BAD: dict[str, Any] = {"failure_class": "request_bad", "http_status": 400}


def answer(mode: Mode, attempts: int) -> Answer:
    by = Target(model_id=SONNET, region="r") if mode.value <= Mode.BACKUP.value else None
    return Answer(
        text="OK",
        mode=mode,
        model_answered=by,
        stop_reason=None,
        usage=None,
        spent=Usage(),
        correlation_id="c",
        attempts=attempts,
    )


@pytest.mark.parametrize(
    ("mode", "attempts", "outcome"),
    [
        (Mode.PRIMARY, [OK], Outcome.HEALTHY),
        (Mode.PRIMARY, [BUSY, OK], Outcome.RETRIED),
        (Mode.REPAIRED, [OK], Outcome.DEGRADED),
        (Mode.BACKUP, [DENIED, OK], Outcome.DEGRADED),
        (Mode.TEMPLATE, [BUSY], Outcome.DEGRADED),
        (Mode.TEMPLATE, [], Outcome.DEGRADED),
        (Mode.TEMPLATE, [SLOW, SLOW], Outcome.DEGRADED),
        (Mode.TEMPLATE, [RESET, RESET], Outcome.DEGRADED),
        (Mode.TEMPLATE, [CUT], Outcome.DEGRADED),
        (Mode.TEMPLATE, [NOBODY, BUSY], Outcome.DEGRADED),
        (Mode.APOLOGY, [BUSY, DENIED], Outcome.DEGRADED),
        (Mode.TEMPLATE, [NOBODY, NOBODY], Outcome.FAILED),
        (Mode.TEMPLATE, [TLS], Outcome.FAILED),
        (Mode.APOLOGY, [DENIED], Outcome.FAILED),
        (Mode.APOLOGY, [NO_KEYS], Outcome.FAILED),
        (Mode.APOLOGY, [GONE, DENIED], Outcome.FAILED),
        (Mode.APOLOGY, [GONE, GONE], Outcome.REFUSED),
        (Mode.APOLOGY, [BAD], Outcome.REFUSED),
    ],
)
def test_an_outcome_says_who_answered_and_whether_aws_was_asked(
    mode: Mode, attempts: list[dict[str, Any]], outcome: Outcome
) -> None:
    assert outcome_of(answer(mode, len(attempts)), attempts) is outcome
    assert worst([Outcome.HEALTHY, outcome, Outcome.HEALTHY]) is outcome


@pytest.mark.parametrize(
    ("mode", "attempts", "by", "outcome"),
    [
        (Mode.BACKUP, [GONE, OK], "m", Outcome.REFUSED),
        (Mode.TEMPLATE, [GONE, BUSY], None, Outcome.REFUSED),
        (Mode.TEMPLATE, [GONE, DENIED], None, Outcome.FAILED),
        (Mode.REPAIRED, [GONE, OK], "nosuch", Outcome.DEGRADED),
        (Mode.BACKUP, [BUSY, GONE, OK], "m", Outcome.DEGRADED),
    ],
)
def test_an_id_that_was_written_and_is_unknown_is_refused_whoever_answers(
    mode: Mode, attempts: list[dict[str, Any]], by: str | None, outcome: Outcome
) -> None:
    here = None if by is None else Target(model_id=by, region="r")
    met = [{"model_id": "nosuch", **one} for one in attempts]
    given = replace(answer(mode, len(met)), model_answered=here)
    assert outcome_of(given, met, written=True) is outcome
    assert outcome_of(given, met) is not Outcome.REFUSED


def test_a_stream_that_broke_is_degraded() -> None:
    assert outcome_of(answer(Mode.PRIMARY, 1), [OK], "it broke") is Outcome.DEGRADED


@pytest.mark.parametrize(
    ("outcome", "written", "code"),
    [
        (Outcome.HEALTHY, True, ExitCode.DONE),
        (Outcome.RETRIED, False, ExitCode.DONE),
        (Outcome.DEGRADED, True, ExitCode.PROBLEM_FOUND),
        (Outcome.REFUSED, True, ExitCode.WRONG_INPUT),
        (Outcome.REFUSED, False, ExitCode.PROBLEM_FOUND),
        (Outcome.FAILED, True, ExitCode.TOOL_FAILED),
    ],
)
def test_a_refused_id_is_wrong_input_only_where_somebody_wrote_it(
    outcome: Outcome, written: bool, code: ExitCode
) -> None:
    assert exit_code(outcome, written=written) is code
