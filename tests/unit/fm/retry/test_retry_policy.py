"""Sent again, down the ladder, or given up: decided before any wait."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops.errors import InputError
from mangaops.fm.failure import AS_CONFIGURED, Failure, FailureClass
from mangaops.fm.retry.budget import TokenBucket
from mangaops.fm.retry.deadline import Deadline
from mangaops.fm.retry.policy import Descend, GiveUp, Retry, RetryConfig, RetryPolicy

C = FailureClass


def failed(kind: FailureClass, *, code: str = "Code", hint: float | None = None) -> Failure:
    return Failure.of(kind, code, retry_after=hint)


def policy(seed: int = 1, **config: object) -> RetryPolicy:
    rng = random.Random(seed)  # noqa: S311 - jitter
    return RetryPolicy(RetryConfig(**config), rng=rng)


def waits(kind: FailureClass, retries_done: int, **config: object) -> list[float]:
    decided = [
        policy(seed, **config).decide(failed(kind), retries_done=retries_done, deadline_left=600)
        for seed in range(200)
    ]
    return [one.wait for one in decided if isinstance(one, Retry)]


@pytest.mark.parametrize(
    ("kind", "retries_done", "low", "high"),
    [
        (C.TRANSIENT, 0, 0.0, 0.1),
        (C.TRANSIENT, 1, 0.0, 0.2),
        (C.THROTTLE, 0, 0.5, 1.0),
        (C.THROTTLE, 1, 0.5, 2.0),
        (C.NOT_READY, 0, 0.5, 1.0),
        (C.STREAM_CUT, 0, 0.0, 0.1),
    ],
)
def test_the_wait_is_full_jitter_by_class(
    kind: FailureClass, retries_done: int, low: float, high: float
) -> None:
    drawn = waits(kind, retries_done)
    assert len(drawn) == 200
    assert low <= min(drawn) < low + 0.1 * (high - low)
    assert high - 0.1 * (high - low) < max(drawn) <= high


def test_the_wait_has_a_cap() -> None:
    drawn = waits(C.THROTTLE, 4, max_retries=9)
    assert 7 < max(drawn) <= 8


def test_a_wait_after_the_last_attempt_is_never_begun() -> None:
    after = [
        policy().decide(failed(C.TRANSIENT), retries_done=done, deadline_left=60)
        for done in range(4)
    ]
    assert [type(one) for one in after] == [Retry, Retry, Descend, Descend]
    assert isinstance(after[2], Descend)
    assert after[2].reason == "2 retries did not help"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (C.THROTTLE, Retry),
        (C.NOT_READY, Retry),
        (C.TRANSIENT, Retry),
        (C.STREAM_CUT, Retry),
        (C.MODEL_TIMEOUT, Retry),
        (C.CLIENT_TIMEOUT, Descend),
        (C.QUOTA, Descend),
        (C.REQUEST_BAD, GiveUp),
        (C.CONFIG, GiveUp),
        (C.BLOCKED, GiveUp),
        (C.CANCELLED, GiveUp),
        (C.BUG, GiveUp),
    ],
)
def test_each_class_goes_its_way(kind: FailureClass, expected: type) -> None:
    assert type(policy().decide(failed(kind), retries_done=0, deadline_left=60)) is expected


def test_a_model_that_ran_out_of_its_time_gets_one_more() -> None:
    once = policy().decide(failed(C.MODEL_TIMEOUT), retries_done=1, deadline_left=60)
    assert once == Descend(reason="1 retry did not help")


def test_a_missing_model_may_be_answered_by_another_and_a_missing_permission_not() -> None:
    missing = failed(C.CONFIG, code="ResourceNotFoundException")
    assert type(policy().decide(missing, retries_done=0, deadline_left=60)) is Descend
    expired = Failure.of(C.CONFIG, "ExpiredTokenException", retries=1)
    assert type(policy().decide(expired, retries_done=0, deadline_left=60)) is Retry
    assert type(policy().decide(expired, retries_done=1, deadline_left=60)) is GiveUp


@pytest.mark.parametrize(("hint", "least"), [(0.3, 0.5), (3.0, 3.0), (20.0, 20.0), (61.0, 61.0)])
def test_a_hint_is_waited_for_in_full(hint: float, least: float) -> None:
    decided = policy().decide(failed(C.THROTTLE, hint=hint), retries_done=0, deadline_left=600)
    assert isinstance(decided, Retry)
    assert decided.wait >= least
    assert decided.wait <= max(1.0, hint)


def test_a_hint_that_does_not_fit_is_not_waited_for_even_in_part() -> None:
    decided = policy().decide(failed(C.THROTTLE, hint=61), retries_done=0, deadline_left=12)
    assert decided == Descend(
        reason="12 s are left, too little for a wait of 61 s that the server asks for "
        "and an attempt of 1 s"
    )
    fits = policy().decide(failed(C.THROTTLE, hint=11), retries_done=0, deadline_left=12)
    assert isinstance(fits, Retry)
    assert fits.wait == 11  # and a second for the attempt
    late = policy().decide(failed(C.THROTTLE, hint=11.1), retries_done=0, deadline_left=12)
    assert type(late) is Descend


def test_a_retry_leaves_its_attempt_and_the_steps_below_their_time() -> None:
    kept = {"attempt": 1.2, "reserve": 0.6}
    fits = policy().decide(failed(C.THROTTLE), retries_done=0, deadline_left=2.31, **kept)
    late = policy().decide(failed(C.THROTTLE), retries_done=0, deadline_left=2.29, **kept)
    short = policy().decide(failed(C.TRANSIENT), retries_done=0, deadline_left=0.9)

    assert isinstance(fits, Retry)
    assert 0.5 <= fits.wait <= 0.51
    assert late == Descend(
        reason="2.29 s are left, too little for a wait of 0.5 s, an attempt of 1.2 s "
        "and 0.6 s for the steps below"
    )
    assert short == Descend(reason="0.9 s are left, too little for an attempt of 1 s")


def test_a_retry_that_has_no_time_left_takes_nothing_from_the_budget() -> None:
    budget = TokenBucket()
    tight = policy(budget=budget).decide(failed(C.THROTTLE), retries_done=0, deadline_left=1.2)
    assert type(tight) is Descend
    assert budget.left == 500


def test_a_spent_budget_ends_the_retries() -> None:
    shared = policy(budget=TokenBucket(14))
    first = shared.decide(failed(C.TRANSIENT), retries_done=0, deadline_left=60)
    second = shared.decide(failed(C.TRANSIENT), retries_done=0, deadline_left=60)
    assert isinstance(first, Retry)
    assert second == Descend(reason="the budget of retries is spent")
    shared.succeeded(first)
    assert shared.budget.left == 14


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(FailureClass),
    hint=st.none() | st.floats(min_value=1e-3, max_value=86_400),
    retries_done=st.integers(min_value=0, max_value=2_000),
    left=st.floats(min_value=-5, max_value=600) | st.just(math.inf),
    seed=st.integers(min_value=0, max_value=99),
)
def test_a_retry_always_leaves_time_for_its_attempt(
    kind: FailureClass, hint: float | None, retries_done: int, left: float, seed: int
) -> None:
    one = policy(seed, max_retries=2_000)
    decided = one.decide(failed(kind, hint=hint), retries_done=retries_done, deadline_left=left)
    if isinstance(decided, Retry):
        assert retries_done < AS_CONFIGURED
        assert (hint or 0.0) <= decided.wait <= left - 1.0
        assert decided.wait <= max(8.0, hint or 0.0)
    else:
        assert decided.reason


def test_settings_that_make_no_sense_are_refused() -> None:
    for wrong in ({"max_retries": -1}, {"cap": math.inf}, {"base": {C.THROTTLE: -1.0}}):
        with pytest.raises(InputError):
            RetryConfig(**wrong)


def test_a_deadline_is_never_less_than_no_time() -> None:
    now = [100.0]
    deadline = Deadline.after(5, lambda: now[0])
    assert (deadline.left(), deadline.bound(2), deadline.bound(9)) == (5, 2, 5)
    assert not deadline.passed
    now[0] = 107.0
    assert (deadline.left(), deadline.bound(2), deadline.passed) == (0, 0, True)
