"""Above 5 % for certain the template answers, and the model comes back by itself."""

from __future__ import annotations

import random
from statistics import median

import pytest

from mangaops.errors import InputError
from mangaops.fm.failure import FailureClass
from mangaops.fm.rate import COUNTED, RateConfig, RateFallback, RateState
from support.fake_time import FakeClock

INTENT, MODEL = "recommendation", "sonnet"
FAILED = FailureClass.TRANSIENT


class Desk:
    def __init__(self, seed: int = 1) -> None:
        self.clock = FakeClock()
        self.rng = random.Random(seed)  # noqa: S311 - a simulation
        self.rate = RateFallback(RateConfig(), clock=self.clock, rng=random.Random(seed))  # noqa: S311

    def record(self, failures: int, successes: int) -> None:
        for _ in range(failures):
            self.rate.record(INTENT, MODEL, FAILED)
        for _ in range(successes):
            self.rate.record(INTENT, MODEL, None)

    @property
    def state(self) -> RateState:
        return self.rate.view(INTENT, MODEL).state

    @property
    def tripped(self) -> bool:
        return self.state is RateState.TRIPPED

    def trip(self) -> None:
        self.record(20, 0)
        assert self.tripped

    def run(self, seconds: int, true_rate: float, per_second: float = 1.0) -> int | None:
        """The second in which it tripped; calls that are let through fail by `true_rate`."""
        for second in range(seconds):
            self.clock.now += 1 / per_second
            if self.rate.active(INTENT, MODEL):
                continue
            failed = self.rng.random() < true_rate
            self.rate.record(INTENT, MODEL, FAILED if failed else None)
            if failed and self.tripped:
                return second
        return None


def test_nothing_is_known_of_little_traffic() -> None:
    desk = Desk()
    assert desk.state is RateState.INSUFFICIENT_TRAFFIC
    desk.record(0, 19)
    assert desk.state is RateState.INSUFFICIENT_TRAFFIC
    desk.record(0, 1)
    assert desk.state is RateState.WATCHING
    desk.clock.now += 60
    view = desk.rate.view(INTENT, MODEL)
    assert (view.state, view.calls) == (RateState.INSUFFICIENT_TRAFFIC, 0)
    assert (view.low, view.high) == (0, 1)


def test_three_of_twenty_trip_and_two_of_twenty_do_not() -> None:
    desk = Desk()
    desk.record(0, 17)
    desk.record(2, 1)
    assert not desk.tripped
    assert not desk.rate.active(INTENT, MODEL)
    other = Desk()
    other.record(0, 17)
    other.record(3, 0)
    assert other.tripped


def test_certainty_trips_below_fifteen_percent() -> None:
    """10 of 100: the lower bound is 5.5 %; 9 of 100: 4.8 %."""
    desk = Desk()
    desk.record(0, 91)
    desk.record(9, 0)
    assert not desk.tripped
    assert desk.rate.view(INTENT, MODEL).low == pytest.approx(0.048, abs=5e-4)
    other = Desk()
    other.record(0, 90)
    other.record(10, 0)
    assert other.tripped


def test_nothing_is_concluded_from_fewer_than_twenty_calls() -> None:
    desk = Desk()
    desk.record(19, 0)
    assert desk.state is RateState.INSUFFICIENT_TRAFFIC
    assert not desk.rate.active(INTENT, MODEL)
    desk.record(1, 0)
    assert desk.tripped


@pytest.mark.parametrize("kind", [kind for kind in FailureClass if kind not in COUNTED])
def test_what_says_nothing_about_the_model_is_not_counted(kind: FailureClass) -> None:
    desk = Desk()
    for _ in range(100):
        desk.rate.record(INTENT, MODEL, kind)
    assert desk.rate.view(INTENT, MODEL).calls == 0


def test_an_intent_and_a_model_are_on_their_own() -> None:
    desk = Desk()
    desk.trip()
    assert not desk.rate.active("faq", MODEL)
    assert not desk.rate.active(INTENT, "haiku")


def test_a_trickle_of_one_in_twenty_stays_on_the_model() -> None:
    desk = Desk()
    desk.trip()
    let_through = sum(not desk.rate.active(INTENT, MODEL) for _ in range(10_000))
    assert 400 < let_through < 600


def test_one_call_in_five_seconds_is_let_through_however_few_there_are() -> None:
    desk = Desk()
    desk.trip()
    let_through = 0
    for _ in range(30):
        desk.clock.now += 5
        let_through += not desk.rate.active(INTENT, MODEL)
    assert let_through == 30


