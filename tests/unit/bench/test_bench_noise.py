"""The noise floor of a stored run, and what is said of a margin."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest

from mangaops.bench import noise
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.noise import Noise, Standing
from mangaops.bench.runs.sample import Run
from mangaops.errors import InputError
from mangaops.model.settings import Benchmarks
from mangaops.render.bench_noise import noise_document, noise_markdown, noise_text
from support.bench_runs import BEFORE, FAQ, bench_run

noise_of = partial(noise.noise_of, simulations=100)
PRICES = Benchmarks().prices
NIGHTLY = bench_run(intents={"recommendation": (BEFORE,)}, arms=("v2.0",), n=200)
SAME = bench_run(intents={"faq": (FAQ, FAQ)}, arms=("v2.0", "v2.0"), n=150, seed=8)


@cache
def _one(margin: float = 0.15, calls: int | None = None) -> Noise:
    (found,) = noise_of(NIGHTLY, Rules(margin=margin), calls=calls, prices=PRICES)
    return found


def _of(latencies: list[float]) -> Run:
    """A run with these latencies."""
    run = bench_run(intents={"faq": (FAQ,)}, arms=("v1",), n=len(latencies))
    pairs = zip(run.arm("faq", 0), latencies, strict=True)
    samples = tuple(replace(one, total_ms=ms, first_token_ms=None) for one, ms in pairs)
    return replace(run, samples=samples)


def test_more_calls_are_less_noise() -> None:
    few, many = _one(calls=60), _one(calls=400)
    assert few.floor is not None
    assert many.floor is not None
    assert few.floor > 2 * many.floor > 0
    assert (few.standing, many.standing) == (Standing.BELOW, Standing.MEANINGFUL)
    assert few.needed == many.needed
    assert few.found == many.found
    assert (few.passed or 0) < 0.3 < (many.passed or 0)


def test_what_is_found_grows_with_the_calls_and_with_the_slow_down() -> None:
    found = _one().found
    for row in found:
        assert list(row.shares) == sorted(row.shares)
    assert [row.calls for row in found] == [60, 100, 200, 400]
    assert all(many > few for few, many in zip(found[0].shares, found[-1].shares, strict=True))


@pytest.mark.parametrize("margin", [0.15, 0.2, 0.33])
def test_the_calls_that_a_margin_needs_agree_with_what_each_size_finds(margin: float) -> None:
    found = _one(margin=margin)
    assert found.needed is not None
    assert found.needed_usd is not None
    own = _one(margin=margin, calls=min(found.needed, 400))
    assert own.needed == pytest.approx(found.needed, rel=0.25)
    for row in own.found:
        share = row.shares[noise.SHIFTS.index(margin)]
        assert share >= 0.9 if row.calls >= own.needed else share < 0.9
    if own.calls >= found.needed:
        assert own.detectable == pytest.approx(margin, rel=0.1)


def test_a_margin_that_no_simulated_size_finds_needs_more_than_those() -> None:
    found = _one(margin=0.02)
    assert (found.needed, found.needed_usd, found.tried) == (None, None, 1600)
    told = noise_text([found], width=100, colour=False)
    assert "to find one of 2 % so: more than 1,600 calls a side" in told


@pytest.mark.parametrize(("times", "rounding"), [(1, -2), (2, 0)], ids=["tied", "twice"])
def test_the_floor_is_that_of_the_true_distribution(times: int, rounding: int) -> None:
    """Twelve runs of 100 calls, lognormal: as far from the truth as their own spread."""
    generator = np.random.default_rng(times)
    sides = np.sort(generator.lognormal(7, 0.434, (2, 2000, 100 * times)), axis=2)
    truth = np.quantile(np.divide(*sides[:, :, 95 * times - 1]), 0.95) - 1
    floors = []
    for _ in range(12):
        calls = np.round(generator.lognormal(7, 0.434, 100), rounding)
        run, rules = _of(calls.tolist()), Rules(margin=1.0)
        (found,) = noise.noise_of(run, rules, calls=100 * times, prices={}, simulations=80)
        assert found.floor is not None
        floors.append(found.floor)
    assert np.median(floors) == pytest.approx(truth, rel=0.35)
    assert min(floors) > 0.4 * truth


def test_no_floor_is_said_of_more_than_twice_the_calls_that_were_seen() -> None:
    """Sixty calls rounded to 100 ms, drawn as they are, have no noise left at 2,000."""
    calls = np.round(np.random.default_rng(10).lognormal(7, 0.434, 60), -2).tolist()
    (found,) = noise_of(_of(calls), Rules(margin=0.02), calls=2000, prices={})
    assert (found.standing, found.floor, found.detectable) == (Standing.UNKNOWN, None, None)
    assert found.why.endswith("more than twice the 60 that were seen: measure 1,000 first")
    assert [row.calls for row in found.found] == [60, 100]
    assert f"INCONCLUSIVE  {found.why}" in noise_text([found], width=120, colour=False)


def test_both_sides_of_what_is_needed_are_priced() -> None:
    found = _one()
    assert found.needed is not None
    a_call = 230 * 3 / 1e6 + 285 * 15 / 1e6
    assert found.needed_usd == pytest.approx(2 * found.needed * a_call, rel=0.1)
    (unpriced,) = noise_of(NIGHTLY, Rules(), prices={})
    assert unpriced.needed_usd is None


def test_false_alarms_are_few() -> None:
    (found,) = noise.noise_of(NIGHTLY, Rules(), calls=100, prices=PRICES, simulations=400)
    assert (found.false_alarms or 0) <= 0.05


def test_both_arms_of_an_a_a_run_are_counted_and_compared() -> None:
    (found,) = noise_of(SAME, Rules(), prices=PRICES)
    assert (found.observed, found.calls) == (300, 150)
    assert found.arms
    assert found.arms.low < 1 < found.arms.high
    (other,) = noise_of(bench_run(n=150), Rules(), prices=PRICES)
    assert (other.observed, other.arms) == (150, None)


@pytest.mark.parametrize(
    ("run", "calls", "why"),
    [
        (bench_run(n=59), None, "59 calls are too few: at least 60 are needed"),
        (NIGHTLY, 59, "59 calls a side are too few: at least 60 are needed"),
        (
            bench_run(intents={"faq": (replace(FAQ, failures=0.4),)}, arms=("v1",), n=60),
            None,
            "of 60 calls failed: the p95 is infinite",
        ),
    ],
    ids=["few-calls", "few-wanted", "failures"],
)
def test_what_cannot_be_known_is_said(run: object, calls: int | None, why: str) -> None:
    (found,) = noise_of(run, Rules(), calls=calls, prices=PRICES)  # type: ignore[arg-type]
    assert found.standing is Standing.UNKNOWN
    assert found.why.endswith(why)
    assert f"INCONCLUSIVE  {found.why}" in noise_text([found], width=100, colour=False)


def test_an_intent_that_the_run_has_not_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        noise_of(SAME, Rules(), intent="fqa", prices=PRICES)
    assert caught.value.hint == 'did you mean "faq"?'


@pytest.mark.parametrize("width", [80, 120])
def test_the_text_fits_and_says_what_the_margin_is_worth(width: int) -> None:
    text = noise_text([_one(), *noise_of(SAME, Rules(), prices=PRICES)], width=width, colour=False)
    assert max(map(len, text.splitlines())) <= width
    assert "FAIL  a margin of 15 % is lost in the noise" in text
    assert "the two arms of this A/A run: " in text
    assert "calls  passes  +5 %" in text


def test_the_same_run_and_seed_give_the_same_bytes_in_every_form() -> None:
    again, first = (
        json.dumps(noise_document(noise_of(run, Rules(), prices=PRICES)), allow_nan=False)
        for run in (NIGHTLY, NIGHTLY)
    )
    assert first == again
    told = json.loads(first)["intents"][0]
    assert (told["standing"], told["calls_a_side"]) == ("below the noise floor", 200)
    assert "### recommendation: FAIL" in noise_markdown([_one()])
