"""Which intents are a control, and when they take a regression away."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mangaops.bench.comparing.comparison import ArmSummary, Comparison, Doubt, Reason, Verdict
from mangaops.bench.comparing.control import is_controlled, with_control, without_change

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


SLOW = draft("slow", 1.4, 1.2)
MOVES, STAYS = draft("a", 1.4, 1.2), draft("b", 1.0, 0.9)


@pytest.mark.parametrize(
    ("others", "changed", "why"),
    [
        ([], {"slow"}, OPEN),
        ([STAYS], {"slow"}, None),
        ([MOVES], {"slow"}, MOVED),
        ([draft("a", 1.4, 0.9)], {"slow"}, OPEN),
        ([draft("a", 1.0, 0.7)], {"slow"}, OPEN),
        ([draft("a", 1.2, 1.1)], {"slow"}, MOVED),
        ([draft("a", 1.19, 1.1)], {"slow"}, None),
        ([MOVES, STAYS], {"slow"}, MOVED),
        ([MOVES, STAYS, draft("c", 0.9, 0.8)], {"slow"}, None),
        ([MOVES, STAYS], {"slow", "b"}, MOVED),
        ([STAYS, MOVES], {"slow", "a"}, None),
        ([MOVES, draft("b", 1.4, 1.2)], {"slow", "a", "b"}, MOVED),
        ([MOVES, STAYS], {"slow", "a", "b"}, None),
        ([draft("a", 1.0, 0.9, FEW)], {"slow"}, OPEN),
        ([draft("a", None, None)], {"slow"}, OPEN),
        ([draft("a", None, 1.2)], {"slow"}, OPEN),
        ([draft("a", math.inf, 2.0, high=math.inf)], {"slow"}, MOVED),
    ],
    ids=[
        "alone",
        "control did not move",
        "control moved",
        "control maybe moved",
        "control cannot tell",
        "by half as much",
        "by less",
        "one of two controls",
        "one of three",
        "another change is no control",
        "nor one that moved",
        "all changed, all moved",
        "all changed, one did not",
        "control without a verdict",
        "control without limits",
        "control without a ratio",
        "control fails",
    ],
)
def test_a_control(others: list[Comparison], changed: set[str], why: Doubt | None) -> None:
    found = with_control([SLOW, *others], changed, 1.15)[0]
    assert deciding(found) == ([] if why is None else [why])
    assert is_controlled(found) is (why is None)


def test_what_did_not_slow_down_needs_a_control_that_may_move() -> None:
    slow = draft("b", 1.4, 1.2)
    for other in (draft("a", 1.2, 0.9), draft("a", 1.149, 1.1), draft("a", None, None)):
        assert with_control((other, slow), {"a"}, 1.15)[0] == other
        assert deciding(with_control((other,), {"a"}, 1.15)[0]) == [OPEN]


def test_what_was_interleaved_is_its_own_control() -> None:
    found = with_control([replace(SLOW, reasons=()), MOVES], {"slow"}, 1.15)
    assert found[0].reasons == ()


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
