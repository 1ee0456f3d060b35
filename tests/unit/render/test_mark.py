from __future__ import annotations

import pytest

from mangaops.model.diagnosis import Check, PathStep
from mangaops.render.mark import Mark, mark_of, operator_of

STEP = PathStep(node="n", question="?", answer="", goto="x")
TRIGGER = PathStep(node="trigger", question="?", answer="", goto="x")


@pytest.mark.parametrize(
    ("expression", "result", "mark"),
    [
        ("max(cpu) > limit", True, Mark.FAIL),
        ("max(cpu) > limit", False, Mark.OK),
        ("max(cpu) > limit", None, Mark.UNKNOWN),
        ("latest(s) <= target", True, Mark.OK),
        ("latest(s) <= target", False, Mark.FAIL),
        ("index.ef_search != 512", True, Mark.YES),
        ("stream.enabled", False, Mark.NO),
    ],
)
def test_over_a_limit_fails_and_within_it_is_ok(
    expression: str, result: bool | None, mark: Mark
) -> None:
    assert mark_of(Check(expression=expression, result=result), STEP, decides=False) is mark


def test_under_a_limit_fails_where_it_decides() -> None:
    fallen = Check(expression="sum(purchases) < 0.8 * usual", result=True)
    assert mark_of(fallen, TRIGGER, decides=False) is Mark.FAIL
    assert mark_of(fallen, STEP, decides=True) is Mark.FAIL
    assert mark_of(fallen, STEP, decides=False) is Mark.OK


def test_what_is_no_single_comparison_has_no_operator() -> None:
    assert [
        operator_of(text) for text in ("a < b < c", "not a", "a >", "any(x > 1 for x in y)")
    ] == [
        "",
        "",
        "",
        "",
    ]