def test_it_ends_after_nineteen_in_a_row_that_succeed() -> None:
    desk = Desk()
    desk.trip()
    desk.record(0, 18)
    assert desk.tripped
    desk.record(1, 18)  # a failure begins it again
    assert desk.tripped
    desk.record(0, 1)
    assert not desk.tripped
    assert desk.rate.view(INTENT, MODEL).calls == 0  # and what was before is forgotten


def test_an_end_that_did_not_hold_makes_the_next_one_harder() -> None:
    """Certain of less than 15 %, then of 5 %, then of 3 %; ten minutes without are forgotten."""
    desk = Desk()
    for needed in (19, 59, 99, 99):
        desk.trip()
        for _ in range(needed):  # in several windows, so that none of them is enough
            assert desk.tripped
            desk.clock.now += 5
            desk.record(0, 1)
        assert not desk.tripped
    desk.clock.now += 600
    desk.trip()
    desk.record(0, 19)
    assert not desk.tripped


def test_the_calls_of_one_window_end_it_when_less_than_three_percent_fail_for_certain() -> None:
    desk = Desk()
    for _ in range(3):  # from now on 99 in a row are needed
        desk.trip()
        desk.record(0, 99)
    desk.trip()
    desk.record(0, 98)
    desk.record(1, 57)
    assert desk.tripped
    desk.record(0, 1)
    assert not desk.tripped  # 1 of 157


def test_four_percent_do_not_trip() -> None:
    desk = Desk()
    for _ in range(4):
        desk.record(0, 24)
        desk.record(1, 0)
    assert not desk.tripped


def test_a_trickle_that_goes_well_grows_with_each_call_until_it_is_all() -> None:
    desk = Desk()
    desk.trip()
    shares = []
    while desk.tripped:
        shares.append(desk.rate.view(INTENT, MODEL).share)
        desk.record(0, 1)
    assert len(shares) == 19
    assert shares[0] == pytest.approx(0.05)
    assert shares == sorted(shares)
    assert 0.8 < shares[-1] < 1
    assert desk.rate.view(INTENT, MODEL).share == 1


def test_a_failure_on_the_way_back_starts_it_again() -> None:
    desk = Desk()
    desk.trip()
    desk.record(0, 10)
    assert desk.rate.view(INTENT, MODEL).share > 0.2
    desk.record(1, 0)
    assert desk.rate.view(INTENT, MODEL).share == pytest.approx(0.05)


def test_one_call_in_ten_fails_and_it_flaps_no_more_than_a_few_times_an_hour() -> None:
    """Simulated over 300 seeds: 2.1 trips an hour, 3 at most."""
    desk, trips, was = Desk(), 0, False
    while desk.clock.now < 4600:
        desk.run(10, 0.10)
        trips += desk.tripped and not was
        was = desk.tripped
    assert 1 <= trips <= 4


def test_a_model_that_fails_in_two_percent_hardly_ever_trips() -> None:
    """Ten minutes at one call a second. The specification found 1.5 % of such runs."""
    tripped = sum(Desk(seed).run(600, 0.02) is not None for seed in range(60))
    assert tripped <= 5


def test_fifteen_percent_are_found_within_two_minutes() -> None:
    """The specification found a median of 19 s."""
    found = [Desk(seed).run(600, 0.15) for seed in range(60)]
    assert None not in found
    assert median(second for second in found if second is not None) < 30
    assert sorted(second for second in found if second is not None)[56] < 120


@pytest.mark.parametrize("per_second", [0.5, 1.0, 5.0])
def test_after_an_outage_the_template_is_over_within_two_minutes(per_second: float) -> None:
    """Simulated over 300 seeds: 95 % within 105, 72 and 30 s, 127 s at most."""
    for seed in range(12):
        desk = Desk(seed)
        for _ in range(round(60 * per_second)):
            desk.run(1, 1.0, per_second)
        assert desk.tripped
        back = desk.clock.now
        while desk.tripped and desk.clock.now < back + 900:
            desk.run(1, 0.0, per_second)
        assert desk.clock.now - back < 135


@pytest.mark.parametrize(
    "wrong",
    [
        {"recovered": 0.06},
        {"tolerated": 0.2},
        {"trickle": 0},
        {"alpha": 1},
        {"window": 0},
        {"pace": 0},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        RateConfig(**wrong)
