"""Laws of the walk over random trees and random evidence.

The walk ends for every acyclic tree, and evidence that goes missing never makes
another confirmed diagnosis out of what was there.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops.diagnose.walk import walk
from mangaops.model.diagnosis import Answers, Diagnosis, Verdict
from mangaops.model.evidence import Evidence, EvidenceState, Value
from mangaops.model.runbook import Ask, Runbook
from support.evidence_building import (
    END,
    WINDOW,
    group,
    lost,
    ok,
)
from support.random_trees import LOST, NAMES, diagnosed, read_all, runbooks, values_read


@settings(max_examples=200, deadline=None)
@given(
    book=runbooks(),
    values=values_read(),
    removed=st.dictionaries(st.sampled_from(sorted(NAMES.evidence)), LOST, min_size=1, max_size=4),
    said=st.sampled_from(["yes", "no", ""]),
)
def test_evidence_that_goes_missing_never_confirms_another_diagnosis(
    book: Runbook, values: dict[str, Value], removed: dict[str, EvidenceState], said: str
) -> None:
    full = read_all(values)
    answers = Answers(given={f"n{i}": said for i in range(4)})
    gone: list[Evidence] = [lost(name, state, "gone") for name, state in removed.items()]

    with_all = diagnosed(book, full, answers)
    with_less = diagnosed(book, full.with_items(*gone), answers)

    if with_less.verdict is Verdict.CONFIRMED:
        assert with_all.id == with_less.id


@settings(max_examples=200, deadline=None)
@given(book=runbooks(), values=values_read(), member=st.sampled_from("xyz"))
def test_a_member_that_goes_silent_never_confirms_another_diagnosis(
    book: Runbook, values: dict[str, Value], member: str
) -> None:
    """Its series is still listed, with no datapoint in the window."""
    full = read_all(values)
    silent = group(
        "Intent",
        {
            one.labels["Intent"]: [None] if one.labels["Intent"] == member else one
            for one in getattr(values["g"], "series", ())
        },
    )

    with_all = diagnosed(book, full, Answers())
    with_less = diagnosed(book, full.with_items(ok("g", silent)), Answers())

    if with_less.verdict is Verdict.CONFIRMED:
        assert with_all.id == with_less.id


@settings(max_examples=100, deadline=None)
@given(book=runbooks(), values=values_read())
def test_the_walk_ends_for_every_acyclic_tree_and_visits_no_node_twice(
    book: Runbook, values: dict[str, Value]
) -> None:
    found = diagnosed(book, read_all(values), Answers())

    nodes = [step.node for step in found.path]
    assert len(nodes) == len(set(nodes))
    assert found.coverage.checked + len(found.coverage.missing) == found.coverage.of
    assert WINDOW.end == END


@settings(max_examples=100, deadline=None)
@given(book=runbooks(), values=values_read())
def test_reading_all_at_once_gives_the_diagnosis_of_reading_what_is_needed(
    book: Runbook, values: dict[str, Value]
) -> None:
    """Evidence that came early may only add checks that did not decide."""
    full = read_all(values)
    asks = {name: "" for name, one in book.nodes.items() if isinstance(one, Ask)}

    in_rounds = diagnosed(book, full, Answers(given=asks))
    at_once = walk(book, full, WINDOW, answers=Answers(given=asks))

    assert isinstance(at_once, Diagnosis)
    assert (in_rounds.id, in_rounds.verdict) == (at_once.id, at_once.verdict)
