"""latency-regression, by telemetry and prompt versions that a stranger puts in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pytest

from blackbox.cases import Answers, Case, check
from blackbox.minutes import until, without
from blackbox.regressions import (
    AFTER,
    ALL_SLOW,
    CALM,
    ONSET,
    SLOW_FAQ,
    TABLE,
    calls,
    changing,
    replaced,
    risen,
    seeded,
    steady,
)
from blackbox.seeding import Log, Metric, Sandbox

WITHOUT = [
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

HAIKU = {"haiku": 4}
GROWN = ("faq", 400, 700, 41.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptCase(Case):
    """Each prompt: its intent, its tokens before and now, and how many minutes ago."""

    prompts: tuple[tuple[str, int, int, float], ...] = (GROWN,)
    severity: str | None = None
    said: str = ""


def faq(
    name: str,
    conclusion: str,
    *prompts: tuple[str, int, int, float],
    logs: Sequence[Log] | None = None,
    metrics: Sequence[Metric] = SLOW_FAQ,
    severity: str | None = None,
    said: str = "",
) -> PromptCase:
    """The FAQ is slow since forty minutes, and prompts were activated."""
    return PromptCase(
        name=name,
        metrics=metrics,
        conclusion=f"{conclusion} likely",
        logs=steady("faq") if logs is None else logs,
        prompts=prompts or (GROWN,),
        severity=severity,
        said=said,
    )


GROWTH, COMPLEXITY, INFRA = "prompt-growth", "prompt-complexity", "infrastructure-regression"
BOTH = seeded(faq=risen(3600.0, 2400.0), comparison=risen(3900.0, 2600.0))
ALWAYS = seeded(faq=risen(3600.0, 2400.0), comparison=3300.0)
DIP = seeded(faq=lambda age: 3600.0 if age < ONSET and age != 20 else 2400.0)
COMPARED = steady("comparison", models={"sonnet": 4})

WITH = [
    faq("a longer prompt", GROWTH),
    faq("longer by a tenth exactly", COMPLEXITY, ("faq", 400, 440, 41.0)),
    faq("just more than a tenth longer", GROWTH, ("faq", 400, 441, 41.0)),
    faq("a shorter prompt", COMPLEXITY, ("faq", 400, 300, 41.0)),
    faq(
        "longer answers, too",
        "prompt-and-output-growth",
        logs=changing("faq", HAIKU, HAIKU, 200, 300),
    ),
    faq("answers longer by a tenth exactly", GROWTH, logs=changing("faq", HAIKU, HAIKU, 200, 220)),
    faq("activated more than two hours before", INFRA, ("faq", 400, 700, 161.0)),
    faq("activated just within two hours", GROWTH, ("faq", 400, 700, 159.0)),
    faq("activated after the onset", INFRA, ("faq", 400, 700, 20.0)),
    faq("the prompt of another intent", INFRA, ("comparison", 400, 700, 41.0)),
    faq(
        "two prompts at the same moment, one of a slow intent",
        GROWTH,
        GROWN,
        ("greeting", 100, 102, 41.0),
        said="The prompt of faq grew from 400 to 700 tokens",
    ),
    faq(
        "a slow intent that the new prompt does not explain",
        GROWTH,
        metrics=BOTH,
        logs=[*steady("faq"), *COMPARED],
        said="comparison: slow as well, and this new prompt does not explain it.",
    ),
    faq(
        "an intent that was always slow hides no regression",
        GROWTH,
        metrics=ALWAYS,
        logs=[*steady("faq"), *COMPARED],
    ),
    faq("one fine minute in the middle hides no regression", GROWTH, metrics=DIP),
    faq("twice as slow", GROWTH, metrics=seeded(faq=risen(3200.0, 1600.0)), severity="SEV-1"),
    faq("half slower exactly", GROWTH, metrics=seeded(faq=risen(3600.0, 2400.0)), severity="SEV-2"),
    faq("slower by 26 %", GROWTH, metrics=seeded(faq=risen(3150.0, 2500.0)), severity="SEV-2"),
    faq(
        "a quarter slower exactly",
        GROWTH,
        metrics=seeded(faq=risen(3100.0, 2480.0)),
        severity="SEV-3",
    ),
]


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> Iterator[Answers]:
    """Newest slot first: cases that find no new prompt come before those that seed some."""

    def activated(case: Case, end: datetime) -> None:
        prompts = case.prompts if isinstance(case, PromptCase) else ()
        for item in (item for one in prompts for item in replaced(end, *one)):
            sandbox.client("dynamodb").put_item(TableName=TABLE, Item=item)

    found = Answers(sandbox, "latency-regression", [*WITHOUT, *WITH], activated)
    yield found
    found.close()


@pytest.mark.parametrize("case", [*WITHOUT, *WITH], ids=lambda case: case.name)
def test_latency_regression_concludes_what_an_expert_would(case: Case, answers: Answers) -> None:
    answer = answers.of(case)
    check(case, answer)
    if isinstance(case, PromptCase):
        found = answer.document["diagnosis"]
        assert case.severity in (None, found["severity"])
        assert case.said in " ".join([found["cause"], *answer.document["reasons"]])


def test_prompts_that_may_not_be_read_leave_the_cause_open(sandbox: Sandbox) -> None:
    end = sandbox.slot()
    sandbox.put(end, SLOW_FAQ, steady("faq"))
    with sandbox.faults("dynamodb:Scan=denied"):
        answer = sandbox.diagnose("latency-regression", end)
    assert answer.verdict == ("inconclusive", "none", None, 4)
    assert (answer.nodes[-1], answer.state("prompts")) == ("prompt-changed", "denied")
    assert "prompts" in answer.missing
