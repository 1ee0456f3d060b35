"""Which mutants tests notice, with a judge that walks and compares ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mangaops.diagnose.walk import walk
from mangaops.errors import RunbookError
from mangaops.model.diagnosis import Diagnosis
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import Runbook, Status
from mangaops.testing.case import Case, Difference, Equivalent, Expected, Outcome, Prepared
from mangaops.testing.mutants.listing import mutants
from mangaops.testing.mutants.mutant import Mutant
from mangaops.testing.mutants.run import Fate, Trial, as_it_is
from mangaops.testing.mutants.verdict import mutation
from support.evidence_building import (
    END,
    PLACE,
    WINDOW,
    evidence,
    metric,
    node,
    outcome,
    runbook,
    scope,
    series,
)

NAMES = scope({"p95": metric(pool=30), "told": metric(sparse=True)}, {"limit": 2000})
BOOK = runbook(
    NAMES,
    when="latest(p95) > 1000",
    nodes=[
        node("slow", NAMES, ("yes", "latest(p95) > limit", "bad", "inconclusive")),
    ],
    outcomes=[outcome("bad", NAMES, cause="{sum(told)}")],
)


def p95(value: float) -> EvidenceSet:
    return evidence(p95=series(*[value] * 30), told=series(1.0, sparse=True))


SLOW, MIDDLING, FAST = p95(2001.0), p95(1500.0), p95(1000.0)


def prepared(name: str, read: EvidenceSet, expected: str) -> Prepared:
    status = Status.DIAGNOSED if expected == "bad" else Status(expected)
    wanted = Expected(status=status, diagnosis=expected)
    case = Case(name=name, place=PLACE, now=END, expected=wanted)
    return Prepared(case=case, runbook=BOOK, evidence=read, window=WINDOW)


@dataclass(slots=True)
class Judging:
    """Walks, compares the id, and remembers which tests it was asked about."""

    asked: list[str] = field(default_factory=list)

    def __call__(self, one: Prepared) -> Outcome:
        self.asked.append(one.case.name)
        found = walk(one.runbook, one.evidence, one.window)
        assert isinstance(found, Diagnosis)
        wanted = one.case.expected.diagnosis or ""
        different = (Difference(what="diagnosis", expected=wanted, got=found.id),)
        return Outcome(
            case=one.case, diagnosis=found, differences=() if found.id == wanted else different
        )


def never(case: Case, book: Runbook) -> Prepared:
    raise AssertionError(f"{case.name} needs no other evidence of {book.name}")


def fates(*cases: Prepared, only: str = "", judge: Judging | None = None) -> list[Fate]:
    judging = judge or Judging()
    trial = Trial(
        loaded=BOOK, tests=as_it_is(cases, judging), prepare=never, judge=judging, quick=judging
    )
    judging.asked.clear()
    chosen = [one for one in mutants(BOOK) if one.id.startswith(only) and not one.reads]
    return list(trial.fates(chosen))


def survivors(found: Sequence[Fate]) -> list[str]:
    return [fate.mutant.id for fate in found if fate.survived]


def test_values_beside_the_limits_kill_what_changes_them() -> None:
    cases = [
        prepared("slow", SLOW, "bad"),
        prepared("at the limit", p95(2000.0), "inconclusive"),
        prepared("fast", FAST, "healthy"),
        prepared("just below", p95(1801.0), "inconclusive"),
        prepared("just above", p95(2199.0), "bad"),
        prepared("hardly on", p95(1001.0), "inconclusive"),
    ]
    assert survivors(fates(*cases)) == [
        "trigger: on_missing inconclusive becomes next",
    ]


def test_without_a_value_at_the_limit_its_boundary_survives() -> None:
    cases = [prepared("slow", SLOW, "bad"), prepared("middling", MIDDLING, "inconclusive")]
    assert survivors(fates(*cases, only="nodes/slow")) == ["nodes/slow/0: > becomes >="]


def test_a_test_that_does_not_walk_past_a_change_is_not_run() -> None:
    judging = Judging()
    found = fates(prepared("fast", FAST, "healthy"), only="nodes/slow", judge=judging)
    assert judging.asked == []
    assert [fate.walked for fate in found] == [(), ()]


def test_the_first_test_that_fails_is_enough() -> None:
    judging = Judging()
    cases = [prepared("middling", MIDDLING, "inconclusive"), prepared("slow", SLOW, "bad")]
    fates(*cases, only="nodes/slow/0: > becomes <=", judge=judging)
    assert judging.asked == ["middling"]


def test_a_quick_walk_has_not_the_last_word_on_how_sure_a_diagnosis_is() -> None:
    def hasty(one: Prepared) -> Outcome:
        wrong = Difference(what="verdict", expected="confirmed", got="likely")
        return Outcome(case=one.case, differences=(wrong,))

    judging = Judging()
    tests = as_it_is([prepared("slow", SLOW, "bad")], judging)
    trial = Trial(loaded=BOOK, tests=tests, prepare=never, judge=judging, quick=hasty)
    chosen = [one for one in mutants(BOOK) if one.id == "nodes/slow/0: > becomes >="]
    assert [fate.killed_by for fate in trial.fates(chosen)] == [""]


def test_evidence_that_is_gone_is_noticed_by_what_is_then_concluded() -> None:
    found = fates(prepared("slow", SLOW, "bad"), only="evidence/p95 is")
    assert [(fate.mutant.id, fate.killed_by) for fate in found] == [
        ("evidence/p95 is never there", "slow")
    ]


def test_a_runbook_that_can_no_longer_be_walked_is_noticed() -> None:
    def broken(_: Runbook) -> Runbook:
        raise RunbookError("the tree leads back")

    judging = Judging()
    one = mutants(BOOK)[-1]
    mutant = Mutant(
        id="broken",
        kind=one.kind,
        place=PLACE,
        seen_at=frozenset({"trigger"}),
        hint="",
        change=broken,
    )
    tests = as_it_is([prepared("fast", FAST, "healthy")], judging)
    trial = Trial(loaded=BOOK, tests=tests, prepare=never, judge=judging, quick=judging)
    assert [fate.killed_by for fate in trial.fates([mutant])] == ["fast"]


def equivalent(mutant: str) -> Equivalent:
    return Equivalent(mutant=mutant, because="so it is", place=PLACE)


def test_a_survivor_is_accepted_with_a_reason_and_only_a_true_one() -> None:
    cases = [prepared("slow", SLOW, "bad"), prepared("middling", MIDDLING, "inconclusive")]
    found = fates(*cases, only="nodes/slow")
    accepted = mutation("book", "book.test.yaml", 2, found, [equivalent(found[0].mutant.id)])
    assert (accepted.sound, accepted.mutants, accepted.killed) == (True, 2, 1)
    assert [one.equivalent.because for one in accepted.justified] == ["so it is"]

    wrong = mutation(
        "book",
        "book.test.yaml",
        2,
        found,
        [
            equivalent("nodes/slow/0: > becomes >="),
            equivalent("nodes/slow/0: > becomes <="),
            equivalent("nodes/slow/0: > becomes >=="),
            equivalent("nodes/slow/0: > becomes >="),
        ],
    )
    assert not wrong.sound
    assert [(one.equivalent.mutant, one.why, one.hint) for one in wrong.wrong] == [
        (
            "nodes/slow/0: > becomes <=",
            "it is no equivalent: `slow` fails with it",
            "delete the entry",
        ),
        (
            "nodes/slow/0: > becomes >==",
            "there is no such mutant",
            'did you mean "nodes/slow/0: > becomes >="?',
        ),
        ("nodes/slow/0: > becomes >=", "it is listed twice", ""),
    ]


def test_an_unjustified_survivor_is_not_sound() -> None:
    found = fates(prepared("slow", SLOW, "bad"), only="nodes/slow")
    told = mutation("book", "book.test.yaml", 1, found, [])
    assert (told.sound, survivors(told.survivors)) == (False, ["nodes/slow/0: > becomes >="])
