"""Tokens: estimated of the whole request, corrected by what models report, counted when asked."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from typing import Any

import pytest

from mangaops.fm import Registry, Request, Target, TokenCounter, Usage, estimate_tokens, user
from mangaops.fm.requests.tokens import Counted, estimate_message, estimate_request
from support.fake_time import FakeClock

SONNET = Target(model_id="jp.anthropic.claude-sonnet-4-6", region="ap-northeast-1")
BASE = Target(model_id="anthropic.claude-sonnet-4-6", region="ap-northeast-1")
REQUEST = Request(intent="faq", messages=(user("a" * 350),))


class CountTokens:
    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Target] = []

    def __call__(self, target: Target, _request: Request) -> int:
        self.asked.append(target)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def counter(count: CountTokens | None = None, clock: FakeClock | None = None) -> TokenCounter:
    return TokenCounter(Registry(), clock=clock or FakeClock(), count=count)


def test_a_japanese_character_is_about_a_token() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("漫" * 1000) == 1050
    assert estimate_tokens("a" * 3500) == 1000
    assert estimate_tokens("漫" * 1000 + "a" * 3500) == 2050


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("é" * 100, 100),
        ("привет" * 10, 60),
        ("ไทยภาษา", 14),
        ("①★→♪", 8),
        ("😀" * 100, 300),
        ("\U00020000", 3),
        ("한국어", 4),
    ],
)
def test_what_is_neither_ascii_nor_japanese_is_bounded_by_its_bytes(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens <= max(len(text.encode()), 1)


def test_messages_system_prompt_and_tools_are_counted() -> None:
    assert estimate_request(REQUEST) == 104
    assert estimate_request(replace(REQUEST, system="b" * 70)) == 124
    tool = {"toolSpec": {"name": "find", "inputSchema": {"json": {"type": "object"}}}}
    assert estimate_request(replace(REQUEST, tools=(tool,))) > 104 + 15


@pytest.mark.parametrize(
    ("content", "tokens"),
    [
        ("a" * 35, 14),
        ([{"text": "a" * 35}, {"text": "漫"}], 16),
        ([{"image": {"format": "png", "source": {"bytes": b"1"}}}], 1604),
        ([{"document": {"source": {"bytes": b"x" * 35}}}], 14),
        ([{"text": "a" * 35}, {"cachePoint": {"type": "default"}}], 14),
        ([{"toolResult": {"toolUseId": "1", "content": [{"text": "a" * 35}]}}], 18),
        ([{"toolUse": {"toolUseId": "1", "name": "f", "input": {}}}], 21),
        (None, 4),
        ([float("nan"), {1, 2}], 8),
    ],
)
def test_a_message_is_counted_by_its_blocks(content: Any, tokens: int) -> None:
    assert estimate_message({"role": "user", "content": content}) == tokens


def test_what_models_report_corrects_the_estimate_step_by_step() -> None:
    tokens = counter()
    assert tokens.factor(SONNET.model_id) == 1.0
    tokens.learn(SONNET.model_id, REQUEST, Usage(input=125))
    assert tokens.factor(SONNET.model_id) == pytest.approx(1 + 0.1 * (125 / 104 - 1))
    for _ in range(200):
        tokens.learn(SONNET.model_id, REQUEST, Usage(input=65, cache_read=30, cache_write=30))
    assert tokens.factor(SONNET.model_id) == pytest.approx(125 / 104)
    assert tokens.estimated(SONNET.model_id, REQUEST) == 125


def test_the_correction_is_of_the_model_by_whichever_id() -> None:
    tokens = counter()
    tokens.learn(SONNET.model_id, REQUEST, Usage(input=125))
    assert tokens.factor("global.anthropic.claude-sonnet-4-6") > 1
    assert tokens.factor("anthropic.claude-haiku-4-5-20251001-v1:0") == 1
    tokens.learn("unknown.model", REQUEST, Usage(input=50))
    assert tokens.factor("unknown.model") < 1


@pytest.mark.parametrize(("reported", "factor"), [(1, 0.7), (100_000, 1.6), (0, 1.0)])
def test_no_report_moves_the_correction_out_of_its_bounds(reported: int, factor: float) -> None:
    tokens = counter()
    for _ in range(300):
        tokens.learn(SONNET.model_id, REQUEST, Usage(input=reported))
    assert tokens.factor(SONNET.model_id) == pytest.approx(factor)


def test_the_correction_stays_whole_under_many_threads() -> None:
    tokens = counter()

    def learn() -> None:
        for _ in range(200):
            tokens.learn(SONNET.model_id, REQUEST, Usage(input=104 * 2))

    threads = [threading.Thread(target=learn) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert tokens.factor(SONNET.model_id) == pytest.approx(1 + 0.6 * (1 - 0.9**1600))


def test_a_request_is_counted_once_by_its_base_model() -> None:
    count = CountTokens(91, 17)
    tokens = counter(count)
    for target in (SONNET, BASE, SONNET):
        assert tokens.counted(target, REQUEST) == Counted(tokens=91, exact=True)
    other = replace(REQUEST, system="b")
    assert tokens.counted(SONNET, other) == Counted(tokens=17, exact=True)
    assert count.asked == [BASE, BASE]


def test_what_is_not_read_by_the_model_is_not_counted_again() -> None:
    count = CountTokens(91)
    tokens = counter(count)
    tokens.counted(SONNET, REQUEST)
    changed = replace(REQUEST, correlation_id="c-2", session="s", max_tokens=10)
    assert tokens.counted(SONNET, changed).exact
    assert len(count.asked) == 1


def test_after_a_failure_the_estimate_holds_for_a_while() -> None:
    clock = FakeClock()
    count = CountTokens(RuntimeError("throttled"), 91)
    tokens = counter(count, clock)
    estimate = Counted(tokens=104, exact=False)
    assert tokens.counted(SONNET, REQUEST) == estimate
    clock.now += 299
    assert tokens.counted(SONNET, REQUEST) == estimate
    assert len(count.asked) == 1
    clock.now += 1
    assert tokens.counted(SONNET, REQUEST) == Counted(tokens=91, exact=True)


@pytest.mark.parametrize("odd", [-5, 0, True, 2.5, float("nan"), None, "x"], ids=repr)
def test_an_answer_that_is_no_count_is_none(odd: Any) -> None:
    tokens = counter(CountTokens(odd, 91))
    assert tokens.counted(SONNET, REQUEST) == Counted(tokens=104, exact=False)
    assert not tokens.counted(SONNET, REQUEST).exact  # and it is left alone for a while


def test_a_region_that_cannot_count_does_not_silence_another() -> None:
    count = CountTokens(RuntimeError("no such operation"), 91)
    tokens = counter(count)
    tokens.counted(SONNET, REQUEST)
    elsewhere = replace(SONNET, region="us-east-1")
    assert tokens.counted(elsewhere, REQUEST).exact


@pytest.mark.parametrize(
    "model_id", ["unknown.model", "anthropic.claude-3-haiku-20240307-v1:0"], ids=["unknown", "old"]
)
def test_a_model_that_cannot_be_asked_is_estimated(model_id: str) -> None:
    count = CountTokens()
    target = Target(model_id=model_id, region="us-east-1")
    assert counter(count).counted(target, REQUEST) == Counted(tokens=104, exact=False)
    assert counter().counted(SONNET, REQUEST) == Counted(tokens=104, exact=False)
    assert count.asked == []


def test_only_the_latest_counts_are_kept() -> None:
    count = CountTokens(*range(100, 106))
    tokens = TokenCounter(Registry(), clock=FakeClock(), count=count, kept=2)
    requests = [replace(REQUEST, system=str(number)) for number in range(4)]
    for request in requests:
        tokens.counted(SONNET, request)
    assert tokens.counted(SONNET, requests[3]).tokens == 103
    assert tokens.counted(SONNET, requests[0]).tokens == 104
    assert len(count.asked) == 5


def test_a_request_that_is_no_json_is_estimated() -> None:
    itself: dict[str, Any] = {}
    itself["again"] = itself
    odd = replace(REQUEST, messages=({"role": "user", "content": [itself]},))
    found = counter(CountTokens()).counted(SONNET, odd)
    assert not found.exact
    assert math.isfinite(found.tokens)
