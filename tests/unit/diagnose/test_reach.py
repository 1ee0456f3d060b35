"""Which diagnoses are left without some evidence: of the shipped runbooks, and as laws."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops.diagnose.reach import Chance, decidable, prospects
from mangaops.model.diagnosis import Answers, Verdict
from mangaops.model.evidence import EvidenceState, Value
from mangaops.model.runbook import Runbook
from mangaops.runbook.library import Library, shipped_folder
from support.evidence_building import lost
from support.random_trees import LOST, NAMES, diagnosed, read_all, runbooks, values_read

SHIPPED = Library([shipped_folder()]).names()
ORDER = (Chance.POSSIBLE, Chance.AT_MOST_LIKELY, Chance.IMPOSSIBLE)
IDS = st.frozensets(st.sampled_from(sorted(NAMES.evidence)), max_size=4)


@cache
def loaded(name: str) -> Runbook:
    return Library([shipped_folder()]).load(name)


def chances(runbook: Runbook, missing: frozenset[str]) -> dict[str, Chance]:
    return {one.outcome: one.chance for one in prospects(runbook, missing)}


def losses(name: str, *missing: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        one.outcome: (one.chance.value, one.because)
        for one in prospects(loaded(name), frozenset(missing))
        if one.chance is not Chance.POSSIBLE
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_with_all_evidence_every_diagnosis_is_possible(name: str) -> None:
    assert losses(name) == {}
    assert decidable(loaded(name), frozenset())


def test_without_pings_nobody_knows_why_bedrock_is_slow() -> None:
    gone = ("impossible", ("pings",))
    assert losses("first-token", "pings") == {
        "bedrock-cold-connections": gone,
        "bedrock-throttling": gone,
        "bedrock-degradation": gone,
    }


def test_without_health_events_a_degradation_is_at_most_likely() -> None:
    assert losses("first-token", "health") == {
        "bedrock-degradation": ("at most likely", ("health",))
    }


def test_what_is_only_reported_is_no_loss() -> None:
    assert losses("first-token", "nat_idle", "scaling", "classifier") == {}


def test_two_losses_that_only_together_hurt_are_named_together() -> None:
    assert losses("rag-timeout", "nat_port_errors") == {}
    assert losses("rag-timeout", "nat_drops") == {}
    assert losses("rag-timeout", "nat_port_errors", "nat_drops", "memory") == {
        "vpc-network-degraded": ("at most likely", ("nat_drops", "nat_port_errors"))
    }


def test_without_its_metric_a_trigger_cannot_be_decided() -> None:
    first_token = loaded("first-token")
    assert not decidable(first_token, frozenset({"first_token"}))
    assert {*chances(first_token, frozenset({"first_token"})).values()} == {Chance.IMPOSSIBLE}


def test_close_reports_that_cannot_be_read_leave_what_needs_none() -> None:
    left = {
        name
        for name, chance in chances(loaded("websocket-drops"), frozenset({"closes"})).items()
        if chance is Chance.POSSIBLE
    }
    assert left == {"client-vanished"}


@settings(max_examples=50, deadline=None)
@given(book=runbooks(), some=IDS, more=IDS)
def test_more_missing_evidence_never_makes_more_possible(
    book: Runbook, some: frozenset[str], more: frozenset[str]
) -> None:
    before, after = chances(book, some), chances(book, some | more)
    assert all(ORDER.index(after[name]) >= ORDER.index(chance) for name, chance in before.items())


@settings(max_examples=100, deadline=None)
@given(
    book=runbooks(),
    values=values_read(),
    removed=st.dictionaries(st.sampled_from(sorted(NAMES.evidence)), LOST, max_size=4),
    said=st.sampled_from(["yes", "no", ""]),
)
def test_no_walk_reaches_what_is_called_impossible(
    book: Runbook, values: dict[str, Value], removed: dict[str, EvidenceState], said: str
) -> None:
    gone = [lost(name, state, "gone") for name, state in removed.items()]
    answers = Answers(given={f"n{i}": said for i in range(4)})
    found = diagnosed(book, read_all(values).with_items(*gone), answers)
    chance = chances(book, frozenset(removed)).get(found.id, Chance.POSSIBLE)
    assert chance is not Chance.IMPOSSIBLE
    assert chance is Chance.POSSIBLE or found.verdict is not Verdict.CONFIRMED
