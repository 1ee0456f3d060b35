"""first-token, by telemetry that a stranger puts into an empty sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from blackbox.cases import Answers, Case, check
from blackbox.minutes import since, until, without
from blackbox.seeding import Log, Metric, Minutes, Sandbox

STREAMING, ORCHESTRATOR = "MangaAssist/Streaming", "MangaAssist/Orchestrator"
SONNET, HAIKU = "jp.anthropic.claude-sonnet-4-6", "jp.anthropic.claude-haiku-4-5-20251001-v1:0"
SIMPLE, COMPLEX = ("greeting", "faq", "order_tracking"), ("recommendation", "comparison")
INTENTS = (*SIMPLE, *COMPLEX)
ECS = {"ClusterName": "mangaassist-prod", "ServiceName": "orchestrator"}
GATEWAY = {"ApiId": "wsapi0001", "Stage": "prod"}
NAT = {"NatGatewayId": "nat-mangaassist"}
FIRST_TOKEN = "first_token_latency_ms"


def seeded(
    *,
    first_token: Minutes = 2600.0,
    intents: Mapping[str, Minutes] | None = None,
    bedrock: Mapping[str, Minutes] | None = None,
    throttles: Mapping[str, Minutes] | None = None,
    pings: Minutes = 20.0,
    failures: Minutes = 0.0,
    cpu: Minutes = 51.0,
    memory: Minutes = 58.0,
    gateway: Minutes = 61.0,
    rag: Minutes = 640.0,
) -> list[Metric]:
    """Every intent is slow because Bedrock is, as long as nothing else is said."""
    by_intent = {**dict.fromkeys(INTENTS, 2600.0), **(intents or {})}
    latency = {SONNET: 1900.0, HAIKU: 1700.0, **(bedrock or {})}
    throttled = {SONNET: 0.0, HAIKU: 0.0, **(throttles or {})}
    return [
        Metric(STREAMING, FIRST_TOKEN, first_token),
        *(Metric(STREAMING, FIRST_TOKEN, m, {"Intent": i}) for i, m in by_intent.items()),
        *(
            Metric("AWS/Bedrock", name, minutes, {"ModelId": model})
            for name, by_model in (
                ("InvocationLatency", latency),
                ("InvocationThrottles", throttled),
            )
            for model, minutes in by_model.items()
        ),
        Metric(ORCHESTRATOR, "pool_pings", pings),
        Metric(ORCHESTRATOR, "pool_ping_failures", failures),
        Metric("AWS/ECS", "CPUUtilization", cpu, ECS),
        Metric("AWS/ECS", "MemoryUtilization", memory, ECS),
        Metric("AWS/ApiGateway", "IntegrationLatency", gateway, GATEWAY),
        Metric("AWS/NATGateway", "IdleTimeoutCount", 0.0, NAT),
        Metric("AWS/Lambda", "Throttles", 0.0, {"FunctionName": "inventory-invalidator"}),
        Metric(ORCHESTRATOR, "parallel_rag_latency_ms", rag),
    ]


def fast_bedrock(**more: Any) -> list[Metric]:
    return seeded(bedrock={SONNET: 900.0, HAIKU: 350.0}, **more)


def only_sonnet(**more: Any) -> list[Metric]:
    intents = {**dict.fromkeys(SIMPLE, 380.0), **dict.fromkeys(COMPLEX, 2900.0)}
    return seeded(intents={**intents, **more.pop("intents", {})}, **more)


def calls(intent: str, model: str, times: int, ago_s: float = 60.0) -> Log:
    fields = {"log_type": "bedrock_call", "intent": intent, "model": model, "status": "success"}
    return Log("/mangaassist/orchestrator", fields, ago_s=ago_s, times=times)


ONE_SLOW = {**dict.fromkeys(INTENTS, 350.0), "faq": 2800.0}
COLD, THROTTLED = "bedrock-cold-connections confirmed", "bedrock-throttling confirmed"
DEGRADED = "bedrock-degradation likely"
NEVER = None

TRIGGER = [
    Case(name="exactly at the limit", metrics=seeded(first_token=2000.0), conclusion="healthy"),
    Case(name="just above the limit", metrics=seeded(first_token=2000.1), conclusion=DEGRADED),
    Case(
        name="one minute of ten is fine",
        metrics=seeded(first_token=lambda age: 1999.0 if age == 4 else 2600.0),
        conclusion="healthy",
    ),
    Case(
        name="bad for nine minutes only",
        metrics=seeded(first_token=since(9, 2600.0, 500.0)),
        conclusion="healthy",
    ),
    Case(
        name="bad twenty-five minutes ago, fine now",
        metrics=seeded(first_token=until(15, 3500.0, 480.0)),
        conclusion="healthy",
    ),
    Case(
        name="one sample in twelve is slow",
        metrics=seeded(first_token=[*[300.0] * 110, *[2600.0] * 10]),
        conclusion=DEGRADED,
    ),
    Case(
        name="one sample in thirty is slow",
        metrics=seeded(first_token=[*[300.0] * 116, *[2600.0] * 4]),
        conclusion="healthy",
    ),
    Case(
        name="four of ten minutes are lost",
        metrics=seeded(first_token=without(1, 3, 5, 7, value=2600.0), failures=2.0),
        conclusion="bedrock-cold-connections likely",
    ),
    Case(
        name="six of ten minutes are lost",
        metrics=seeded(first_token=without(1, 2, 3, 5, 6, 8, value=2600.0)),
        conclusion="inconclusive",
        missing=("first_token",),
        at="trigger",
    ),
    Case(
        name="the metric stopped ten minutes ago",
        metrics=seeded(first_token=until(10, 2600.0)),
        conclusion="inconclusive",
        missing=("first_token",),
        at="trigger",
    ),
    Case(
        name="the metric is three minutes late",
        metrics=seeded(first_token=until(3, 2600.0), failures=2.0),
        conclusion=COLD,
    ),
    Case(
        name="the metric is absent",
        metrics=seeded(first_token=NEVER),
        conclusion="inconclusive",
        missing=("first_token",),
        at="trigger",
    ),
]

BEDROCK = [
    Case(name="one ping in ten fails", metrics=seeded(failures=2.0), conclusion=COLD),
    Case(name="exactly 5 % of the pings fail", metrics=seeded(failures=1.0), conclusion=DEGRADED),
    Case(
        name="just above 5 % of the pings fail",
        metrics=seeded(pings=1000.0, failures=51.0),
        conclusion=COLD,
    ),
    Case(
        name="pings fail since eleven minutes",
        metrics=seeded(
            first_token=since(11, 2600.0, 480.0),
            intents=dict.fromkeys(INTENTS, since(11, 2600.0, 480.0)),
            bedrock={SONNET: since(11, 1900.0, 800.0), HAIKU: since(11, 1700.0, 350.0)},
            failures=since(11, 2.0, 0.0),
        ),
        conclusion=COLD,
    ),
    Case(
        name="pings failed until fifteen minutes ago",
        metrics=seeded(failures=until(15, 4.0, 0.0)),
        conclusion=DEGRADED,
    ),
    Case(
        name="no ping failures are published",
        metrics=seeded(failures=NEVER),
        conclusion="inconclusive",
        missing=("ping_failures",),
        at="pings-failing",
    ),
    Case(
        name="no pings are published",
        metrics=seeded(pings=NEVER, failures=2.0),
        conclusion="inconclusive",
        missing=("pings",),
        at="pings-failing",
    ),
    Case(
        name="pings stopped ten minutes ago",
        metrics=seeded(pings=until(10, 20.0), failures=until(10, 0.0)),
        conclusion="inconclusive",
        missing=("pings",),
        at="pings-failing",
    ),
    Case(
        name="one call was throttled",
        metrics=seeded(throttles={SONNET: since(1, 1.0, 0.0)}),
        conclusion=THROTTLED,
    ),
    Case(
        name="haiku is throttled",
        metrics=seeded(throttles={HAIKU: 30.0}),
        conclusion=THROTTLED,
    ),
    Case(
        name="cold connections come before throttles",
        metrics=seeded(throttles={HAIKU: 30.0}, failures=3.0),
        conclusion=COLD,
    ),
    Case(
        name="throttles ended fifteen minutes ago",
        metrics=seeded(throttles={SONNET: until(15, 40.0, 0.0)}),
        conclusion=DEGRADED,
    ),
    Case(
        name="no throttles are published",
        metrics=seeded(throttles={SONNET: NEVER, HAIKU: NEVER}),
        conclusion="inconclusive",
        missing=("bedrock_throttles",),
        at="bedrock-throttled",
    ),
    Case(
        name="throttles of one model are published, and there are some",
        metrics=seeded(throttles={SONNET: 3.0, HAIKU: NEVER}),
        conclusion=THROTTLED,
    ),
    Case(
        name="only one of the models is slow",
        metrics=seeded(bedrock={HAIKU: 400.0}),
        conclusion=DEGRADED,
    ),
    Case(
        name="Bedrock just above its limit",
        metrics=seeded(bedrock={SONNET: 1500.1, HAIKU: 300.0}),
        conclusion=DEGRADED,
    ),
    Case(
        name="Bedrock's latency is absent",
        metrics=seeded(bedrock={SONNET: NEVER, HAIKU: NEVER}),
        conclusion="inconclusive",
        missing=("bedrock_latency",),
        at="bedrock-slow",
    ),
    Case(
        name="Bedrock's latency stopped ten minutes ago",
        metrics=seeded(bedrock={SONNET: until(10, 1900.0), HAIKU: until(10, 1900.0)}, cpu=97.0),
        conclusion="inconclusive",
        missing=("bedrock_latency",),
        at="bedrock-slow",
    ),
    Case(
        name="one intent has no data, the others are all slow",
        metrics=seeded(intents={"greeting": NEVER}, failures=2.0),
        conclusion="bedrock-cold-connections likely",
    ),
]

HOST = [
    Case(
        name="Bedrock exactly at its limit, CPU above",
        metrics=seeded(bedrock={SONNET: 1500.0, HAIKU: 300.0}, cpu=90.1),
        conclusion="orchestrator-overloaded confirmed",
    ),
    Case(
        name="memory above its limit",
        metrics=fast_bedrock(memory=90.1),
        conclusion="orchestrator-overloaded confirmed",
    ),
    Case(
        name="everything exactly at its limit",
        metrics=fast_bedrock(cpu=90.0, memory=90.0, gateway=1000.0, rag=2000.0),
        conclusion="inconclusive",
        at="retrieval-slow",
    ),
    Case(
        name="CPU was high until fifteen minutes ago",
        metrics=fast_bedrock(cpu=until(15, 99.0, 40.0), gateway=1000.1),
        conclusion="gateway-latency confirmed",
    ),
    Case(
        name="no CPU is published, memory is fine",
        metrics=fast_bedrock(cpu=NEVER, gateway=1500.0),
        conclusion="inconclusive",
        missing=("cpu",),
        at="host-overloaded",
    ),
    Case(
        name="CPU stopped ten minutes ago",
        metrics=fast_bedrock(cpu=until(10, 40.0), gateway=1500.0),
        conclusion="inconclusive",
        missing=("cpu",),
        at="host-overloaded",
    ),
    Case(
        name="the gateway publishes nothing",
        metrics=fast_bedrock(gateway=NEVER, rag=2500.0),
        conclusion="inconclusive",
        missing=("gateway_latency",),
        at="gateway-slow",
    ),
    Case(
        name="the gateway was slow until fifteen minutes ago",
        metrics=fast_bedrock(gateway=until(15, 4000.0, 60.0), rag=2000.1),
        conclusion="rag-slow confirmed",
    ),
    Case(
        name="retrieval publishes nothing",
        metrics=fast_bedrock(rag=NEVER),
        conclusion="inconclusive",
        missing=("rag_latency",),
        at="retrieval-slow",
    ),
]

INTENT = [
    Case(
        name="sonnet slow and throttled",
        metrics=only_sonnet(throttles={SONNET: since(2, 1.0, 0.0)}),
        conclusion="sonnet-saturation confirmed",
    ),
    Case(
        name="sonnet slow, haiku throttled",
        metrics=only_sonnet(throttles={HAIKU: 5.0}),
        conclusion="sonnet-degradation confirmed",
    ),
    Case(
        name="sonnet slow, throttled until fifteen minutes ago",
        metrics=only_sonnet(throttles={SONNET: until(15, 9.0, 0.0)}),
        conclusion="sonnet-degradation confirmed",
    ),
    Case(
        name="sonnet slow, its throttles not published",
        metrics=only_sonnet(throttles={SONNET: NEVER}),
        conclusion="inconclusive",
        missing=("bedrock_throttles",),
        at="sonnet-throttled",
    ),
    Case(
        name="sonnet slow, haiku exactly at its target",
        metrics=only_sonnet(intents=dict.fromkeys(SIMPLE, 400.0)),
        conclusion="sonnet-degradation confirmed",
    ),
    Case(
        name="sonnet slow, haiku just above its target",
        metrics=only_sonnet(intents={"faq": 400.1}),
        logs=[calls("faq", "haiku", 50)],
        conclusion="intent-specific-slowdown confirmed",
    ),
    Case(
        name="sonnet slow, one of haiku's intents not seen",
        metrics=only_sonnet(intents={"faq": NEVER}),
        conclusion="inconclusive",
        missing=("first_token_by_intent",),
        at="which-intents",
    ),
    Case(
        name="one of sonnet's intents slow, the other not seen",
        metrics=only_sonnet(intents={"comparison": NEVER}, throttles={SONNET: 3.0}),
        conclusion="sonnet-saturation likely",
    ),
    Case(
        name="no intent is published",
        metrics=seeded(intents=dict.fromkeys(INTENTS, NEVER)),
        conclusion="inconclusive",
        missing=("first_token_by_intent",),
        at="which-intents",
    ),
    Case(
        name="no intent is above the limit",
        metrics=seeded(intents=dict.fromkeys(INTENTS, 2000.0)),
        conclusion="inconclusive",
        at="which-intents",
    ),
    Case(
        name="exactly 10 % of simple calls on sonnet",
        metrics=seeded(intents=ONE_SLOW),
        logs=[calls("faq", "haiku", 90), calls("greeting", "sonnet", 10)],
        conclusion="intent-specific-slowdown confirmed",
    ),
    Case(
        name="just above 10 % of simple calls on sonnet",
        metrics=seeded(intents=ONE_SLOW),
        logs=[
            calls("faq", "haiku", 177),
            calls("faq", "sonnet", 20),
            calls("comparison", "sonnet", 300),
        ],
        conclusion="intent-misrouting confirmed",
    ),
    Case(
        name="simple calls on sonnet since eleven minutes",
        metrics=seeded(
            first_token=since(11, 2600.0, 480.0),
            intents={**ONE_SLOW, "faq": since(11, 2600.0, 350.0)},
        ),
        logs=[
            calls("faq", "haiku", 30, ago_s=60),
            calls("faq", "haiku", 200, ago_s=1500),
            calls("faq", "sonnet", 10, ago_s=120),
        ],
        conclusion="intent-misrouting confirmed",
    ),
    Case(
        name="simple calls on sonnet until fifteen minutes ago",
        metrics=seeded(intents=ONE_SLOW),
        logs=[calls("faq", "sonnet", 100, ago_s=1200), calls("faq", "haiku", 60)],
        conclusion="intent-specific-slowdown confirmed",
    ),
    Case(
        name="two intents slow, one of each model",
        metrics=seeded(intents={**ONE_SLOW, "comparison": 3000.0}),
        logs=[calls("faq", "haiku", 40), calls("comparison", "sonnet", 40)],
        conclusion="intent-specific-slowdown confirmed",
    ),
    Case(
        name="no simple call in the log",
        metrics=seeded(intents=ONE_SLOW),
        logs=[calls("comparison", "sonnet", 40)],
        conclusion="inconclusive",
        missing=("simple_calls",),
        at="misrouted",
    ),
    Case(
        name="the log is empty",
        metrics=seeded(intents=ONE_SLOW),
        conclusion="inconclusive",
        missing=("simple_calls",),
        at="misrouted",
    ),
    Case(
        name="the log is no JSON",
        metrics=seeded(intents=ONE_SLOW),
        logs=[Log("/mangaassist/orchestrator", "INFO bedrock_call intent=faq model=haiku")],
        conclusion="inconclusive",
        missing=("simple_calls",),
        at="misrouted",
    ),
    Case(
        name="a threshold of one's own",
        metrics=seeded(first_token=1700.0, intents=dict.fromkeys(INTENTS, 1700.0), failures=1.0),
        words=("--set", "first_token_limit_ms=1600", "--set", "ping_failure_limit=0.04"),
        conclusion=COLD,
    ),
]

CASES = [*TRIGGER, *BEDROCK, *HOST, *INTENT]


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> Iterator[Answers]:
    found = Answers(sandbox, "first-token", CASES)
    yield found
    found.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_first_token_concludes_what_an_expert_would(case: Case, answers: Answers) -> None:
    check(case, answers.of(case))
