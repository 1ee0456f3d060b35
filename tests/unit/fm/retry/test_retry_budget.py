"""Retries do not multiply an outage."""

from __future__ import annotations

import random
from collections.abc import Callable
from threading import Thread

import pytest

from mangaops.errors import InputError
from mangaops.fm.failure import Failure, FailureClass
from mangaops.fm.retry.budget import RatioBudget, RetryBudget, TokenBucket
from mangaops.fm.retry.policy import Retry, RetryConfig, RetryPolicy

BUDGETS = [TokenBucket, RatioBudget]
CALLS = 3_000


def attempts(budget: RetryBudget, failing: float, seed: int) -> tuple[int, int]:
    """HTTP requests and successes of 3,000 calls with at most two retries each."""
    rng = random.Random(seed)  # noqa: S311 - a simulation
    policy = RetryPolicy(RetryConfig(budget=budget), rng=rng)
    failure = Failure.of(FailureClass.TRANSIENT, "InternalServerException")
    sent = succeeded = 0
    for _ in range(CALLS):
        last, retries = None, 0
        while True:
            sent += 1
            if rng.random() >= failing:
                policy.succeeded(last)
                succeeded += 1
                break
            decided = policy.decide(failure, retries_done=retries, deadline_left=60)
            if not isinstance(decided, Retry):
                break
            last, retries = decided, retries + 1
    return sent, succeeded


@pytest.mark.parametrize("make", BUDGETS)
def test_a_full_outage_is_amplified_by_a_tenth_at_most(make: Callable[[], RetryBudget]) -> None:
    sent, succeeded = attempts(make(), 1.0, seed=1)
    assert succeeded == 0
    assert CALLS < sent <= CALLS * 1.10


@pytest.mark.parametrize("make", BUDGETS)
def test_one_failure_in_ten_is_mended(make: Callable[[], RetryBudget]) -> None:
    """Nothing retried, 0.9 of the calls succeed; all retried twice, 0.999."""
    _, succeeded = attempts(make(), 0.1, seed=2)
    assert succeeded >= CALLS * 0.98


def test_the_bucket_of_the_sdks() -> None:
    bucket = TokenBucket()
    assert bucket.take(FailureClass.THROTTLE) == 5
    assert bucket.take(FailureClass.TRANSIENT) == 14
    assert bucket.left == 481
    bucket.succeeded(14)
    assert bucket.left == 495
    bucket.succeeded(None)
    assert bucket.left == 496
    for _ in range(9):
        bucket.succeeded(None)
    assert bucket.left == 500


def test_a_bucket_has_no_half_a_retry() -> None:
    bucket = TokenBucket(20)
    assert bucket.take(FailureClass.TRANSIENT) == 14
    assert bucket.take(FailureClass.TRANSIENT) is None
    assert bucket.take(FailureClass.THROTTLE) == 5
    assert bucket.take(FailureClass.THROTTLE) is None
    assert bucket.left == 1


def test_the_first_call_of_a_command_can_be_sent_again() -> None:
    """Ten retries are lent, and paid back by the first hundred calls."""
    budget = RatioBudget()
    budget.begin()
    assert [budget.take(FailureClass.THROTTLE) for _ in range(11)] == [1.0] * 10 + [None]
    for _ in range(99):
        budget.begin()
    assert budget.take(FailureClass.THROTTLE) is None
    for _ in range(10):
        budget.begin()
    assert budget.take(FailureClass.THROTTLE) == 1.0
    for _ in range(1_000):
        budget.begin()
    assert budget.left == 10


@pytest.mark.parametrize("make", BUDGETS)
def test_no_token_is_lost_between_threads(make: Callable[[], RetryBudget]) -> None:
    budget = make()
    full = budget.left
    taken: list[float] = []

    def use() -> None:
        for _ in range(200):
            cost = budget.take(FailureClass.TRANSIENT)
            if cost is not None:
                taken.append(cost)

    threads = [Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.left == full - sum(taken)


def test_a_budget_that_allows_nothing_is_refused() -> None:
    for make in (lambda: TokenBucket(10), lambda: RatioBudget(0), lambda: RatioBudget(cap=0)):
        with pytest.raises(InputError):
            make()
