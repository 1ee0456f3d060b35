from __future__ import annotations

import json
from dataclasses import replace

from mangaops.model.diagnosis import Cost
from mangaops.model.runbook import Severity
from mangaops.render.json_text import to_json
from mangaops.render.triage import (
    Alarm,
    AlarmState,
    Triage,
    triage_document,
    triage_markdown,
    triage_text,
)
from support import cases


def alarm(name: str, state: AlarmState, severity: Severity = Severity.SEV_2) -> Alarm:
    return Alarm(
        runbook=name,
        title=f"The title of {name}",
        severity=severity,
        state=state,
        step=cases.TRIGGER,
        detail="no datapoint since 11:00 UTC" if state is AlarmState.UNKNOWN else "",
        window=cases.WINDOW,
        evidence=cases.EVIDENCE,
    )


TRIAGE = Triage(
    site=cases.SITE,
    window=cases.WINDOW,
    alarms=(
        alarm("fm-errors", AlarmState.OFF),
        alarm("first-token", AlarmState.ON),
        alarm("rag-timeout", AlarmState.UNKNOWN),
        alarm("websocket-drops", AlarmState.ON, Severity.SEV_1),
    ),
    cost=Cost(api_calls=3, metrics_requested=14, usd_estimate=0.00014),
    seconds=0.42,
    suffix=" --env prod",
)


def test_what_is_on_comes_first_with_the_command_to_type() -> None:
    assert triage_text(TRIAGE, width=80, colour=False, now=cases.NOW) == (
        "prod  1234-5678-9012  ap-northeast-1  as assumed-role/OnCall/ana\n"
        "11:00-11:31 UTC (just now)\n"
        "\n"
        "on       websocket-drops  first-token p95 2,412 ms, limit 2,000 ms (+21 %)\n"
        "on       first-token      first-token p95 2,412 ms, limit 2,000 ms (+21 %)\n"
        "unknown  rag-timeout      no datapoint since 11:00 UTC\n"
        "off      fm-errors        first-token p95 2,412 ms, limit 2,000 ms (+21 %)\n"
        "\n"
        "next:\n"
        "  mangaops diagnose websocket-drops --env prod\n"
        "  mangaops diagnose first-token --env prod\n"
        "\n"
        "3 AWS calls, 14 metrics, $0.0001, 0.4 s\n"
    )


def test_unknown_is_not_said_to_be_off() -> None:
    quiet = replace(TRIAGE, alarms=TRIAGE.alarms[2:3])
    text = triage_text(quiet, width=80, colour=False, now=cases.NOW)
    assert "No incident was seen.\nWhat is unknown may still be one.\n" in text


def test_only_commands_are_wider_than_a_narrow_terminal() -> None:
    text = triage_text(TRIAGE, width=40, colour=False, now=cases.NOW)
    wide = [line for line in text.splitlines() if len(line) > 40]
    assert wide == [
        "  mangaops diagnose websocket-drops --env prod",
        "  mangaops diagnose first-token --env prod",
    ]


def test_the_document_lists_runbooks_by_name() -> None:
    document = json.loads(to_json(triage_document(TRIAGE)))
    assert [(r["runbook"], r["state"], r["command"]) for r in document["runbooks"]] == [
        ("first-token", "on", "mangaops diagnose first-token"),
        ("fm-errors", "off", "mangaops diagnose fm-errors"),
        ("rag-timeout", "unknown", "mangaops diagnose rag-timeout"),
        ("websocket-drops", "on", "mangaops diagnose websocket-drops"),
    ]
    assert document["schema"] == "mangaops.triage/1"


def test_a_ticket_gets_a_table() -> None:
    lines = triage_markdown(TRIAGE).splitlines()
    assert lines[0] == "## Triage of prod, 1234-5678-9012, 2026-11-21T11:31:00Z"
    assert lines[-1].startswith("| off | fm-errors |")
