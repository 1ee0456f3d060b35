"""The noise floor of a stored run, and what is said of a margin."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache, partial

import pytest

from mangaops.bench import noise
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.noise import Noise, Standing
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


def test_more_calls_are_less_noise() -> None:
    few, many = _one(calls=60), _one(calls=800)
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
    assert [row.calls for row in found] == [60, 100, 200, 400, 800]
    assert all(many > few for few, many in zip(found[0].shares, found[-1].shares, strict=True))


def test_the_calls_that_a_margin_needs_find_it() -> None:
    needed = _one(margin=0.2).needed
    assert needed is not None
    detectable = _one(margin=0.2, calls=needed).detectable
    assert detectable == pytest.approx(0.2, abs=0.06)


def test_both_sides_of_what_is_needed_are_priced() -> None:
    found = _one()
    assert found.needed is not None
    a_call = 230 * 3 / 1e6 + 285 * 15 / 1e6
    assert found.needed_usd == pytest.approx(2 * found.needed * a_call, rel=0.1)
    (unpriced,) = noise_of(NIGHTLY, Rules(), prices={})
    assert unpriced.needed_usd is None


def test_false_alarms_are_few() -> None:
    assert (_one(calls=100).false_alarms or 0) <= 0.05


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
