"""Fields that queries use against the fields of sampled events."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mangaops.model.evidence import Evidence, EvidenceState, Table
from mangaops.model.query import LogQuery
from mangaops.model.settings import Environment
from mangaops.readiness.doctor import logs
from mangaops.readiness.doctor.asking import Part, together
from mangaops.readiness.doctor.finding import State, User
from mangaops.readiness.doctor.log_query import fields_of, kinds_of_event, wanted_by
from mangaops.runbook.bind import bind
from mangaops.runbook.library import Library, shipped_folder

CLOSES = 'filter log_type = "ws_close"\n| fields close_code, idle_s'
ERRORS = 'filter log_type = "post_error" | stats count(*) as errors by error'


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        (CLOSES, {"log_type", "close_code", "idle_s"}),
        (ERRORS, {"log_type", "error"}),
        (
            "filter name like /aoss/ | stats count(*) as n by rcode, bin(5m) as slot",
            {"name", "rcode"},
        ),
        (
            'fields tolower(coalesce(error, "none")) as code | stats count(*) by code, model',
            {"model"},
        ),
        (
            'filter t in ["a", "b"] # a comment, with words\n| stats avg(x.y) as m by t',
            {"t", "x.y"},
        ),
        ('parse @message "took * ms for *" as took, who | stats max(took) by who', set()),
        ("parse line /(?<code>[0-9]+)/ | filter code > 1 and not ispresent(extra)", {"line"}),
        ("fields @timestamp, @message | sort @timestamp desc | limit 5", set()),
    ],
)
def test_the_fields_of_a_query_are_those_that_an_event_must_have(
    query: str, fields: set[str]
) -> None:
    assert fields_of(query) == fields


def test_queries_tell_kinds_of_events_apart_by_the_field_they_compare() -> None:
    among = 'filter log_type in ["a", "b"] and status = "ok"'
    assert kinds_of_event([CLOSES, ERRORS, among]) == "log_type"
    assert wanted_by(among) == {"status": {"ok"}, "log_type": {"a", "b"}}
    assert kinds_of_event(["fields rcode"]) == ""


def part() -> Part:
    runbook = bind(Library([shipped_folder()]).load("websocket-drops"), Environment(), {})
    found = together([runbook]).parts["/mangaassist/websocket"]
    return replace(found, queries=(CLOSES, ERRORS))


def sampled(*lines: str) -> Evidence:
    rows = tuple({"@timestamp": 0.0, "@message": line} for line in lines)
    value = Table(columns=("@timestamp", "@message"), rows=rows)
    return Evidence(id="x", kind="logs", state=EvidenceState.OK, value=value)


def event(kind: str, **fields: object) -> str:
    return json.dumps({"log_type": kind, **fields})


WHOLE = event("ws_close", close_code=1001, idle_s=3)


@pytest.mark.parametrize(
    ("lines", "state", "detail"),
    [
        ([WHOLE, event("post_error", error="x")], State.FINE, "2 of 2 sampled events are JSON"),
        ([WHOLE, "START RequestId"], State.FINE, "1 of 2 sampled events are JSON"),
        (
            [WHOLE, "plain text", "more of it"],
            State.WARNING,
            "only 1 of 3 sampled events are JSON: plain text",
        ),
        (
            [event("ws_close", close_code=1001)],
            State.WARNING,
            "1 of 1 sampled events are JSON; not in them: idle_s",
        ),
        (
            [WHOLE, event("post_error", problem="x")],
            State.PROBLEM,
            "2 of 2 sampled events are JSON; not in them: error",
        ),
        (
            ["INFO password=hunter2 " + WHOLE],
            State.PROBLEM,
            'events are not JSON: INFO password=[redacted] {"log_type": "ws_close", "close_cod...',
        ),
    ],
)
def test_a_sample_says_whether_fields_can_be_seen(
    lines: list[str], state: State, detail: str
) -> None:
    found = logs.finding_of(part(), sampled(*lines))
    assert (found.state, found.detail) == (state, detail)
    assert found.lost == (state is State.PROBLEM)


def test_a_silent_log_group_is_looked_at_and_no_loss() -> None:
    nothing = Evidence(
        id="x", kind="logs", state=EvidenceState.NO_DATA, summary={"scanned": 0}, detail="none"
    )
    found = logs.finding_of(part(), nothing)
    assert (found.state, found.lost) == (State.WARNING, False)


def test_a_group_is_sampled_once_for_all_queries_of_all_runbooks() -> None:
    library = Library([shipped_folder()])
    runbooks = [bind(library.load(name), Environment(), {}) for name in library.names()]
    parts = together(runbooks).parts
    groups = {key: each for key, each in parts.items() if each.declaration.kind == "logs"}
    assert sorted(groups) == [
        "/aws/lambda/inventory-invalidator",
        "/aws/route53/resolver/mangaassist",
        "/mangaassist/orchestrator",
        "/mangaassist/websocket",
    ]
    query = groups["/mangaassist/websocket"].declaration.query
    assert isinstance(query, LogQuery)
    assert query.query == (
        "fields @timestamp, @message, log_type\n"
        "| sort @timestamp desc\n| dedup log_type\n| limit 20"
    )
    assert groups["/mangaassist/websocket"].users == (
        User(runbook="websocket-drops", evidence="closes"),
        User(runbook="websocket-drops", evidence="post_errors"),
    )


def test_what_several_runbooks_read_is_read_once() -> None:
    library = Library([shipped_folder()])
    runbooks = [bind(library.load(name), Environment(), {}) for name in library.names()]
    parts = together(runbooks).parts
    users = {user for each in parts.values() for user in each.users}
    assert users == {
        User(runbook=book.name, evidence=each) for book in runbooks for each in book.evidence
    }
    (cpu,) = (each for each in parts.values() if each.declaration.title == "ECS CPU")
    assert {user.runbook for user in cpu.users} == {"first-token", "rag-timeout"}
