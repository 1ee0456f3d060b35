"""Whether a model's answers of the last minute can be used."""

from __future__ import annotations

import pytest

from mangaops.fm.ladder.quality import FEWEST, WINDOW, Quality
from support.fake_time import FakeClock


@pytest.mark.parametrize(
    ("spoilt", "sound", "bad"),
    [(FEWEST - 1, 0, False), (FEWEST, 0, True), (10, 10, True), (9, 11, False), (0, 100, False)],
)
def test_half_of_enough_answers_is_bad(spoilt: int, sound: int, bad: bool) -> None:
    quality = Quality(unusable_rate=0.5, clock=FakeClock())

    for number in range(spoilt + sound):
        quality.record("faq", "haiku", usable=number >= spoilt)

    assert quality.bad("faq", "haiku") is bad
    assert not quality.bad("faq", "sonnet")


def test_after_its_minute_a_model_is_asked_again() -> None:
    clock = FakeClock()
    quality = Quality(unusable_rate=0.5, clock=clock)
    for _ in range(FEWEST):
        quality.record("faq", "haiku", usable=False)

    clock.now += WINDOW

    assert not quality.bad("faq", "haiku")


def test_what_was_spoilt_before_the_last_minute_counts_no_more() -> None:
    clock = FakeClock()
    quality = Quality(unusable_rate=0.5, clock=clock)
    for age in (WINDOW, WINDOW / 2, 0.0):
        clock.now = 1000.0 - age
        for number in range(FEWEST):
            quality.record("faq", "haiku", usable=number % 2 == 1 and age < WINDOW)

    assert quality.bad("faq", "haiku")
    clock.now += WINDOW / 2
    assert quality.bad("faq", "haiku")
    clock.now += WINDOW / 2
    assert not quality.bad("faq", "haiku")
