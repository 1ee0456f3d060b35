"""After a remedy, one good minute ends an alarm that wants ten bad ones, and proves nothing."""

from datetime import UTC, datetime
from pathlib import Path

from mangaops.diagnose.triage import TriggerState, recovered, trigger_state
from mangaops.model.evidence import EvidenceSet
from mangaops.model.settings import Environment
from mangaops.model.time import Window
from mangaops.runbook.bind import bind
from mangaops.runbook.library import shipped_folder
from mangaops.runbook.load import load_runbook
from support.evidence_building import evidence, series

END = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)
WINDOW = Window(start=datetime(2026, 11, 21, 11, 0, tzinfo=UTC), end=END)
BOOK = bind(load_runbook(Path(shipped_folder()) / "first-token.yaml"), Environment(), {})


def first_token(*last_minutes: float) -> EvidenceSet:
    values = [2900.0] * (30 - len(last_minutes)) + list(last_minutes)
    return evidence(first_token=series(*values))


def off(read: EvidenceSet) -> bool:
    state = trigger_state(BOOK, read, WINDOW)
    assert isinstance(state, TriggerState)
    return state.holds is False


def test_a_dip_of_one_minute_ends_the_alarm_and_is_no_recovery() -> None:
    dip = first_token(1900.0, 2900.0, 2900.0)
    assert (off(dip), recovered(BOOK, dip, WINDOW)) == (True, False)


def test_five_good_minutes_are_a_recovery() -> None:
    good = first_token(600.0, 600.0, 600.0, 600.0, 600.0)
    assert (off(good), recovered(BOOK, good, WINDOW)) == (True, True)


def test_what_is_not_seen_has_not_recovered() -> None:
    assert not recovered(BOOK, EvidenceSet(), WINDOW)


def test_a_trigger_that_says_nothing_of_it_has_recovered_as_soon_as_it_is_off() -> None:
    book = bind(load_runbook(Path(shipped_folder()) / "fm-errors.yaml"), Environment(), {})
    assert recovered(book, EvidenceSet(), WINDOW)
