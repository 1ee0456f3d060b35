"""Which intents are a control, and when they take a regression away."""

from __future__ import annotations

import math

import pytest

from mangaops.bench.comparing.comparison import ArmSummary, Comparison, Doubt, Reason, Verdict
from mangaops.bench.comparing.control import with_control

FEW = Reason(doubt=Doubt.TOO_FEW, text="few", decides=True)


def draft(intent: str, ratio: float | None, low: float | None, *reasons: Reason) -> Comparison:
    return Comparison(
        intent=intent,
        verdict=Verdict.INCONCLUSIVE,
        baseline=ArmSummary(version="a", samples=100, failures=0),
        candidate=ArmSummary(version="b", samples=100, failures=0),
        ratio=ratio,
        low=low,
        reasons=reasons,
    )


SLOW = draft("slow", 1.4, 1.2)


@pytest.mark.parametrize(
    ("others", "changed", "together"),
    [
        ([], {"slow"}, False),
        ([draft("a", 1.0, 0.9)], {"slow"}, False),
        ([draft("a", 1.4, 1.2)], {"slow"}, True),
        ([draft("a", 1.4, 0.9)], {"slow"}, False),
        ([draft("a", 1.2, 1.1)], {"slow"}, True),
        ([draft("a", 1.19, 1.1)], {"slow"}, False),
        ([draft("a", 1.4, 1.2), draft("b", 1.0, 0.9)], {"slow"}, False),
        ([draft("a", 1.4, 1.2), draft("b", 1.0, 0.9)], {"slow", "b"}, True),
        ([draft("a", 1.0, 0.9), draft("b", 1.4, 1.2)], {"slow", "b"}, False),
        ([draft("a", 1.4, 1.2), draft("b", 1.4, 1.2)], {"slow", "a", "b"}, True),
        ([draft("a", 1.4, 1.2), draft("b", 1.0, 0.9)], {"slow", "a", "b"}, False),
        ([draft("a", 1.4, 1.2, FEW)], {"slow"}, False),
        ([draft("a", None, None)], {"slow"}, False),
        ([draft("a", None, 1.2)], {"slow"}, False),
        ([draft("a", math.inf, 2.0)], {"slow"}, True),
    ],
    ids=[
        "alone",
        "control did not move",
        "control moved",
        "control maybe moved",
        "by half as much",
        "by less",
        "one of two controls",
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
def test_a_control(others: list[Comparison], changed: set[str], together: bool) -> None:
    found = with_control([SLOW, *others], changed, 1.15)[0]
    assert (Doubt.MOVED_TOGETHER in {one.doubt for one in found.reasons}) is together


def test_what_did_not_slow_down_needs_no_control() -> None:
    slow = draft("b", 1.4, 1.2)
    for other in (draft("a", 1.2, 0.9), draft("a", 1.149, 1.1), draft("a", None, None)):
        assert with_control((other, slow), {"a"}, 1.15)[0] == other
