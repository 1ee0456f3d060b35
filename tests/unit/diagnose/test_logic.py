"""True, false, unknown, and not read yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.diagnose.evaluate import Evaluation, evaluate
from mangaops.model.evidence import EvidenceSet, EvidenceState
from mangaops.model.query import EcsServiceQuery
from support.evidence_building import (
    condition,
    evidence,
    facts,
    group,
    logs,
    metric,
    ok,
    record,
    scope,
    series,
    table,
)

NAMES = scope(
    {
        "high": metric(),
        "low": metric(),
        "denied": metric(),
        "unread": metric(),
        "later": metric(),
        "by": metric(by=["Intent"]),
        "rows_unread": logs(n="number"),
        "service": EcsServiceQuery(cluster="c", service="s"),
    },
    {"limit": 5, "sure": True},
    definitions={"is_high": "latest(high) > limit", "lost": "latest(denied)"},
)
READ = evidence(
    high=series(9.0),
    low=series(1.0),
    denied=EvidenceState.DENIED,
    by=group("Intent", {"faq": [9.0], "order": [None]}),
    service=record(desired=1),
)
T, F = "latest(high) > limit", "latest(low) > limit"
U, P = "latest(denied) > limit", "latest(unread) > limit"
TRUE, FALSE, UNKNOWN, PENDING = "true", "false", "unknown", "pending"


def asked(source: str, read: EvidenceSet = READ) -> Evaluation:
    return evaluate(condition(source, NAMES), facts(NAMES, read))


def word(found: Evaluation) -> str:
    if found.pending:
        return PENDING
    return {True: TRUE, False: FALSE, None: UNKNOWN}[found.truth]


TRUTHS = [
    (T, TRUE),
    (F, FALSE),
    (U, UNKNOWN),
    (P, PENDING),
    *[
        (f"{a} or {b}", answer)
        for a, b, answer in [
            (T, F, TRUE), (T, U, TRUE), (T, P, TRUE), (U, T, TRUE), (P, T, TRUE), (F, T, TRUE),
            (F, F, FALSE), (F, U, UNKNOWN), (U, F, UNKNOWN), (U, U, UNKNOWN),
            (F, P, PENDING), (P, F, PENDING), (U, P, PENDING), (P, U, PENDING),
        ]
    ],
    *[
        (f"{a} and {b}", answer)
        for a, b, answer in [
            (T, T, TRUE), (T, F, FALSE), (F, U, FALSE), (F, P, FALSE), (U, F, FALSE),
            (P, F, FALSE), (T, U, UNKNOWN), (U, T, UNKNOWN), (T, P, PENDING), (P, T, PENDING),
            (U, P, PENDING), (P, U, PENDING),
        ]
    ],
    (f"not ({T})", FALSE),
    (f"not ({U})", UNKNOWN),
    (f"not ({P})", PENDING),
    (f"{T} if sure else {P}", TRUE),
    (f"{P} if {T} else {F}", PENDING),
    (f"{T} if {U} else {T}", UNKNOWN),
    (f"{T} if {P} else {T}", PENDING),
    ("is_high", TRUE),
    ("not is_high", FALSE),
    ("lost > 1", UNKNOWN),
    ("1 < latest(high) < latest(low)", FALSE),
    ("9 < latest(low) < latest(denied)", FALSE),
    ("0 < latest(low) < latest(denied)", UNKNOWN),
    ("latest(unread) + latest(denied) > 1", PENDING),
    ("known(high)", TRUE),
    ("known(denied)", FALSE),
    ("known(unread)", PENDING),
    ("not known(denied)", TRUE),
    ("known(by)", TRUE),
    ("any(latest(s) > limit or latest(unread) > 1 for s in by)", TRUE),
    ("any(latest(s) > 99 or latest(unread) > 1 for s in by)", PENDING),
    ("all(latest(s) > limit for s in by)", UNKNOWN),
    ("all(latest(s) > 99 for s in by)", FALSE),
    ("any(latest(s) > limit for s in by if latest(denied) > 1)", UNKNOWN),
    ("any(latest(s) > 99 for s in by if latest(denied) > 1 and known(s))", UNKNOWN),
    ("all(latest(s) > limit for s in by if latest(denied) > 1 and known(s))", UNKNOWN),
    ("all(latest(s) > 1 for s in by if latest(denied) > 1 and s.Intent == 'faq')", UNKNOWN),
    ("all(latest(s) > 1 for s in by if latest(unread) > 1 and s.Intent == 'faq')", PENDING),
    ("any(latest(s) > 99 for s in by if latest(unread) > 1 and s.Intent == 'faq')", PENDING),
    ("any(r.n > 1 for r in rows_unread)", PENDING),
    ("service.pending > 1", UNKNOWN),
    ("sure", TRUE),
    ("False", FALSE),
]  # fmt: skip


@pytest.mark.parametrize(("source", "answer"), TRUTHS)
def test_truth(source: str, answer: str) -> None:
    assert word(asked(source)) == answer


def test_pending_names_all_that_could_still_decide() -> None:
    assert asked(f"{P} and latest(later) > 1").pending == {"unread", "later"}
    assert asked(f"{U} and {P}").pending == {"unread"}


def test_a_generator_over_unread_rows_asks_for_all_that_it_mentions() -> None:
    found = asked("any(r.n > latest(later) for r in rows_unread if is_high)")

    assert found.pending == {"rows_unread", "later"}


def test_what_an_earlier_run_did_not_need_is_pending_not_unknown() -> None:
    read = evidence(high=EvidenceState.NOT_NEEDED)

    assert asked(T, read).pending == {"high"}


def test_unknown_names_the_evidence_and_why() -> None:
    found = asked(U)

    assert found.missing == {"denied"}
    assert [(lost.evidence, lost.why) for lost in found.lost] == [("denied", "denied")]


def test_a_field_that_could_not_be_read_is_unknown_and_says_which() -> None:
    found = asked("service.pending > 1")

    assert [(one.evidence, one.why) for one in found.lost] == [
        ("service", "its pending could not be read")
    ]


def test_a_division_by_zero_names_what_was_divided() -> None:
    read = evidence(high=series(0.0), low=series(1.0))

    found = asked("latest(low) / latest(high) > 1", read)

    assert found.missing == {"high", "low"}


UNSEEN = [
    # (condition, truth, ids that were left out)
    ("not known(denied)", True, {"denied"}),
    ("known(high)", True, set()),
    ("known(denied)", False, {"denied"}),
    (f"not known(denied) or {T}", True, {"denied"}),
    (f"{T} or not known(denied)", True, set()),
    (f"not known(denied) and {T}", True, {"denied"}),
    (f"known(denied) and {T}", False, {"denied"}),
    (f"{F} and known(denied)", False, set()),
    ("all(latest(s) > limit for s in by if known(s))", True, {"by"}),
    ("all(latest(s) > 99 for s in by if known(s))", False, set()),
    ("any(latest(s) > limit for s in by if known(s))", True, set()),
    ("any(latest(s) > 99 for s in by if known(s))", False, {"by"}),
    ("share(latest(s) > limit for s in by if known(s)) == 1", True, {"by"}),
    ("count(s.Intent for s in by if known(s)) == 1", True, {"by"}),
    ("max(latest(s) for s in by if known(s)) > limit", True, set()),
    ("limit < max(latest(s) for s in by if known(s))", True, set()),
    ("max(latest(s) for s in by if known(s)) < limit", False, {"by"}),
    ("max(latest(s) for s in by if known(s)) == 9", True, {"by"}),
    ("max(latest(s) for s in by if known(s)) - 1 > limit", True, {"by"}),
    ("min(latest(s) for s in by if known(s)) > limit", True, {"by"}),
    ("(1 if known(denied) else 9) > limit", True, {"denied"}),
]


@pytest.mark.parametrize(("source", "truth", "unseen"), UNSEEN)
def test_what_rests_on_something_not_seen_remembers_it(
    source: str, truth: bool, unseen: set[str]
) -> None:
    found = asked(source)

    assert found.truth is truth
    assert {one.evidence for one in found.unseen} == unseen


def test_one_sure_reason_is_enough() -> None:
    found = asked(f"any(not known(s) or {T} for s in by)")

    assert (found.truth, found.unseen) == (True, frozenset())


def test_gaps_of_a_part_that_did_not_decide_do_not_count() -> None:
    holes = series(*[9.0] * 8, None, None, None, 9.0)
    read = evidence(high=series(9.0), low=holes)

    assert asked("latest(high) > limit or min(low) > limit", read).gaps is False
    assert asked("latest(high) > limit and min(low) > limit", read).gaps is True


@pytest.mark.parametrize(
    "source",
    [
        "rows(t) > 0",
        "any(r.n > 1 for r in t)",
        "all(r.n > 1 for r in t)",
        "share(r.n > 1 for r in t) > 0.5",
        "sum(r.n for r in t) > 1",
        'median(column(t, "n")) > 1',
        'any(g.share > 0.5 for g in group(t, "n"))',
        'most_common(t, "n") == 9',
        'lookup(t, 9, "n") == 9',
    ],
)
def test_what_rests_on_a_table_of_which_a_part_was_read_has_gaps(source: str) -> None:
    names = scope({"t": logs(n="number")})
    part = replace(ok("t", table({"n": 9}), "logs"), partial=True)
    found = evaluate(condition(source, names), facts(names, EvidenceSet(items={"t": part})))

    assert (found.truth, found.holes) == (True, frozenset({"t"}))


def test_a_table_that_is_empty_was_read() -> None:
    names = scope({"t": logs(n="number")})
    found = evaluate(
        condition("any(r.n > 1 for r in t)", names), facts(names, evidence(t=table(columns=["n"])))
    )

    assert (found.truth, found.missing) == (False, frozenset())
