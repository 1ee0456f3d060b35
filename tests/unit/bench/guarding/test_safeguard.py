"""Whether a slower prompt is taken back without a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mangaops.bench.comparing.comparison import (
    ArmSummary,
    Comparison,
    Doubt,
    Reason,
    Report,
    Verdict,
)
from mangaops.bench.guarding.safeguard import (
    Activation,
    Condition,
    End,
    Hold,
    Leave,
    Missing,
    Proof,
    RollBack,
    decision,
    runs_of,
    undecided,
    worst,
)
from mangaops.errors import AwsDenied, ExitCode
from mangaops.model.change import Change, RunStatus

NOW = datetime(2026, 1, 7, 6, 0, tzinfo=UTC)
PROOF = Proof(runs=("b-1",), began=NOW - timedelta(minutes=20))
SEVERE = Comparison(
    intent="recommendation",
    verdict=Verdict.FAIL,
    baseline=ArmSummary(version="v2.0", samples=100, failures=0),
    candidate=ArmSummary(version="v2.1", samples=100, failures=0),
    severity="SEV-1",
    ratio=1.62,
    low=1.41,
    high=1.9,
)
ACTIVE = Activation(
    intent="recommendation",
    version="v2.1",
    activated_at=NOW - timedelta(minutes=40),
    before="v2.0",
)
GIVEN = Leave(environment="prod", wanted=True, allowed=True, reaction=timedelta(hours=1))
BY_HAND = "rollback-prompt recommendation --to v2.0"


def held(
    comparison: Comparison = SEVERE, activation: Activation = ACTIVE, leave: Leave = GIVEN
) -> Hold:
    found = decision(comparison, activation, leave, NOW, PROOF)
    assert isinstance(found, Hold)
    return found


def test_when_all_holds_the_previous_version_is_put_back_with_the_reason() -> None:
    assert decision(SEVERE, ACTIVE, GIVEN, NOW, PROOF) == RollBack(
        intent="recommendation",
        now="v2.1",
        then="v2.0",
        reason=(
            "approved beforehand by --auto-rollback: SEV-1, p95 of recommendation v2.1 is "
            "1.62 times that of v2.0 (95 % limits 1.41 to 1.90); benchmark run b-1"
        ),
    )


def test_the_seeds_own_example_is_told_as_too_mild_with_the_command_to_type() -> None:
    sev2 = replace(SEVERE, severity="SEV-2", ratio=1.33, low=1.21, high=1.44)
    text = "SEV-2: only SEV-1 is rolled back by itself (p95 more than 50 % slower)"
    assert held(sev2) == Hold(
        intent="recommendation",
        missing=(Missing(condition=Condition.SEVERITY, text=text),),
        command=BY_HAND,
    )


def because(doubt: Doubt, *, decides: bool) -> Comparison:
    return replace(SEVERE, reasons=(Reason(doubt=doubt, text="why", decides=decides),))


@pytest.mark.parametrize(
    ("comparison", "text"),
    [
        (because(Doubt.DIFFERENT_CONDITIONS, decides=True), "it is not confirmed: why"),
        (because(Doubt.SAME_PROMPT, decides=False), "it is not confirmed: why"),
        *(
            (
                replace(SEVERE, low=low),
                "it is not confirmed: the lower limit of the ratio is not above 1",
            )
            for low in (None, 1.0, 0.4)
        ),
    ],
    ids=["conditions", "same-prompt", "no-limit", "one", "below"],
)
def test_what_is_not_confirmed_is_left_alone(comparison: Comparison, text: str) -> None:
    assert held(comparison).missing == (Missing(condition=Condition.CONFIRMED, text=text),)


def test_a_doubt_that_decides_nothing_and_a_version_that_only_fails_do_not_hold_it_back() -> None:
    doubtful = because(Doubt.DRIFT, decides=False)
    failing = replace(SEVERE, ratio=float("inf"), low=float("inf"), high=None)
    for comparison in (doubtful, failing):
        assert isinstance(decision(comparison, ACTIVE, GIVEN, NOW, PROOF), RollBack)


def test_what_was_not_measured_interleaved_is_left_to_a_person() -> None:
    found = held(because(Doubt.NOT_INTERLEAVED, decides=False))
    assert [one.condition for one in found.missing] == [Condition.INTERLEAVED]
    assert "not measured interleaved" in found.missing[0].text
    assert (found.command, found.refused) == (BY_HAND, False)


@pytest.mark.parametrize(
    ("changed", "condition", "text"),
    [
        (
            {"version": "v2.2"},
            Condition.ACTIVE,
            "v2.2 is active, and v2.1 was measured",
        ),
        (
            {"version": None, "why": "2 versions of recommendation are active at once"},
            Condition.ACTIVE,
            "2 versions of recommendation are active at once",
        ),
        (
            {"activated_at": NOW - timedelta(hours=1, seconds=90)},
            Condition.RECENT,
            "v2.1 was activated 61m ago, and 1h is the limit",
        ),
        (
            {"activated_at": None},
            Condition.RECENT,
            "when v2.1 was activated is not known",
        ),
        (
            {"activated_at": NOW + timedelta(hours=1)},
            Condition.RECENT,
            "v2.1 is said to be activated in the future (2026-01-07T07:00:00Z)",
        ),
        (
            {"before": None, "why": "v2.1 is the only version of recommendation"},
            Condition.BASELINE,
            "v2.1 is the only version of recommendation",
        ),
        (
            {"before": "v1.9"},
            Condition.BASELINE,
            "v1.9 was active before v2.1, and not v2.0",
        ),
    ],
    ids=["other", "several", "old", "unknown-time", "future", "only", "other-baseline"],
)
def test_another_activation_is_not_touched(
    changed: dict[str, object], condition: Condition, text: str
) -> None:
    activation = replace(ACTIVE, **changed)  # type: ignore[arg-type]
    found = held(activation=activation)
    assert found.missing == (Missing(condition=condition, text=text),)
    assert not found.refused


@pytest.mark.parametrize(
    ("age", "rolls_back"),
    [(0, True), (3600, True), (3601, False), (-299, True), (-301, False)],
)
def test_an_activation_is_recent_for_the_time_of_reaction(age: int, rolls_back: bool) -> None:
    activation = replace(ACTIVE, activated_at=NOW - timedelta(seconds=age))
    found = decision(SEVERE, activation, GIVEN, NOW, PROOF)
    assert isinstance(found, RollBack) is rolls_back


@pytest.mark.parametrize(
    ("leave", "condition", "refused"),
    [
        (replace(GIVEN, wanted=False), Condition.WANTED, False),
        (replace(GIVEN, allowed=False), Condition.ALLOWED, True),
        (replace(GIVEN, dry_run=True), Condition.DRY_RUN, False),
        (replace(GIVEN, forbidden=("guardrail freeze: weekend",)), Condition.GUARDRAILS, True),
    ],
    ids=["wanted", "allowed", "dry-run", "freeze"],
)
def test_nothing_is_done_without_leave(leave: Leave, condition: Condition, refused: bool) -> None:
    found = held(leave=leave)
    assert [one.condition for one in found.missing] == [condition]
    assert (found.command, found.refused) == (BY_HAND, refused)


DOUBTS = (Doubt.TOO_FEW, Doubt.NOT_INTERLEAVED)


def test_all_that_is_missing_is_told_at_once() -> None:
    reasons = tuple(Reason(doubt=each, text="why", decides=True) for each in DOUBTS)
    comparison = replace(SEVERE, severity=None, reasons=reasons, verdict=Verdict.INCONCLUSIVE)
    activation = replace(ACTIVE, activated_at=None, before=None)
    leave = replace(GIVEN, wanted=False, allowed=False, dry_run=True, forbidden=("freeze",))
    found = held(comparison, activation, leave)
    unknown = {Condition.ACTIVE, Condition.PLACE, Condition.TEXT, Condition.FRESH, Condition.KNOWN}
    every = [one for one in Condition if one not in unknown]
    assert sorted(one.condition for one in found.missing) == sorted(every)
    assert found.command == ""


@pytest.mark.parametrize(
    ("proof", "condition"),
    [
        (replace(PROOF, elsewhere=("measured in sandbox, and not in prod",)), Condition.PLACE),
        (replace(PROOF, other_texts=("the text of v2.0 is another one",)), Condition.TEXT),
    ],
    ids=["elsewhere", "another-text"],
)
def test_what_was_not_measured_here_as_it_is_moves_nothing(
    proof: Proof, condition: Condition
) -> None:
    found = decision(SEVERE, ACTIVE, GIVEN, NOW, proof)
    assert isinstance(found, Hold)
    assert ([one.condition for one in found.missing], found.command) == ([condition], "")
    assert not found.refused


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(minutes=60), ""),
        (timedelta(minutes=61), "it was measured 61m ago, and 1h is the limit"),
        (timedelta(days=20), "it was measured 20d ago, and 1h is the limit"),
        (
            timedelta(minutes=-6),
            "it is said to be measured in the future (2026-01-07T06:06:00Z)",
        ),
    ],
    ids=["fresh", "stale", "old", "future"],
)
def test_old_figures_take_nothing_back(age: timedelta, text: str) -> None:
    found = decision(SEVERE, ACTIVE, GIVEN, NOW, replace(PROOF, began=NOW - age))
    assert isinstance(found, Hold) is bool(text)
    if isinstance(found, Hold):
        assert found.missing == (Missing(condition=Condition.FRESH, text=text),)
        assert found.command == BY_HAND


def test_a_doubt_that_does_not_decide_stands_in_the_journal() -> None:
    doubt = Reason(doubt=Doubt.UNFINISHED, text="the run did not finish")
    found = decision(replace(SEVERE, reasons=(doubt,)), ACTIVE, GIVEN, NOW, PROOF)
    assert isinstance(found, RollBack)
    assert found.reason.endswith("benchmark run b-1; doubts: the run did not finish")


def test_what_cannot_be_read_leaves_the_verdict_and_the_way_back_by_hand() -> None:
    end = undecided(SEVERE, AwsDenied("you may not", where="dynamodb:Query", hint="ask"))
    assert isinstance(end.decision, Hold)
    text = "what is needed to decide cannot be read: dynamodb:Query: you may not"
    assert end.decision.missing == (Missing(condition=Condition.KNOWN, text=text),)
    assert (end.decision.command, end.hint, end.exit_code) == (BY_HAND, "ask", 3)


def test_what_is_not_active_is_nothing_to_roll_back_by_hand() -> None:
    assert held(activation=replace(ACTIVE, version="v2.2")).command == ""


def test_nobody_is_sent_back_to_a_version_that_is_no_better() -> None:
    same = Reason(doubt=Doubt.SAME_PROMPT, text="the same prompt")
    for one in (replace(SEVERE, ratio=0.9, low=0.8), replace(SEVERE, reasons=(same,))):
        found = decision(one, ACTIVE, replace(GIVEN, wanted=False), NOW, PROOF)
        assert isinstance(found, Hold)
        assert found.command == ""


def test_a_report_is_asked_for_what_failed_and_where_it_was_measured() -> None:
    fine = replace(SEVERE, intent="faq", verdict=Verdict.PASS, severity=None)
    report = Report(comparisons=(fine, SEVERE), baseline_run="b-1", candidate_run="b-1")
    assert report.failed == (SEVERE,)
    assert runs_of(report) == ("b-1",)
    assert runs_of(replace(report, candidate_run="b-2")) == ("b-1", "b-2")


DECIDED = RollBack(intent="faq", now="v2", then="v1", reason="why")


def changed(status: RunStatus, *, interrupted: bool = False) -> End:
    change = Change(run="r-1", status=status, plan=None, interrupted=interrupted)
    return End(decision=DECIDED, change=change)


NOT_ASKED = End(decision=held(leave=replace(GIVEN, wanted=False)))
FORBIDDEN = End(decision=held(leave=replace(GIVEN, allowed=False)))
LOCKED = End(decision=DECIDED, refused="another run holds the lock")
DENIED = End(decision=DECIDED, failed="dynamodb:TransactWriteItems: denied")
STOPPED = End(decision=DECIDED, failed="stopped by Ctrl-C", interrupted=True)


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        ([], 3),
        ([NOT_ASKED], 3),
        ([FORBIDDEN], 5),
        ([LOCKED], 5),
        ([DENIED], 3),
        ([STOPPED], 130),
        ([changed(RunStatus.VERIFIED)], 3),
        ([changed(RunStatus.UNVERIFIED)], 6),
        ([changed(RunStatus.PARTIAL)], 6),
        ([changed(RunStatus.PARTIAL, interrupted=True)], 130),
        ([changed(RunStatus.VERIFIED), LOCKED], 5),
        ([LOCKED, changed(RunStatus.UNVERIFIED)], 6),
    ],
)
def test_a_failed_gate_stays_failed_whatever_the_safeguard_did(ends: list[End], code: int) -> None:
    assert worst(ends) is ExitCode(code)
