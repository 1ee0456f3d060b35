"""A whole walk: from evidence to a diagnosis, compared whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.diagnose.walk import walk
from mangaops.errors import InputError, RunbookError
from mangaops.model.diagnosis import (
    Answers,
    Check,
    Coverage,
    Diagnosis,
    PathStep,
    Recommendation,
    Verdict,
)
from mangaops.model.evidence import EvidenceSet, EvidenceState, Value
from mangaops.model.runbook import Branch, RemedyKind, Runbook, Severity, Status, Urgency
from support.evidence_building import (
    WINDOW,
    ask,
    condition,
    evidence,
    group,
    lost,
    metric,
    node,
    outcome,
    runbook,
    scope,
    series,
)

NAMES = scope(
    {
        "p95": metric(),
        "by": metric(by=["Intent"]),
        "model": metric(),
        "nat": metric(sparse=True),
        "degraded": metric(sparse=True),
    },
    {"limit": 2000, "target": 8},
    units={"p95": "ms", "limit": "ms", "model": "ms"},
    titles={"p95": "first-token p95", "nat": "NAT idle time-outs", "by": "p95 by intent"},
)
SLOW_MODEL = node(
    "model-slow",
    NAMES,
    ("yes", "latest(model) > 1500", "cold", "next"),
    ("no", None, "other", None),
)
WHICH = node(
    "which",
    NAMES,
    ("all", "all(latest(s) > limit for s in by)", "model-slow", "inconclusive"),
    ("some", None, "person", None),
)
PERSON = ask("person", "other", yes="cold", no="inconclusive", nothing="other")
COLD = outcome(
    "cold",
    NAMES,
    cause="The model answers in {latest(model):ms}.",
    confirm={"sum(nat) > 0": "No NAT idle time-out was seen, so it is not proven."},
    report=["Idle time-outs: {sum(nat):count}"],
    rules={"latest(p95) > 4000": Severity.SEV_1, "latest(p95) > 3000": Severity.SEV_3},
    commands={"scale-out": "scale-out --to {target}"},
    prevention=("Alarm on it",),
    continue_with="rag-timeout",
)
OTHER = outcome("other", NAMES, at_most_likely="Nobody measured it.")
FINE = outcome("fine", NAMES, status=Status.HEALTHY)
BOOK = runbook(
    NAMES,
    when="min(p95) > limit",
    healthy="p95 is {latest(p95):ms}.",
    nodes=[WHICH, SLOW_MODEL, PERSON],
    outcomes=[COLD, OTHER, FINE],
    report=["Degraded answers: {sum(degraded):count}"],
)
ALL_SLOW: dict[str, Value | EvidenceState] = {
    "p95": series(2400.0, 2500.0),
    "by": group("Intent", {"faq": [2600.0]}),
    "model": series(1800.0),
    "nat": series(3, sparse=True),
    "degraded": series(7, sparse=True),
}


def read(**other: Value | EvidenceState) -> EvidenceSet:
    return evidence(**{**ALL_SLOW, **other})


def diagnosed(
    known: EvidenceSet, book: Runbook = BOOK, *, force: bool = False, **given: str
) -> Diagnosis:
    found = walk(book, known, WINDOW, answers=Answers(given=given), force=force)
    assert isinstance(found, Diagnosis), found
    return found


P95_CHECK = Check(
    expression="min(p95) > limit",
    result=True,
    observed=2400.0,
    threshold=2000,
    margin=0.2,
    evidence=("p95",),
    unit="ms",
)


def test_a_confirmed_diagnosis() -> None:
    assert diagnosed(read()) == Diagnosis(
        runbook="book",
        runbook_digest="d" * 64,
        status=Status.DIAGNOSED,
        verdict=Verdict.CONFIRMED,
        id="cold",
        title="The cold",
        severity=Severity.SEV_2,
        cause="The model answers in 1,800 ms.",
        path=(
            PathStep(
                node="trigger",
                question="Is it slow?",
                answer="yes",
                goto="which",
                checks=(P95_CHECK,),
            ),
            PathStep(
                node="which",
                question="Which which?",
                answer="all",
                goto="model-slow",
                checks=(
                    Check(
                        expression="latest(s) > limit",
                        result=True,
                        observed=2600.0,
                        threshold=2000,
                        margin=0.3,
                        evidence=("by",),
                        subject="Intent=faq",
                        unit="ms",
                    ),
                ),
            ),
            PathStep(
                node="model-slow",
                question="Which model-slow?",
                answer="yes",
                goto="cold",
                checks=(
                    Check(
                        expression="latest(model) > 1500",
                        result=True,
                        observed=1800.0,
                        threshold=1500,
                        margin=0.2,
                        evidence=("model",),
                        unit="ms",
                    ),
                ),
            ),
        ),
        coverage=Coverage(checked=4, of=4),
        confirmations=(
            Check(
                expression="sum(nat) > 0", result=True, observed=3.0, threshold=0, evidence=("nat",)
            ),
        ),
        report=("Idle time-outs: 3", "Degraded answers: 7"),
        remedies=(
            Recommendation(
                id="scale-out",
                title="scale-out",
                urgency=Urgency.IMMEDIATE,
                kind=RemedyKind.EXECUTABLE,
                arguments="scale-out --to 8",
            ),
        ),
        prevention=("Alarm on it",),
        continue_with="rag-timeout",
    )


def test_the_same_evidence_gives_the_same_diagnosis() -> None:
    assert repr(diagnosed(read())) == repr(diagnosed(read()))


def test_a_trigger_that_does_not_hold_is_health() -> None:
    known = evidence(p95=series(2400.0, 2000.0))

    assert diagnosed(known) == Diagnosis(
        runbook="book",
        runbook_digest="d" * 64,
        status=Status.HEALTHY,
        verdict=Verdict.NONE,
        id="healthy",
        title="No incident: the trigger does not hold",
        severity=None,
        cause="p95 is 2,000 ms.",
        path=(
            PathStep(
                node="trigger",
                question="Is it slow?",
                answer="no",
                goto="healthy",
                checks=(replace(P95_CHECK, result=False, observed=2000.0, margin=0.0),),
            ),
        ),
        coverage=Coverage(checked=1, of=1),
    )


def test_a_trigger_that_is_unknown_is_not_health() -> None:
    known = EvidenceSet(items={"p95": lost("p95", detail="AccessDenied, GetMetricData")})

    found = diagnosed(known)

    assert (found.status, found.id, found.severity, found.title) == (
        Status.INCONCLUSIVE,
        "inconclusive",
        None,
        "Not enough was seen",
    )
    assert found.cause == (
        'At trigger ("Is it slow?") the evidence does not suffice. Not seen: first-token p95 '
        "(denied: AccessDenied, GetMetricData)."
    )
    assert found.path[0].missing is True
    assert found.coverage == Coverage(checked=0, of=1, missing=("p95",))
    assert found.report == ()


def test_a_forced_walk_goes_on_and_is_at_most_likely() -> None:
    found = diagnosed(read(p95=series(100.0)), force=True)

    assert (found.id, found.verdict) == ("cold", Verdict.LIKELY)
    assert (found.path[0].answer, found.path[0].goto) == ("no, forced", "which")
    assert found.reasons == ("The trigger does not hold; the walk was forced.",)


def test_a_forced_walk_goes_on_where_the_trigger_is_unknown() -> None:
    found = diagnosed(read(p95=EvidenceState.TIMEOUT), force=True)

    assert (found.id, found.verdict) == ("cold", Verdict.LIKELY)
    assert "Not seen: first-token p95 (timeout)." in found.reasons


def test_an_unknown_trigger_can_lead_to_a_node() -> None:
    book = replace(BOOK, trigger=replace(BOOK.trigger, on_missing="which"))

    found = diagnosed(read(p95=EvidenceState.NO_DATA), book)

    assert (found.id, found.verdict) == ("cold", Verdict.LIKELY)
    assert found.reasons == ("Not seen: first-token p95 (no data).",)


@pytest.mark.parametrize(
    ("nat", "reasons"),
    [
        (
            series(0, sparse=True),
            ("No NAT idle time-out was seen, so it is not proven.",),
        ),
        (EvidenceState.DENIED, ("Not seen: NAT idle time-outs (denied).",)),
    ],
)
def test_without_its_confirmation_a_diagnosis_is_likely(
    nat: Value | EvidenceState, reasons: tuple[str, ...]
) -> None:
    found = diagnosed(read(nat=nat))

    assert (found.verdict, found.reasons) == (Verdict.LIKELY, reasons)


def test_missing_evidence_at_a_node_leads_to_inconclusive_and_tells_what_was_answered() -> None:
    found = diagnosed(read(by=EvidenceState.DENIED))

    assert (found.id, found.status, found.verdict, found.severity) == (
        "inconclusive",
        Status.INCONCLUSIVE,
        Verdict.NONE,
        Severity.SEV_2,
    )
    assert found.cause == (
        'At which ("Which which?") the evidence does not suffice. Not seen: p95 by intent '
        "(denied). Answered so far: Is it slow? yes."
    )
    assert found.path[-1].answer == "not known"
    assert found.coverage == Coverage(checked=1, of=2, missing=("by",))
    assert found.report == ("Degraded answers: 7",)


def test_an_unknown_branch_with_next_tries_the_next_and_lowers_the_verdict() -> None:
    book = replace(BOOK, outcomes={**BOOK.outcomes, "other": outcome("other", NAMES)})

    found = diagnosed(read(model=EvidenceState.STALE), book)

    assert (found.id, found.verdict) == ("other", Verdict.LIKELY)
    assert found.path[-1] == PathStep(
        node="model-slow",
        question="Which model-slow?",
        answer="no",
        goto="other",
        checks=(
            Check(
                expression="latest(model) > 1500",
                result=None,
                threshold=1500,
                evidence=("model",),
                unit="ms",
                missing=("model",),
            ),
        ),
        missing=True,
    )
    assert found.reasons == ("Not seen: model (stale).",)


def test_an_outcome_can_never_be_more_than_likely() -> None:
    found = diagnosed(read(model=series(100.0)))

    assert (found.id, found.verdict) == ("other", Verdict.LIKELY)
    assert found.reasons == ("Nobody measured it.",)


def test_gaps_in_a_deciding_series_lower_the_verdict() -> None:
    holes = series(*[2400.0] * 7, None, None, 2400.0)

    found = diagnosed(read(p95=holes))

    assert (found.id, found.verdict) == ("cold", Verdict.LIKELY)
    assert found.reasons == ("Gaps in first-token p95: it weighs less.",)


def test_a_member_that_was_left_out_lowers_the_verdict() -> None:
    which = node(
        "which",
        NAMES,
        ("all", "all(latest(s) > limit for s in by if known(s))", "model-slow", "inconclusive"),
        ("some", None, "person", None),
    )
    book = replace(BOOK, nodes={**BOOK.nodes, "which": which})
    by = group("Intent", {"faq": [2600.0], "order": [None]})

    found = diagnosed(read(by=by), book)

    assert (found.id, found.verdict) == ("cold", Verdict.LIKELY)
    assert found.reasons == ("Left out: p95 by intent of Intent=order (no datapoint).",)
    assert found.coverage == Coverage(checked=3, of=4, missing=("by",))


@pytest.mark.parametrize(
    ("p95", "severity"),
    [(3500.0, Severity.SEV_3), (4500.0, Severity.SEV_1), (2500.0, Severity.SEV_2)],
)
def test_the_first_true_severity_rule_wins_over_the_runbooks(
    p95: float, severity: Severity
) -> None:
    assert diagnosed(read(p95=series(p95))).severity is severity


def test_an_outcomes_own_severity_wins() -> None:
    own = replace(COLD, severity=Severity.SEV_4)

    assert diagnosed(read(), replace(BOOK, outcomes={"cold": own})).severity is Severity.SEV_4


def test_no_branch_that_holds_is_inconclusive() -> None:
    only = node("which", NAMES, ("slow", "latest(model) > 9999", "cold", "next"))

    found = diagnosed(read(), replace(BOOK, nodes={"which": only}))

    assert (found.id, found.title) == ("inconclusive", "No known cause fits")
    assert found.cause == (
        'At which ("Which which?") none of the answers holds. Answered so far: Is it slow? yes.'
    )


def test_a_tree_that_ends_without_a_cause_tells_all_answers() -> None:
    nodes = {"which": node("which", NAMES, ("none", None, "inconclusive", None))}

    found = diagnosed(read(), replace(BOOK, nodes=nodes))

    assert found.cause == (
        "No cause that this runbook knows fits. Answered so far: Is it slow? yes; "
        "Which which? none."
    )


@pytest.mark.parametrize("status", [Status.HEALTHY, Status.INCONCLUSIVE])
def test_an_outcome_of_another_status_keeps_its_id_and_has_no_verdict(status: Status) -> None:
    ends = node("which", NAMES, ("so", None, "fine", None))
    fine = outcome("fine", NAMES, status=status, at_most_likely="x")

    found = diagnosed(read(), replace(BOOK, nodes={"which": ends}, outcomes={"fine": fine}))

    assert (found.id, found.status, found.verdict, found.reasons) == (
        "fine",
        status,
        Verdict.NONE,
        (),
    )
    assert found.severity is (None if status is Status.HEALTHY else Severity.SEV_2)


SOME_SLOW = read(by=group("Intent", {"faq": [100.0]}))


@pytest.mark.parametrize(
    ("said", "goes_to"),
    [("yes", "cold"), ("YES", "cold"), (" y ", "cold"), ("not", "other"), ("no", "inconclusive")],
)
def test_a_person_answers_by_the_text_or_a_unique_beginning(said: str, goes_to: str) -> None:
    found = diagnosed(SOME_SLOW, person=said)

    assert found.id == goes_to
    assert found.path[-1].missing is False


def test_a_question_that_nobody_answers_follows_on_missing() -> None:
    book = replace(BOOK, outcomes={**BOOK.outcomes, "other": outcome("other", NAMES)})

    found = diagnosed(SOME_SLOW, book, person="  ")

    assert (found.id, found.verdict) == ("other", Verdict.LIKELY)
    assert found.path[-1] == PathStep(
        node="person",
        question="Do you know person?",
        answer="not answered",
        goto="other",
        missing=True,
    )
    assert found.reasons == ('"Do you know person?" was not answered.',)


@pytest.mark.parametrize("said", ["maybe", "n", "yes!"])
def test_an_answer_that_fits_no_option_is_refused_with_the_options(said: str) -> None:
    with pytest.raises(InputError) as caught:
        diagnosed(SOME_SLOW, person=said)

    assert caught.value.what == f"`{said}` is no answer to `person`: Do you know person?"
    assert caught.value.where == "--answer person"
    assert caught.value.hint == "answer `yes` or `no` or `nothing`"


def test_a_tree_that_leads_back_ends_with_an_error() -> None:
    back = node("which", NAMES, ("again", None, "which", None))

    with pytest.raises(RunbookError, match="the tree leads back to `which`"):
        diagnosed(read(), replace(BOOK, nodes={"which": back}))


def test_a_tree_that_leads_nowhere_ends_with_an_error() -> None:
    lost_way = node("which", NAMES, ("on", None, "nowhere", None))

    with pytest.raises(RunbookError, match="the tree leads to `nowhere`, which it does not have"):
        diagnosed(read(), replace(BOOK, nodes={"which": lost_way}))


def test_a_branch_without_on_missing_is_inconclusive_when_unknown() -> None:
    bare = Branch(
        answer="x",
        goto="cold",
        when=condition("latest(model) > 1", NAMES),
        on_missing=None,
        place=WHICH.place,
    )
    book = replace(BOOK, nodes={"which": replace(WHICH, branches=(bare,))})

    assert diagnosed(read(model=EvidenceState.DENIED), book).id == "inconclusive"
