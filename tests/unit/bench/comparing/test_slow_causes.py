"""Where a slow-down comes from: the parts add up, and the words fit them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaops.bench.comparing.cause import Growth, Means, cause, parts
from mangaops.bench.comparing.comparison import Cause, Parts

SEED_BEFORE = Means(
    total_ms=540 + 284 * 4, whole_ms=540 + 284 * 4, first_token_ms=540, output_tokens=285
)
_AFTER = 540 + 120 + 284 * 4 + 500 + 60
SEED_AFTER = Means(total_ms=_AFTER, whole_ms=_AFTER, first_token_ms=660, output_tokens=410)
TOKENS = Growth(p95=1.33, answered_p95=1.33, input_tokens=520 / 180, output_tokens=410 / 285)


def test_the_seeds_example() -> None:
    found = parts(SEED_BEFORE, SEED_AFTER)
    assert found.first_token_ms == 120
    assert found.output_length_ms == 500
    assert found.generation_speed_ms == pytest.approx(60)
    assert found.remainder_ms == 0
    assert found.total_ms == pytest.approx(680)
    assert cause(found, TOKENS) is Cause.LONGER_PROMPT_AND_OUTPUT


MEANS = st.builds(
    Means,
    total_ms=st.floats(0, 1e6),
    whole_ms=st.floats(0, 1e6),
    first_token_ms=st.floats(0, 1e6),
    output_tokens=st.floats(0, 5000),
)


@given(before=MEANS, after=MEANS)
def test_parts_add_up_to_the_change_of_the_mean(before: Means, after: Means) -> None:
    found = parts(before, after)
    largest = max(abs(part) for part in (found.first_token_ms, found.output_length_ms, 1e6))
    assert found.total_ms == pytest.approx(after.total_ms - before.total_ms, abs=1e-9 * largest)


@given(before=MEANS)
def test_no_change_has_no_parts(before: Means) -> None:
    assert parts(before, before) == Parts(
        first_token_ms=0, output_length_ms=0, generation_speed_ms=0, remainder_ms=0
    )


def _growth(
    prompt: float | None = 1.0, output: float | None = 1.0, p95: float | None = 1.3
) -> Growth:
    return Growth(p95=p95, answered_p95=p95, input_tokens=prompt, output_tokens=output)


@pytest.mark.parametrize(
    ("ms", "growth", "word"),
    [
        ((500, 0, 0, 0), _growth(2.0), Cause.LONGER_PROMPT),
        ((500, 60, 0, 0), _growth(2.0, 1.5), Cause.LONGER_PROMPT_AND_OUTPUT),
        ((500, 40, 0, 0), _growth(2.0, 1.5), Cause.LONGER_PROMPT),
        ((500, 60, 0, 0), _growth(2.0, 1.1), Cause.LONGER_PROMPT),
        ((500, 0, 0, 0), _growth(1.1), Cause.SLOWER_FIRST_TOKEN),
        ((500, 0, 0, 0), _growth(None, None), Cause.SLOWER_FIRST_TOKEN),
        ((0, 500, 0, 0), _growth(1.0, 1.4), Cause.LONGER_OUTPUT),
        ((0, 500, 0, 0), _growth(2.0, 1.05), Cause.LONGER_OUTPUT),
        ((0, 100, 500, 0), _growth(1.0, 1.4), Cause.SLOWER_GENERATION),
        ((100, 100, 500, 0), _growth(2.0, 1.4), Cause.SLOWER_GENERATION),
        ((0, 0, 100, 500), _growth(), Cause.UNEXPLAINED),
        ((200, 200, 200, 0), _growth(), Cause.UNEXPLAINED),
        ((500, -300, 0, 0), _growth(2.0), Cause.LONGER_PROMPT),
        ((500, -600, 0, 0), _growth(2.0), Cause.UNEXPLAINED),
        ((0, 0, 0, 0), _growth(), Cause.UNEXPLAINED),
    ],
)
def test_a_cause_in_words(
    ms: tuple[float, float, float, float], growth: Growth, word: Cause
) -> None:
    first, length, speed, rest = ms
    found = Parts(
        first_token_ms=first,
        output_length_ms=length,
        generation_speed_ms=speed,
        remainder_ms=rest,
    )
    assert cause(found, growth) is word


@pytest.mark.parametrize(
    ("p95", "answered", "more", "word"),
    [
        (math.inf, 1.0, True, Cause.MORE_FAILURES),
        (math.inf, 5.0, True, Cause.MORE_FAILURES),
        (1.4, 1.1, True, Cause.MORE_FAILURES),
        (1.4, 1.3, True, Cause.UNEXPLAINED),
        (1.4, 1.1, False, Cause.UNEXPLAINED),
        (None, 1.1, True, Cause.UNEXPLAINED),
        (math.inf, None, True, Cause.MORE_FAILURES),
        (0.0, None, True, Cause.UNEXPLAINED),
    ],
)
def test_failures_are_the_cause_when_without_them_most_is_gone(
    p95: float | None, answered: float | None, more: bool, word: Cause
) -> None:
    assert cause(None, Growth(p95=p95, answered_p95=answered, more_failures=more)) is word
