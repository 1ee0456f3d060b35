"""How far numbers can be shifted, on a tree of two questions, compared whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.diagnose.sensitivity import (
    Conclusion,
    End,
    Flip,
    Range,
    Sensitivity,
    Shifted,
    Turn,
    sensitivity,
)
from mangaops.diagnose.walk import walk
from mangaops.errors import InputError
from mangaops.model.diagnosis import Answers, Verdict
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import Runbook
from mangaops.runbook.load import load_text
from support.evidence_building import WINDOW, evidence, series

TEXT = """\
schema: mangaops.runbook/1
name: slow
title: Slow
severity: SEV-2
description: It is slow.
window: 30m
parameters:
  limit: {default: 2000, unit: ms}
  share: {default: 0.1, unit: ratio}
  sustained: {default: 10m, unit: duration}
  elsewhere: {default: 7}
  told: {default: 5}
evidence:
  latency: {kind: metric, query: {namespace: N, name: l, stat: p95}}
  failed: {kind: metric, query: {namespace: N, name: f, stat: Average}}
  proof: {kind: metric, query: {namespace: N, name: p, stat: Sum}}
  beside: {kind: metric, query: {namespace: N, name: b, stat: Sum}}
define:
  worst: max(latency, "5m")
trigger:
  question: Is it slow?
  when: min(latency, sustained) > limit
  on_missing: inconclusive
start: failing
nodes:
  failing:
    question: Do calls fail?
    branches:
      - {answer: "yes", when: latest(failed) > share, goto: broken, on_missing: inconclusive}
      - {answer: "no", otherwise: true, goto: busy}
  never:
    question: Never asked?
    branches:
      - {answer: "yes", when: worst > elsewhere, goto: busy, on_missing: inconclusive}
      - {answer: "no", otherwise: true, goto: busy}
outcomes:
  broken:
    title: Broken
    cause: "{told:count} calls fail beside {latest(beside):count}."
    confirm: [{when: worst > 1.5 * limit, otherwise: Not by much.}]
  busy:
    title: Busy
    cause: It is busy.
    confirm: [{when: sum(proof) > 0, otherwise: Not proven.}]
