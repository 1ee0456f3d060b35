"""Which intents are a control, and when they take a regression away."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from mangaops.bench.comparing.comparison import ArmSummary, Comparison, Doubt, Reason, Verdict
from mangaops.bench.comparing.control import (
    Prompts,
    is_controlled,
    relative,
    with_control,
    without_change,
)
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.comparing.verdict import decided

FEW = Reason(doubt=Doubt.TOO_FEW, text="few", decides=True)
APART = Reason(doubt=Doubt.NOT_INTERLEAVED, text="one after the other")
SAME = Reason(doubt=Doubt.SAME_PROMPT, text="the same prompt")
OPEN, MOVED = Doubt.NOT_INTERLEAVED, Doubt.MOVED_TOGETHER


def draft(
    intent: str, ratio: float | None, low: float | None, *reasons: Reason, high: float | None = None
) -> Comparison:
    """As far above its ratio as below, if the upper limit is not said."""
    if high is None and ratio is not None and low:
        high = ratio * ratio / low
    return Comparison(
        intent=intent,
        verdict=Verdict.INCONCLUSIVE,
        baseline=ArmSummary(version="a", samples=100, failures=0),
        candidate=ArmSummary(version="b", samples=100, failures=0),
        ratio=ratio,
        low=low,
        high=high,
        reasons=(APART, *reasons),
    )


def deciding(found: Comparison) -> list[Doubt]:
    return [one.doubt for one in found.reasons if one.decides]


SLOW = draft("slow", 1.6, 1.4)
MOVES, STAYS = draft("a", 1.6, 1.4), draft("b", 1.0, 0.95)
ALL = ("slow", "fast", "a", "b", "c")
LIMIT = 1.15


def controlled(one: Comparison, others: list[Comparison], *changed: str) -> Comparison:
    prompts = Prompts(changed=(one.intent, *changed), asked=ALL)
    return with_control([one, *others], prompts, LIMIT)[0]


@pytest.mark.parametrize(
    ("others", "changed", "why"),
    [
        ([], (), OPEN),
        ([STAYS], (), None),
        ([MOVES], (), MOVED),
        ([draft("a", 1.6, 0.9)], (), OPEN),
        ([draft("a", 1.0, 0.6)], (), OPEN),
        ([draft("a", 1.2, 1.1)], (), None),
        ([draft("a", 1.4, 1.3)], (), MOVED),
        ([MOVES, STAYS, draft("c", 0.9, 0.88)], (), MOVED),
        ([MOVES, STAYS], ("a",), None),
        ([MOVES, STAYS], ("b",), MOVED),
        ([MOVES, STAYS], ("a", "b"), OPEN),
        ([draft("a", 1.0, 0.95, FEW)], (), OPEN),
        ([draft("a", None, None)], (), OPEN),
        ([draft("a", None, 1.2)], (), OPEN),
        ([draft("a", math.inf, 2.0, high=math.inf)], (), OPEN),
        ([draft("a", 0.0, 0.0, high=0.5)], (), OPEN),
    ],
    ids=[
        "alone",
        "control did not move",
        "control moved",
        "control maybe moved",
        "control cannot tell",
        "by much less",
        "by less than the margin less",
        "one of three moved",
        "another change is no control",
        "nor one that stayed",
        "all changed",
        "control without a verdict",
        "control without limits",
        "control without a ratio",
        "control fails",
        "control of nothing",
    ],
)
def test_what_is_slower_must_be_so_against_every_control(
    others: list[Comparison], changed: tuple[str, ...], why: Doubt | None
) -> None:
    found = controlled(SLOW, others, *changed)
    assert deciding(found) == ([] if why is None else [why])
    assert is_controlled(found) is (why is None)


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ([STAYS], None),
        ([draft("a", 0.7, 0.66)], MOVED),
        ([draft("a", 0.9, 0.75)], OPEN),
        ([STAYS, draft("a", 0.7, 0.66)], MOVED),
        ([MOVES], None),
        ([], OPEN),
    ],
    ids=["stayed", "faster", "maybe faster", "one faster", "slower", "alone"],
)
def test_what_passes_must_do_so_against_every_control(
    others: list[Comparison], why: Doubt | None
) -> None:
    found = controlled(draft("fast", 1.0, 0.95), others)
    assert deciding(found) == ([] if why is None else [why])


def test_a_control_is_told_with_what_it_did() -> None:
    slower = controlled(SLOW, [MOVES, STAYS]).reasons[-1].text
    assert slower.startswith("a (+60 %) became slower between the same runs, too")
    faster = controlled(draft("fast", 1.0, 0.95), [draft("a", 0.7, 0.66)]).reasons[-1].text
    assert faster.startswith("a (-30 %) became faster between the same runs")
    maybe = controlled(SLOW, [draft("a", 1.0, 0.6)]).reasons[0].text
    assert maybe.endswith("a -40 % to +67 %")


def test_why_there_is_no_control_is_told() -> None:
    alone = replace(STAYS, intent="c", baseline=replace(STAYS.baseline, samples=0))
    models = {"slow": frozenset({"sonnet"}), "b": frozenset({"haiku"})}
    prompts = Prompts(changed=("slow", "a"), asked=ALL, models=models)
    told = with_control([SLOW, MOVES, STAYS, alone], prompts, LIMIT)[0].reasons[0].text
    for why in (
        "a has another prompt, too",
        "b runs on another model",
        "c is in one run only",
    ):
        assert why in told
    assert "no other intent kept its prompt" in controlled(SLOW, [MOVES], "a").reasons[0].text
    assert "there is no other intent" in controlled(SLOW, []).reasons[0].text


def test_a_control_of_another_model_is_none() -> None:
    sonnet, haiku = frozenset({"sonnet"}), frozenset({"haiku"})
    models = {"slow": sonnet, "a": sonnet, "b": haiku}
    prompts = Prompts(changed=("slow",), asked=("slow",), models=models)
    assert deciding(with_control([SLOW, MOVES, STAYS], prompts, LIMIT)[0]) == [MOVED]
    assert deciding(with_control([SLOW, STAYS], prompts, LIMIT)[0]) == [OPEN]


def test_what_is_open_anyway_and_what_kept_its_prompt_are_left_alone() -> None:
    for one in (draft("slow", 1.2, 0.9), draft("slow", 1.149, 1.1), draft("slow", None, None)):
        assert controlled(one, [STAYS]) == one
    prompts = Prompts(changed=("slow",), asked=("slow",))
    assert with_control([STAYS, SLOW], prompts, LIMIT)[0] == STAYS


def test_the_ratio_of_ratios_has_the_limits_of_both() -> None:
    found = relative(draft("slow", 1.5, 1.2), draft("a", 1.2, 1.0))
    log = math.log
    reach = math.hypot(log(1.5 / 1.2), log(1.2 / 1.0))
    assert found.ratio == pytest.approx(1.25)
    assert found.low == pytest.approx(math.exp(log(1.25) - reach))
    assert found.high == pytest.approx(math.exp(log(1.25) + reach))
    infinite = relative(draft("slow", math.inf, 2.0, high=math.inf), STAYS)
    assert infinite.ratio == infinite.high == math.inf
    assert infinite.low == pytest.approx(2 / (1 / 0.95))


def test_what_was_interleaved_is_its_own_control() -> None:
    assert controlled(replace(SLOW, reasons=()), [MOVES]).reasons == ()


@pytest.mark.parametrize(
    ("drift", "slower", "wrong"),
    [(1.2, 1.0, Verdict.FAIL), (0.7, 1.4, Verdict.PASS)],
    ids=["drift is not the prompt", "nor does it hide one"],
)
def test_common_drift_rarely_decides(drift: float, slower: float, wrong: Verdict) -> None:
    """Log-normal estimates of a p95 with their own limits: about 5 of 100 at most are wrong."""
    draw = random.Random(11)  # noqa: S311 - a simulation

    def estimate(intent: str, true: float) -> Comparison:
        error = 0.07
        seen = true * math.exp(draw.gauss(0, error))
        reach = math.exp(1.645 * error)
        return draft(intent, seen, seen / reach, high=seen * reach)

    trials = 1000
    found = sum(
        _plain(controlled(estimate("slow", drift * slower), [estimate("a", drift)])) is wrong
        for _ in range(trials)
    )
    assert found <= 0.06 * trials


def _plain(one: Comparison) -> Verdict:
    return decided([one], Rules())[0].verdict


@pytest.mark.parametrize(
    ("one", "changed", "why"),
    [
        (draft("a", 1.4, 1.2, SAME), set(), [Doubt.SAME_PROMPT]),
        (draft("a", 1.0, 0.9, SAME), set(), [Doubt.SAME_PROMPT]),
        (draft("a", 1.4, 1.2, SAME), {"slow"}, [Doubt.SAME_PROMPT]),
        (draft("a", 1.0, 0.9, SAME), {"slow"}, []),
        (draft("a", 1.4, 1.2), {"a"}, []),
    ],
    ids=["slower", "as fast", "slower control", "control", "changed"],
)
def test_the_same_prompt_is_no_regression(
    one: Comparison, changed: set[str], why: list[Doubt]
) -> None:
    assert deciding(without_change([one, SLOW], changed, 1.15)[0]) == why


def test_a_prompt_of_one_side_alone_is_no_change() -> None:
    alone = replace(SLOW, baseline=replace(SLOW.baseline, samples=0))
    found = without_change([draft("a", 1.0, 0.9, SAME), alone], {"slow"}, 1.15)
    assert deciding(found[0]) == [Doubt.SAME_PROMPT]
