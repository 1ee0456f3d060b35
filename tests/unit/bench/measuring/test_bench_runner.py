"""The runner: every sample is kept as its call ends, and what ends a run early is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from mangaops.bench.measuring.cost import Load, Spending
from mangaops.bench.measuring.limiter import Spacing
from mangaops.bench.measuring.runner import HOPELESS, Ending, Runner, Stopped
from mangaops.bench.measuring.schedule import Call, Schedule
from mangaops.bench.runs.sample import Sample
from mangaops.errors import AwsDenied, AwsRejected
from mangaops.model.asking import Reply, Request
from mangaops.model.settings import Price
from support.fake_model import FINE, FakeModel
from support.fake_time import FakeClock

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


class Desk:
    """A runner with a fake model and a clock that only moves by waiting."""

    def __init__(
        self,
        answer: Callable[[int, Request], Reply] = lambda *_: FINE,
        *,
        rate: float | None = None,
        limit_usd: float | None = None,
        concurrency: int = 1,
        keep: Callable[[Sample], None] | None = None,
    ) -> None:
        self.samples: list[Sample] = []
        self.clock = FakeClock()
        self.waits: list[float] = []
        self.model = FakeModel(answer)
        price = Price(input=3, output=15)
        loads = [
            Load(
                intent="faq", arm=arm, model="m", calls=9, input_tokens=1000, output_tokens=100,
                price=price,
            )
            for arm in (0, 1)
        ]  # fmt: skip
        self.spending = Spending(loads, limit_usd=limit_usd)
        self.runner = Runner(
            model=self.model,
            request=self.request,
            keep=keep or self.samples.append,
            spending=self.spending,
            spacing=Spacing(rate, clock=self.clock),
            clock=lambda: NOW,
            sleep=self.sleep,
            concurrency=concurrency,
        )

    def request(self, call: Call) -> Request:
        return Request(model="m", system=f"v{call.arm}", message="?", max_output_tokens=100)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.now += seconds

    def run(self, samples: int = 5, **other: Any) -> Ending:
        numbers = {"arms": 2, "samples": samples, "warm_up": 1, "seed": 1} | other
        return self.runner.run(Schedule(messages={"faq": 1}, **numbers).calls())


def test_every_call_is_a_sample() -> None:
    desk = Desk()
    assert desk.run().stopped is Stopped.DONE
    assert [sample.number for sample in desk.samples] == list(range(12))
    assert [sample.warm_up for sample in desk.samples] == [True] * 2 + [False] * 10
    first = desk.samples[2]
    assert (first.total_ms, first.first_token_ms, first.output_tokens) == (900, 300, 50)
    assert (first.model, first.started_at, first.failure) == ("m", NOW, None)


def test_the_rate_is_kept() -> None:
    desk = Desk(rate=2)
    desk.run(samples=2)
    assert desk.waits == [0.5] * 5


def test_no_more_calls_at_once_than_allowed() -> None:
    lock, barrier = threading.Lock(), threading.Barrier(3, timeout=10)
    now = most = 0

    def answer(_number: int, _request: Request) -> Reply:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        barrier.wait()  # three at a time get through, so three are at work
        with lock:
            now -= 1
        return FINE

    desk = Desk(answer, concurrency=3)
    assert desk.run(samples=5).stopped is Stopped.DONE
    assert most == 3
    assert sorted(sample.number for sample in desk.samples) == list(range(12))


def test_failures_are_samples_and_the_run_goes_on() -> None:
    desk = Desk(lambda n, _: Reply(failure="ThrottlingException") if n % 2 else FINE)
    assert desk.run().stopped is Stopped.DONE
    assert sum(sample.failure == "ThrottlingException" for sample in desk.samples) == 6


def test_what_every_call_would_meet_ends_the_run_and_is_no_sample() -> None:
    denied = AwsDenied("may not", code="AccessDeniedException")
    fatal = Reply(failure="AccessDeniedException", fatal=denied)
    desk = Desk(lambda n, _: fatal if n == 3 else FINE)
    ending = desk.run()
    assert (ending.stopped, ending.error) == (Stopped.FAILED, denied)
    assert (len(desk.samples), len(desk.model.asked)) == (3, 4)


def test_a_request_that_is_refused_is_named_by_its_message() -> None:
    told = "Input is too long for requested model."
    long = AwsRejected(told, code="ValidationException", operation="bedrock:InvokeModel")
    desk = Desk(lambda *_: Reply(failure="ValidationException", fatal=long))
    ending = desk.run()
    assert str(ending.error) == f"bedrock:InvokeModel: {told} (message 1 of faq, '?')"
    assert ending.error is not None
    assert ending.error.hint == "correct it in the workload, or leave it out, in a new run"


def test_a_model_that_never_answers_is_not_asked_for_ever() -> None:
    desk = Desk(lambda *_: Reply(failure="timeout"))
    ending = desk.run(samples=100)
    assert ending.stopped is Stopped.FAILED
    assert (
        str(ending.error) == f"the model: the first {HOPELESS} calls failed, the last with timeout"
    )
    assert len(desk.samples) == HOPELESS


def test_the_run_stops_before_more_is_spent() -> None:
    desk = Desk(limit_usd=0.01)  # a call costs 0.0045 at most, and 0.00135 as it turns out
    assert desk.run(samples=50).stopped is Stopped.OVER_COST
    assert len(desk.samples) == 5
    assert desk.spending.usd == pytest.approx(5 * 0.00135)


def test_ctrl_c_ends_the_run_at_once() -> None:
    kept: list[Sample] = []

    def keep(sample: Sample) -> None:
        kept.append(sample)
        if len(kept) == 4:
            raise KeyboardInterrupt

    desk = Desk(keep=keep)
    assert desk.run().stopped is Stopped.INTERRUPTED
    assert len(kept) == 4
