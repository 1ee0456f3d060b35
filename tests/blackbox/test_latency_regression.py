"""latency-regression, by telemetry and prompt versions that a stranger puts in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from blackbox.cases import Answers, Case, check
from blackbox.minutes import since, until, without
from blackbox.seeding import Answer, Log, Metric, Minutes, Sandbox

ORCHESTRATOR, TABLE = "MangaAssist/Orchestrator", "manga-prompt-templates"
CALM = {
    "greeting": 500.0,
    "faq": 900.0,
    "order_tracking": 1000.0,
    "recommendation": 2400.0,
    "comparison": 2600.0,
}
ONSET = 40
NEVER = None


def seeded(**intents: Minutes) -> list[Metric]:
    """Two hours of every intent, calm as long as nothing else is said."""
    return [
        Metric(ORCHESTRATOR, "response_latency_ms", minutes, {"Intent": intent}, last=120)
        for intent, minutes in {**CALM, **intents}.items()
    ]


def risen(to: float, before: float, minutes: int = ONSET) -> Minutes:
    return since(minutes, to, before)


def calls(
    intent: str,
    *,
    models: Mapping[str, int],
    output: int = 200,
    ago_m: Sequence[float] = (),
) -> list[Log]:
    """So many calls of each model every five minutes."""
    return [
        Log(
            "/mangaassist/orchestrator",
            {
                "log_type": "bedrock_call",
                "status": "success",
                "intent": intent,
                "model": model,
                "input_tokens": 900,
                "output_tokens": output,
                "time_to_first_token_ms": 600,
                "latency_ms": 600 + 10 * output,
            },
            ago_s=60 * ago,
            times=times,
        )
        for ago in ago_m
        for model, times in models.items()
    ]


BEFORE, AFTER = tuple(range(45, 235, 5)), tuple(range(2, 38, 5))


def steady(intent: str, *, models: Mapping[str, int] | None = None, output: int = 200) -> list[Log]:
    return changing(intent, models or {"haiku": 4}, models or {"haiku": 4}, output, output)


def changing(
    intent: str,
    before: Mapping[str, int],
    after: Mapping[str, int],
    output_before: int = 200,
    output_after: int = 200,
) -> list[Log]:
    return [
        *calls(intent, models=before, output=output_before, ago_m=BEFORE),
        *calls(intent, models=after, output=output_after, ago_m=AFTER),
    ]


def prompt(
    end: datetime, intent: str, version: str, tokens: int, ago_m: float, *, active: bool
) -> dict[str, Any]:
    at = end - timedelta(minutes=ago_m)
    return {
        "intent": {"S": intent},
        "version": {"S": version},
        "active": {"BOOL": active},
        "template": {"S": "You are MangaAssist."},
        "prompt_tokens": {"N": str(tokens)},
        "max_output_tokens": {"N": "800"},
        "activated_at": {"S": at.strftime("%Y-%m-%dT%H:%M:%SZ")},
    }


def replaced(
    end: datetime, intent: str, before: int, after: int, ago_m: float
) -> list[dict[str, Any]]:
    """A version of long ago, and the active one of `ago_m` minutes ago."""
    return [
        prompt(end, intent, "v1", before, 60 * 24 * 20, active=False),
        prompt(end, intent, "v2", after, ago_m, active=True),
    ]


SLOW_FAQ = seeded(faq=risen(3600.0, 2400.0))
ALL_SLOW = seeded(**{intent: risen(3100.0 + calm, calm) for intent, calm in CALM.items()})

UNCHANGED_PROMPTS = [
    Case(name="exactly at the limit", metrics=seeded(faq=3000.0), conclusion="healthy"),
    Case(
        name="bad for fourteen minutes only",
        metrics=seeded(faq=risen(6000.0, 900.0, 14)),
        conclusion="healthy",
    ),
    Case(
        name="bad until twenty-five minutes ago",
        metrics=seeded(faq=until(25, 6000.0, 900.0)),
        conclusion="healthy",
    ),
    Case(
        name="one minute of fifteen is fine",
        metrics=seeded(faq=lambda age: 2900.0 if age == 7 else 3600.0),
        conclusion="healthy",
    ),
    Case(
        name="the metric stopped ten minutes ago",
        metrics=seeded(**dict.fromkeys(CALM, until(10, 3600.0))),
        conclusion="inconclusive",
        missing=("responses",),
        at="trigger",
    ),
    Case(
        name="nothing is published",
        metrics=[],
        conclusion="inconclusive",
        missing=("responses",),
        at="trigger",
    ),
    Case(
        name="all intents are slower",
        metrics=ALL_SLOW,
        conclusion="infrastructure-regression likely",
        at="affected",
    ),
    Case(
        name="one intent is slower, no prompt changed, the same model answers",
        metrics=SLOW_FAQ,
        logs=steady("faq"),
        conclusion="infrastructure-regression likely",
        at="routing-changed",
    ),
    Case(
        name="sonnet answers now",
        metrics=SLOW_FAQ,
        logs=changing("faq", {"haiku": 10}, {"haiku": 8, "sonnet": 2}),
        conclusion="model-routing-changed likely",
    ),
    Case(
        name="sonnet's share moved by a tenth exactly",
        metrics=SLOW_FAQ,
        logs=changing("faq", {"haiku": 10}, {"haiku": 9, "sonnet": 1}),
        conclusion="infrastructure-regression likely",
    ),
    Case(
        name="the calls of before are not in the log",
        metrics=SLOW_FAQ,
        logs=calls("faq", models={"haiku": 5}, ago_m=AFTER),
        conclusion="inconclusive",
        missing=("calls",),
        at="routing-changed",
    ),
    Case(
        name="the log is empty",
        metrics=SLOW_FAQ,
        conclusion="inconclusive",
        missing=("calls",),
        at="routing-changed",
    ),
    Case(
        name="slower by 15 % exactly",
        metrics=seeded(faq=risen(3450.0, 3000.0)),
        logs=steady("faq"),
        conclusion="inconclusive",
        at="regression",
    ),
    Case(
        name="slower by 16 %",
        metrics=seeded(faq=risen(3480.0, 3000.0)),
        logs=steady("faq"),
        conclusion="infrastructure-regression likely",
    ),
    Case(
        name="slow since before the window",
        metrics=seeded(faq=3600.0),
        logs=steady("faq"),
        conclusion="inconclusive",
        missing=("responses",),
    ),
    Case(
        name="half of the minutes of one intent are lost",
        metrics=seeded(faq=without(*range(1, 16, 2), *range(2, 12, 4), value=3600.0)),
        conclusion="inconclusive",
        missing=("responses",),
        at="trigger",
    ),
]


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> Iterator[Answers]:
    found = Answers(sandbox, "latency-regression", UNCHANGED_PROMPTS)
    yield found
    found.close()


@pytest.mark.parametrize("case", UNCHANGED_PROMPTS, ids=lambda case: case.name)
def test_without_a_new_prompt_it_concludes_what_an_expert_would(
    case: Case, answers: Answers
) -> None:
    check(case, answers.of(case))


def asked(
    sandbox: Sandbox,
    prompts: Sequence[tuple[str, int, int, float]],
    metrics: Sequence[Metric] = SLOW_FAQ,
    logs: Sequence[Log] = (),
) -> Answer:
    """With a new version (intent, tokens before, tokens now, minutes ago) of each prompt."""
    end = sandbox.slot()
    sandbox.put(end, metrics, logs)
    items = [item for one in prompts for item in replaced(end, *one)]
    with sandbox.items(TABLE, items):
        return sandbox.diagnose("latency-regression", end)


HAIKU = {"haiku": 4}
GROWN = ("faq", 400, 700, 41.0)
PROMPTS = [
    ("a longer prompt", [GROWN], steady("faq"), "prompt-growth"),
    (
        "longer by a tenth exactly",
        [("faq", 400, 440, 41.0)],
        steady("faq"),
        "prompt-complexity",
    ),
    ("just more than a tenth longer", [("faq", 400, 441, 41.0)], steady("faq"), "prompt-growth"),
    ("a shorter prompt", [("faq", 400, 300, 41.0)], steady("faq"), "prompt-complexity"),
    (
        "longer answers, too",
        [GROWN],
        changing("faq", HAIKU, HAIKU, 200, 300),
        "prompt-and-output-growth",
    ),
    (
        "answers longer by a tenth exactly",
        [GROWN],
        changing("faq", HAIKU, HAIKU, 200, 220),
        "prompt-growth",
    ),
    ("activated three hours before", [("faq", 400, 700, 161.0)], steady("faq"), "infra"),
    ("activated just within two hours", [("faq", 400, 700, 159.0)], steady("faq"), "prompt-growth"),
    ("activated after the onset", [("faq", 400, 700, 20.0)], steady("faq"), "infra"),
    (
        "the prompt of another intent",
        [("comparison", 400, 700, 41.0)],
        steady("faq"),
        "infra",
    ),
    (
        "two prompts at the same moment, one of a slow intent",
        [GROWN, ("greeting", 100, 102, 41.0)],
        [*steady("faq"), *steady("greeting")],
        "prompt-growth",
    ),
]


@pytest.mark.parametrize(
    ("prompts", "logs", "diagnosis"),
    [pytest.param(*case[1:], id=case[0]) for case in PROMPTS],
)
def test_a_new_prompt_of_a_slow_intent_is_followed(
    prompts: Sequence[tuple[str, int, int, float]],
    logs: Sequence[Log],
    diagnosis: str,
    sandbox: Sandbox,
) -> None:
    answer = asked(sandbox, prompts, logs=logs)
    name = diagnosis.replace("infra", "infrastructure-regression")
    assert answer.verdict == ("diagnosed", "likely", name, 3), (answer.nodes, answer.missing)
    if name.startswith("prompt"):
        assert "faq" in answer.cause
        assert "greeting" not in answer.cause


SIZES = [
    (2.0 * 1600, 1600, "SEV-1"),
    (1.5 * 2400, 2400, "SEV-2"),
    (1.26 * 2500, 2500, "SEV-2"),
    (1.25 * 2480, 2480, "SEV-3"),
]


@pytest.mark.parametrize(("now", "before", "severity"), SIZES)
def test_the_severity_follows_the_size(
    now: float, before: float, severity: str, sandbox: Sandbox
) -> None:
    metrics = seeded(faq=risen(now, before))
    answer = asked(sandbox, [GROWN], metrics, steady("faq"))
    assert answer.verdict == ("diagnosed", "likely", "prompt-growth", 3)
    assert answer.document["diagnosis"]["severity"] == severity


def test_a_slow_intent_that_the_new_prompt_does_not_explain_is_named(
    sandbox: Sandbox,
) -> None:
    metrics = seeded(faq=risen(3600.0, 2400.0), comparison=risen(3900.0, 2600.0))
    logs = [*steady("faq"), *steady("comparison", models={"sonnet": 4})]
    answer = asked(sandbox, [GROWN], metrics, logs)
    assert answer.verdict == ("diagnosed", "likely", "prompt-growth", 3)
    said = "comparison: slow as well, and this new prompt does not explain it."
    assert said in answer.document["reasons"]


def test_an_intent_that_was_always_slow_does_not_hide_a_regression(sandbox: Sandbox) -> None:
    metrics = seeded(faq=risen(3600.0, 2400.0), comparison=3300.0)
    logs = [*steady("faq"), *steady("comparison", models={"sonnet": 4})]
    answer = asked(sandbox, [GROWN], metrics, logs)
    assert answer.verdict == ("diagnosed", "likely", "prompt-growth", 3), answer.nodes


def test_one_fine_minute_in_the_middle_does_not_hide_a_regression(sandbox: Sandbox) -> None:
    metrics = seeded(faq=lambda age: 3600.0 if age < ONSET and age != 20 else 2400.0)
    answer = asked(sandbox, [GROWN], metrics, steady("faq"))
    assert answer.verdict == ("diagnosed", "likely", "prompt-growth", 3), answer.nodes


def test_prompts_that_may_not_be_read_leave_the_cause_open(sandbox: Sandbox) -> None:
    end = sandbox.slot()
    sandbox.put(end, SLOW_FAQ, steady("faq"))
    with sandbox.faults("dynamodb:Scan=denied"):
        answer = sandbox.diagnose("latency-regression", end)
    assert answer.verdict == ("inconclusive", "none", None, 4)
    assert (answer.nodes[-1], answer.state("prompts")) == ("prompt-changed", "denied")
    assert "prompts" in answer.missing
