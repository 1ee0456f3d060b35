"""How often one route is asked in a call, and that nothing is sent too late to be answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mangaops import fm
from support.fake_time import FakeClock
from support.fm import Scripted, ask, cut, desk, error, said, unavailable

OURS = fm.manga_assist()
SONNET = OURS.policy("recommendation").route
HAIKU = OURS.policy("recommendation").backups[0]
DOWN = unavailable()
TOO_LONG = error("ValidationException", 400, "Input is too long for requested model.")
SCHEMA = {"type": "object", "required": ["a"]}


def test_a_re_ask_has_no_retries_of_its_own() -> None:
    script = [DOWN, DOWN, said("not json"), DOWN]
    here = desk(Scripted(*script, last=said('{"a": 1}')))

    answer = here.client.complete(ask(schema=SCHEMA))

    assert [one.target for one in here.transport.sent].count(SONNET) == 4
    assert len(here.waits) == here.call["retry_count"] == 2
    assert answer.value == {"a": 1}


@pytest.mark.parametrize("intent", ["recommendation", "faq"])
def test_a_model_that_was_too_slow_is_not_paid_twice(intent: str) -> None:
    here = desk(Scripted(by=lambda *_: cut(timed_out="first token")))

    here.client.complete(ask(intent))

    asked = [one.target.model_id for one in here.transport.sent]
    assert len(asked) == len(set(asked))


def test_what_the_model_finds_too_long_is_not_sent_again_too_late() -> None:
    clock = FakeClock()
    here = desk(Scripted(TOO_LONG, clock=clock, takes=4.9), clock=clock)
    turns = [fm.user("x" * 2000), {"role": "assistant", "content": "y" * 2000}] * 2

    answer = here.client.complete(
        fm.Request(intent="recommendation", messages=(*turns, fm.user("And?"))), deadline=5.0
    )

    assert (answer.attempts, answer.mode) == (1, 4)
    assert "0.1 s are left, and it takes 1.2 s" in answer.descended_because[0]


def test_a_hook_that_takes_its_time_leaves_none_for_the_model() -> None:
    clock = FakeClock()

    def summarise(_: Any) -> str:
        clock.now += 4.0
        return "They talked."

    here = desk(Scripted(clock=clock), clock=clock, hooks=fm.Hooks(summarise=summarise))
    turns = [fm.user("x" * 9000), {"role": "assistant", "content": "y" * 9000}] * 3

    answer = here.client.complete(
        fm.Request(intent="recommendation", messages=(*turns, fm.user("And?"))), deadline=5.0
    )

    assert SONNET not in [one.target for one in here.transport.sent]
    assert all(one.limits.total >= 0.6 for one in here.transport.sent)
    assert answer.text


class _Counting(Scripted):
    counted = 0
    tells: Callable[[], int]

    def count_tokens(self, target: fm.Target, request: fm.Request) -> int:  # noqa: ARG002
        self.counted += 1
        return self.tells()


@pytest.mark.parametrize(
    ("intent", "deadline", "counted"),
    [("faq", 0.7, 0), ("faq", 2.5, 0), ("recommendation", 3.0, 0), ("recommendation", 10.0, 1)],
)
def test_tokens_are_counted_only_while_there_is_time(
    intent: str, deadline: float, counted: int
) -> None:
    clock = FakeClock()

    def tells() -> int:
        clock.now += 2.0
        return 100

    transport = _Counting(clock=clock)
    transport.tells = tells
    here = desk(transport, clock=clock)
    messages = (fm.user("漫" * 7000), {"role": "assistant", "content": "はい"}, fm.user("次は?"))

    answer = here.client.complete(fm.Request(intent=intent, messages=messages), deadline=deadline)

    assert transport.counted == counted
    assert answer.mode is fm.Mode.PRIMARY
    assert answer.total_s <= deadline


@pytest.mark.parametrize("deadline", [2.0, 6.0, 12.0])
def test_a_model_that_hangs_leaves_another_one_its_time(deadline: float) -> None:
    clock = FakeClock(0.0)
    transport = Scripted(clock=clock)

    def hang(_: int, target: fm.Target) -> Any:
        if target == HAIKU:
            return said()
        clock.now += transport.sent[-1].limits.first_token
        return cut(timed_out="first token")

    transport._by = hang
    here = desk(transport, clock=clock)

    answer = here.client.complete(ask(), deadline=deadline)

    assert answer.model_answered == HAIKU
    assert clock.now <= deadline


def test_where_no_other_model_follows_an_attempt_has_all_of_the_time() -> None:
    here = desk(Scripted())

    here.client.complete(ask("faq"), deadline=1.0)
    here.client.complete(ask("recommendation"), deadline=1.3)

    assert [one.limits.first_token for one in here.transport.sent] == [1.0, 1.2]
