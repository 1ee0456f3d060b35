"""first-token: when it is an incident, and what slows Bedrock down for every intent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from blackbox.cases import Answers, Case, check
from blackbox.first_tokens import (
    HAIKU,
    INTENTS,
    SONNET,
    seeded,
)
from blackbox.minutes import since, until, without
from blackbox.seeding import Sandbox

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
        conclusion="bedrock-throttling likely",
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

CASES = [*TRIGGER, *BEDROCK]


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> Iterator[Answers]:
    found = Answers(sandbox, "first-token", CASES)
    yield found
    found.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_first_token_concludes_what_an_expert_would(case: Case, answers: Answers) -> None:
    check(case, answers.of(case))


def bedrock_slow(sandbox: Sandbox) -> datetime:
    end = sandbox.slot()
    sandbox.put(end, seeded())
    return end


HEALTH_FAULTS = [
    "health:*=denied",
    "health:*=custom:SubscriptionRequiredException:Support plan needed:400",
]


@pytest.mark.parametrize("rule", HEALTH_FAULTS)
def test_without_aws_health_a_degradation_is_likely(rule: str, sandbox: Sandbox) -> None:
    end = bedrock_slow(sandbox)
    with sandbox.faults(rule):
        answer = sandbox.diagnose("first-token", end)
    assert answer.verdict == ("diagnosed", "likely", "bedrock-degradation", 3)
    assert answer.missing == ["health"]


METRIC_FAULTS = [
    ("cloudwatch:*=denied", "first_token", "trigger"),
    ("cloudwatch:GetMetricData=partial", "first_token", "trigger"),
    ("cloudwatch:ListMetrics=denied", "first_token_by_intent", "which-intents"),
]


@pytest.mark.parametrize(("rule", "evidence", "node"), METRIC_FAULTS)
def test_metrics_that_are_not_read_leave_the_cause_open(
    rule: str, evidence: str, node: str, sandbox: Sandbox
) -> None:
    end = bedrock_slow(sandbox)
    with sandbox.faults(rule):
        answer = sandbox.diagnose("first-token", end)
    assert answer.verdict == ("inconclusive", "none", None, 4)
    assert (answer.nodes[-1], answer.missing) == (node, [evidence])


def test_a_call_that_is_throttled_twice_is_asked_again(sandbox: Sandbox) -> None:
    end = bedrock_slow(sandbox)
    with sandbox.faults("cloudwatch:GetMetricData=throttle@first=2"):
        answer = sandbox.diagnose("first-token", end)
    assert answer.verdict == ("diagnosed", "likely", "bedrock-degradation", 3)


def test_without_a_window_it_is_about_now(fresh: Sandbox) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    fresh.put(now, seeded(failures=2.0))
    answer = fresh.diagnose("first-token", None)
    assert answer.verdict == ("diagnosed", "confirmed", "bedrock-cold-connections", 3)
