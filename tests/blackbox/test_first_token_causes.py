"""first-token: what else slows every intent down, and what slows only some of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blackbox.cases import Answers, Case, check
from blackbox.first_tokens import (
    HAIKU,
    INTENTS,
    SIMPLE,
    SONNET,
    calls,
    fast_bedrock,
    only_sonnet,
    seeded,
)
from blackbox.minutes import since, until
from blackbox.seeding import Log, Sandbox

ONE_SLOW = {**dict.fromkeys(INTENTS, 350.0), "faq": 2800.0}
COLD, THROTTLED = "bedrock-cold-connections confirmed", "bedrock-throttling confirmed"
DEGRADED = "bedrock-degradation likely"
NEVER = None

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
        conclusion="sonnet-saturation likely",
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
        conclusion="intent-misrouting likely",
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

CASES = [*HOST, *INTENT]


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> Iterator[Answers]:
    found = Answers(sandbox, "first-token", CASES)
    yield found
    found.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_first_token_concludes_what_an_expert_would(case: Case, answers: Answers) -> None:
    check(case, answers.of(case))


def test_logs_that_may_not_be_read_leave_the_cause_open(sandbox: Sandbox) -> None:
    end = sandbox.slot()
    sandbox.put(end, seeded(intents=ONE_SLOW), [calls("faq", "haiku", 40)])
    with sandbox.faults("logs:StartQuery=denied"):
        answer = sandbox.diagnose("first-token", end)
    assert answer.verdict == ("inconclusive", "none", None, 4)
    assert (answer.nodes[-1], answer.missing) == ("misrouted", ["simple_calls"])