"""
BOOK: Runbook = load_text(TEXT, "slow.yaml")
SLOW = series(*([1000.0] * 10), *([2500.0] * 15), *([3600.0] * 5))
BROKEN = Conclusion(id="broken", verdict=Verdict.CONFIRMED)
SEEN = evidence(latency=SLOW, failed=series(*([0.25] * 30)), beside=series(*([3.0] * 30)))


def found(**more: object) -> Sensitivity:
    return sensitivity(BOOK, SEEN, WINDOW, **more)  # type: ignore[arg-type]


def range_of(name: str) -> Range:
    return next(one.range for one in found().shifted if one.lever.name == name)


def test_a_whole_number_turns_exactly() -> None:
    weaker = Conclusion(id="broken", verdict=Verdict.LIKELY)
    assert range_of("limit") == Range(
        below=End(looked=0), above=Turn(last=2399, at=2400, becomes=weaker)
    )


def test_a_fraction_turns_within_a_thousandth_and_what_needs_unread_evidence_is_unknown() -> None:
    above = range_of("share").above
    assert isinstance(above, Turn)
    assert 0.2499 <= above.last < 0.25 <= above.at <= 0.2501
    assert above.becomes == Conclusion(needs=("proof",))


def test_a_duration_is_shifted_in_minutes() -> None:
    healthy = Conclusion(id="healthy", verdict=Verdict.NONE)
    assert range_of("sustained") == Range(
        below=End(looked=120), above=Turn(last=1200, at=1260, becomes=healthy)
    )


def test_a_literal_factor_and_a_window_are_shifted_where_they_stand() -> None:
    names = [one.lever.name for one in found().shifted]
    assert set(names) == {
        "limit",
        "share",
        "sustained",
        "outcomes/broken/confirm/0: 1.5",
        "define/worst: '5m'",
    }
    above = range_of("outcomes/broken/confirm/0: 1.5").above
    assert isinstance(above, Turn)
    assert 1.799 <= above.last < 1.8 <= above.at <= 1.801


def test_the_smallest_shift_flips_first_and_another_diagnosis_is_told_apart() -> None:
    seen = found()
    first, other = seen.first, seen.first_other
    assert seen.conclusion == BROKEN
    assert isinstance(first, Flip)
    assert isinstance(other, Flip)
    assert (first.lever.name, first.turn.becomes.id, round(first.shift, 2)) == (
        "limit",
        "broken",
        0.2,
    )
    assert (other.lever.name, other.turn.becomes.id, other.shift) == ("sustained", "healthy", 1.1)


@pytest.mark.parametrize("name", ["limit", "share", "sustained"])
def test_what_is_told_is_what_a_walk_says(name: str) -> None:
    """Both sides of each end, walked with the value typed in."""
    shifted = next(one for one in found().shifted if one.lever.name == name)
    for end in (shifted.range.below, shifted.range.above):
        inside = end.looked if isinstance(end, End) else end.last
        assert concluded(name, inside) == BROKEN
        if isinstance(end, Turn) and not end.becomes.unknown:
            assert concluded(name, end.at) == end.becomes


def concluded(name: str, value: float) -> Conclusion:
    parameters = {**BOOK.parameters, name: replace(BOOK.parameters[name], value=value)}
    diagnosis = walk(replace(BOOK, parameters=parameters), SEEN, WINDOW)
    return Conclusion(id=diagnosis.id, verdict=diagnosis.verdict)  # type: ignore[union-attr]


def test_a_number_that_queries_are_made_with_is_not_shifted() -> None:
    assert [one.lever.name for one in found(read_with=["limit", "share"]).shifted] == [
        "outcomes/broken/confirm/0: 1.5",
        "sustained",
        "define/worst: '5m'",
    ]
    assert found(read_with=["limit"]).read_with == ("limit",)


def test_a_healthy_run_says_which_limit_would_have_raised_it() -> None:
    quiet = evidence(latency=series(*([1600.0] * 30)))
    seen = sensitivity(BOOK, quiet, WINDOW)
    assert seen.conclusion == Conclusion(id="healthy", verdict=Verdict.NONE)
    (limit, _) = sorted(seen.shifted, key=lambda one: one.lever.name)
    assert limit.range.below == Turn(last=1600, at=1599, becomes=Conclusion(needs=("failed",)))


def test_evidence_without_a_conclusion_is_wrong_input() -> None:
    with pytest.raises(InputError, match="does not lead to a conclusion"):
        sensitivity(BOOK, EvidenceSet(), WINDOW, answers=Answers())


def test_shifting_is_told_with_every_number_once() -> None:
    shifted: tuple[Shifted, ...] = found().shifted
    assert len({one.lever.name for one in shifted}) == len(shifted)


@pytest.mark.parametrize("seen", [22.0, 3.0, 1.0])
def test_a_number_that_is_nothing_is_shifted_up_to_what_was_observed(seen: float) -> None:
    text = TEXT.replace("limit: {default: 2000", "limit: {default: 0")
    failed = series(*([0.0] * 30))
    result = sensitivity(
        load_text(text.replace("1.5 * limit", "limit"), "slow.yaml"),
        evidence(latency=series(*([seen] * 30)), failed=failed, proof=series(*([1.0] * 30))),
        WINDOW,
    )
    (limit,) = [one for one in result.shifted if one.lever.name == "limit"]
    above = Turn(last=seen - 1, at=seen, becomes=Conclusion(id="healthy"))
    assert limit.range == Range(below=End(looked=0), above=above)
    assert limit.shift(above) is None
    assert [flip.turn for flip in result.flips if flip.lever.name == "limit"] == [above]


def test_a_share_that_is_nothing_turns_near_what_was_observed() -> None:
    text = TEXT.replace("share: {default: 0.1", "share: {default: 0")
    result = sensitivity(load_text(text, "slow.yaml"), SEEN, WINDOW)
    (share,) = [one for one in result.shifted if one.lever.name == "share"]
    above = share.range.above
    assert isinstance(above, Turn)
    assert (above.last, above.at) == pytest.approx((0.25, 0.25), rel=0.002)
    assert above.last < 0.25 <= above.at
