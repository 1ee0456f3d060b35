"""Hand-made cases for the renderers: one of each kind of answer."""

from __future__ import annotations

from datetime import UTC, datetime

from mangaops.model.diagnosis import (
    Check,
    Cost,
    Coverage,
    Diagnosis,
    PathStep,
    Recommendation,
    Verdict,
)
from mangaops.model.evidence import EvidenceState
from mangaops.model.runbook import RemedyKind, Severity, Status, Urgency
from mangaops.model.site import Site
from mangaops.model.time import Window
from mangaops.render.case import Case, Seen

NOW = datetime(2026, 11, 21, 11, 31, 20, tzinfo=UTC)
WINDOW = Window(
    start=datetime(2026, 11, 21, 11, 0, tzinfo=UTC), end=datetime(2026, 11, 21, 11, 31, tzinfo=UTC)
)
SITE = Site(
    name="prod",
    region="ap-northeast-1",
    account="123456789012",
    caller="arn:aws:sts::123456789012:assumed-role/OnCall/ana",
)

TRIGGER = PathStep(
    node="trigger",
    question="Is the first-token p95 above the limit, minute by minute?",
    answer="yes",
    goto="which-intents",
    checks=(
        Check(
            expression="min(first_token, sustained) > first_token_limit_ms",
            result=True,
            observed=2412.3,
            threshold=2000,
            margin=0.20615,
            evidence=("first_token",),
            unit="ms",
        ),
    ),
)
INTENTS = PathStep(
    node="which-intents",
    question="Which intents are affected?",
    answer="all intents with data",
    goto="bedrock-slow",
    checks=tuple(
        Check(
            expression="latest(s) > first_token_limit_ms",
            result=True,
            observed=observed,
            threshold=2000,
            margin=observed / 2000 - 1,
            evidence=("first_token_by_intent",),
            subject=f"Intent={intent}",
            unit="ms",
        )
        for intent, observed in (("faq", 2305.0), ("order_tracking", 2410.0), ("greeting", 10450.0))
    ),
)
BEDROCK = PathStep(
    node="bedrock-slow",
    question="Is Bedrock itself slow?",
    answer="no",
    goto="overload",
    checks=(
        Check(
            expression="slowest_bedrock > bedrock_limit_ms",
            result=False,
            observed=812.0,
            threshold=1500,
            margin=-0.4587,
            evidence=("bedrock_latency",),
            unit="ms",
            gaps=True,
        ),
    ),
)
LOGS = PathStep(
    node="misrouted",
    question="Does sonnet answer simple intents?",
    answer="unknown",
    goto="inconclusive",
    missing=True,
    checks=(
        Check(
            expression="misrouted / total > misrouted_limit",
            result=None,
            threshold=0.1,
            evidence=("simple_calls",),
            unit="ratio",
            missing=("simple_calls",),
        ),
    ),
)
EVIDENCE = {
    item.id: item
    for item in (
        Seen(
            id="first_token",
            kind="metric",
            state=EvidenceState.OK,
            title="first-token p95",
            unit="ms",
            summary={"points": 31, "max": 2980.5},
            query={"namespace": "MangaAssist/Streaming", "stat": "p95"},
            newest=WINDOW.end,
            seconds=0.21,
        ),
        Seen(
            id="first_token_by_intent",
            kind="metric",
            state=EvidenceState.OK,
            title="first-token p95 by intent",
            unit="ms",
        ),
        Seen(
            id="bedrock_latency",
            kind="metric",
            state=EvidenceState.OK,
            title="Bedrock latency p95, slowest model",
            unit="ms",
        ),
        Seen(
            id="simple_calls",
            kind="logs",
            state=EvidenceState.DENIED,
            title="share of simple calls answered by sonnet",
            detail="AccessDenied for logs:StartQuery; let the role call it on the log group",
        ),
        Seen(id="health", kind="health_events", state=EvidenceState.NOT_NEEDED),
    )
}


def diagnosed(verdict: Verdict = Verdict.CONFIRMED) -> Case:
    return _case(
        Diagnosis(
            runbook="first-token",
            runbook_digest="ab" * 32,
            status=Status.DIAGNOSED,
            verdict=verdict,
            id="bedrock-cold-connections",
            title="Cold connections to Bedrock",
            severity=Severity.SEV_2,
            cause="Pooled connections have gone cold: 8.1 % of the pool's pings fail "
            "(limit 5 %) and Bedrock's p95 is 1,801 ms (limit 1,500 ms).",
            path=(TRIGGER, INTENTS, BEDROCK),
            coverage=Coverage(checked=3, of=3),
            reasons=()
            if verdict is Verdict.CONFIRMED
            else ("There are gaps in the Bedrock latency.",),
            report=("NAT gateway idle time-outs in the window: 42",),
            remedies=(
                Recommendation(
                    id="restart-service",
                    title="Rolling restart, which opens fresh connections at start",
                    urgency=Urgency.IMMEDIATE,
                    kind=RemedyKind.EXECUTABLE,
                    arguments="restart-service",
                ),
                Recommendation(
                    id="grow-pool",
                    title="Larger pool, shorter keep-alive",
                    urgency=Urgency.SHORT_TERM,
                    kind=RemedyKind.EXECUTABLE,
                    arguments="set-env BEDROCK_POOL_SIZE=10 BEDROCK_KEEPALIVE_INTERVAL=15",
                ),
                Recommendation(
                    id="tcp-keepalive",
                    title="TCP keep-alive below the idle limit of NAT gateways",
                    urgency=Urgency.SHORT_TERM,
                    kind=RemedyKind.MANUAL,
                ),
            ),
            prevention=("Alarm when more than 5 % of the pool's pings fail",),
        )
    )


def inconclusive() -> Case:
    return _case(
        Diagnosis(
            runbook="first-token",
            runbook_digest="ab" * 32,
            status=Status.INCONCLUSIVE,
            verdict=Verdict.NONE,
            id="inconclusive",
            title="Not enough was seen",
            severity=None,
            cause='The question "Does sonnet answer simple intents?" could not be answered.',
            path=(TRIGGER, LOGS),
            coverage=Coverage(checked=1, of=2, missing=("simple_calls",)),
            reasons=(
                "simple_calls could not be read, so misrouting is neither shown nor ruled out.",
            ),
        )
    )


def healthy() -> Case:
    quiet = Check(
        expression="min(first_token, sustained) > first_token_limit_ms",
        result=False,
        observed=405.0,
        threshold=2000,
        margin=-0.7975,
        evidence=("first_token",),
        unit="ms",
    )
    return _case(
        Diagnosis(
            runbook="first-token",
            runbook_digest="ab" * 32,
            status=Status.HEALTHY,
            verdict=Verdict.NONE,
            id="healthy",
            title="No incident: the trigger does not hold",
            severity=None,
            cause="The first-token p95 was not above 2,000 ms for 10m.",
            path=(
                PathStep(
                    node="trigger",
                    question=TRIGGER.question,
                    answer="no",
                    goto="healthy",
                    checks=(quiet,),
                ),
            ),
            coverage=Coverage(checked=1, of=1),
        )
    )


def _case(diagnosis: Diagnosis) -> Case:
    return Case(
        run="r-7f3a",
        diagnosis=diagnosis,
        site=SITE,
        window=WINDOW,
        evidence=EVIDENCE,
        cost=Cost(
            api_calls=4, metrics_requested=12, log_bytes_scanned=51_200_000, usd_estimate=0.00051
        ),
        seconds=1.312,
    )
