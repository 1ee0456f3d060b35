"""triage says which incidents are on, which are not, and which nobody can tell."""

from __future__ import annotations

from datetime import datetime, timedelta

from blackbox.model_calls import call, counted
from blackbox.seeding import Answer, Metric, Sandbox
from blackbox.streams import cancelled

BUSINESS, ORCHESTRATOR = "MangaAssist/Business", "MangaAssist/Orchestrator"
RUNBOOKS = [
    "first-token",
    "fm-errors",
    "latency-regression",
    "rag-timeout",
    "stale-recommendations",
    "websocket-drops",
]


def trade(purchases: float) -> list[Metric]:
    return [
        Metric(BUSINESS, "recommendation_clicks", 50.0),
        Metric(BUSINESS, "recommendation_purchases", purchases),
        Metric(BUSINESS, "cart_abandonments", 3.0),
    ]


def service(first_token: float, retrieval: float, response: float) -> list[Metric]:
    return [
        Metric("MangaAssist/Streaming", "first_token_latency_ms", first_token),
        Metric(ORCHESTRATOR, "parallel_rag_latency_ms", retrieval),
        Metric(ORCHESTRATOR, "response_latency_ms", response, {"Intent": "comparison"}),
    ]


def usual_days_before(sandbox: Sandbox, end: datetime) -> None:
    for days in range(1, 8):
        sandbox.put(end - timedelta(days=days), trade(5.0))


def states(answer: Answer) -> dict[str, str]:
    return {one["runbook"]: one["state"] for one in answer.document["runbooks"]}


def ask(sandbox: Sandbox, end: datetime) -> Answer:
    return sandbox.ask("triage", "--to", end.isoformat())


def test_everything_on(sandbox: Sandbox) -> None:
    end = sandbox.slot()
    usual_days_before(sandbox, end)
    logs = [call(60), call(8, "error", "ServiceUnavailableException")]
    sandbox.put(end, [*service(2100, 3100, 3100), *trade(3.0), *counted(), cancelled(51)], logs)
    answer = ask(sandbox, end)
    assert (answer.code, states(answer)) == (3, dict.fromkeys(RUNBOOKS, "on"))
    assert [one["command"].split()[:3] for one in answer.document["runbooks"]] == [
        ["mangaops", "diagnose", name] for name in RUNBOOKS
    ]


def test_everything_exactly_at_its_limit_is_off(sandbox: Sandbox) -> None:
    end = sandbox.slot()
    usual_days_before(sandbox, end)
    logs = [call(95), call(5, "error", "ServiceUnavailableException")]
    sandbox.put(end, [*service(2000, 3000, 3000), *trade(4.0), *counted(), cancelled(50)], logs)
    answer = ask(sandbox, end)
    assert (answer.code, states(answer)) == (0, dict.fromkeys(RUNBOOKS, "off"))


def test_nothing_seen_is_not_off(sandbox: Sandbox) -> None:
    answer = ask(sandbox, sandbox.slot())
    assert (answer.code, states(answer)) == (4, dict.fromkeys(RUNBOOKS, "unknown"))


def test_what_is_refused_is_unknown_beside_what_is_on(sandbox: Sandbox) -> None:
    end = sandbox.slot()
    sandbox.put(end, [cancelled(), *counted(throttles=5.0)])
    with sandbox.faults("logs:*=denied"):
        answer = ask(sandbox, end)
    unknown = dict.fromkeys(RUNBOOKS, "unknown")
    assert states(answer) == {**unknown, "fm-errors": "on", "websocket-drops": "on"}
    assert answer.code == 3
