from __future__ import annotations

import io
import json

import pytest

from mangaops.cli.boundary import tell, wants_json
from mangaops.cli.terminal import Terminal
from mangaops.errors import AwsDenied, ExitCode, InputError


def terminal() -> Terminal:
    return Terminal(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), environ={})


def test_an_error_is_where_what_and_what_next() -> None:
    streams = terminal()
    error = InputError("no runbook is named `x`", where="RUNBOOK", hint="mangaops runbook list")
    assert tell(error, streams, ["diagnose", "x"]) is ExitCode.WRONG_INPUT
    assert streams.stderr.getvalue() == (  # type: ignore[attr-defined]
        "error  no runbook is named `x`\nwhere  RUNBOOK\nnext   mangaops runbook list\n"
    )


def test_an_error_of_aws_keeps_code_and_request() -> None:
    streams = terminal()
    error = AwsDenied(
        "access denied", operation="logs:StartQuery", code="AccessDenied", request_id="r1"
    )
    tell(error, streams, ["diagnose", "x", "--output", "json"])
    document = json.loads(streams.stdout.getvalue())  # type: ignore[attr-defined]
    assert document == {
        "schema": "mangaops.error/1",
        "error": {
            "kind": "aws-denied",
            "where": "logs:StartQuery",
            "what": "access denied",
            "hint": "",
            "exit_code": 1,
            "code": "AccessDenied",
            "operation": "logs:StartQuery",
            "request_id": "r1",
        },
    }


def test_a_bug_is_said_to_be_one_and_shows_its_traceback_with_debug_only() -> None:
    quiet, loud = terminal(), terminal()
    assert tell(ZeroDivisionError("1/0"), quiet, ["triage"]) is ExitCode.TOOL_FAILED
    tell(ZeroDivisionError("1/0"), loud, ["triage", "--debug"])
    said = [s.stderr.getvalue() for s in (quiet, loud)]  # type: ignore[attr-defined]
    assert ["ZeroDivisionError" in text for text in said] == [True, True]
    assert said[0].startswith("error  a bug in mangaops: ZeroDivisionError: 1/0\n")
    assert len(said[1]) > len(said[0])


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["diagnose", "x", "--output", "json"], True),
        (["diagnose", "--output=json", "x"], True),
        (["plan", "x", "-o", "json"], False),
        (["diagnose", "x", "--output", "text"], False),
        (["diagnose", "json"], False),
        ([], False),
    ],
)
def test_json_is_wanted_also_where_the_line_is_wrong(arguments: list[str], wanted: bool) -> None:
    assert wants_json(arguments) is wanted
