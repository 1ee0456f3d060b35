"""The fault wall: sixteen faults, what the caller gets, and what reached the provider.

After the scenarios of failoverbench. Each is asked whole and as a stream, through the client
and boto3, over a socket. Only the waits between attempts are not slept. In every scenario the
accounts agree: the attempts and tokens that the client tells are those that the provider saw.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import boto3
import pytest

from mangaops import fm
from mangaops.fm.answer import StreamEvent
from mangaops.fm.transport.bedrock import BedrockTransport, clients_of
from mangaops.fm.transport.raw import Limits, Transport
from mangaops.sandbox.model_chaos import CHAOS, WALL, Reach
from mangaops.sandbox.model_faults import ModelFault, Where
from mangaops.sandbox.ports import refusing
from mangaops.sandbox.services.bedrock_runtime import ModelCall
from mangaops.sandbox.services.bedrock_runtime.state import RECOMMENDATION
from support.served_models import JP_HAIKU, JP_SONNET, OSAKA, TOKYO, ServedModels, served_models

SONNET = fm.Target(model_id=JP_SONNET, region=TOKYO)
HAIKU = fm.Target(model_id=JP_HAIKU, region=OSAKA)
TEMPLATE, REFUSAL, APOLOGY = "We answer soon.", "Not that.", "Ask our staff."
NAMES = {JP_SONNET: "sonnet", JP_HAIKU: "haiku", "": ""}
PATIENT = Limits(first_token=10, idle=10, total=20)
IMPATIENT = Limits(first_token=0.25, idle=0.25, total=5)
GOOD = '{"response_text": "Try Berserk.", "recommendations": []}'
SCHEMA = {"type": "object", "required": ["response_text", "recommendations"]}


@pytest.fixture(scope="module")
def served() -> Iterator[ServedModels]:
    with served_models() as models:
        yield models


@pytest.fixture
def models(served: ServedModels) -> ServedModels:
    served.renew()
    return served


@pytest.fixture(scope="module")
def transport(served: ServedModels) -> Transport:
    return transport_of(lambda _region: served.url)


def transport_of(address: Callable[[str], str]) -> Transport:
    session = boto3.Session(aws_access_key_id="any", aws_secret_access_key="any")

    def client(region: str) -> Any:
        return clients_of(endpoint_url=address(region), session=session)(region)

    return BedrockTransport(client, clock=time.monotonic)


@contextmanager
def only_tokyo_refuses(served: ServedModels) -> Iterator[Transport]:
    with refusing() as closed:
        yield transport_of(lambda region: closed if region == TOKYO else served.url)


@dataclass(kw_only=True)
class Caller:
    """One client with a fresh breaker, and what it waited and logged."""

    transport: Transport
    limits: Limits = PATIENT
    slept: list[float] = field(default_factory=list)
    records: list[Mapping[str, Any]] = field(default_factory=list)
    more: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        policy = fm.IntentPolicy(
            route=SONNET,
            backups=(HAIKU,),
            deadline=60.0,
            limits=self.limits,
            p50=0.0,
            backup_p50=0.0,
            template=TEMPLATE,
        )
        self.client = fm.Client(
            fm.Config(intents={"*": policy}, refusal=REFUSAL, apology=APOLOGY),
            **{
                "transport": self.transport,
                "sleep": self.slept.append,
                "rng": Random("wall"),  # noqa: S311 - jitter
                "log_sink": self.records.append,
                **self.more,
            },
        )

    def ask(self, *, schema: bool = False) -> fm.Answer:
        return self.client.complete(_request(schema=schema))

    def stream(self, *, schema: bool = False) -> list[StreamEvent]:
        return list(self.client.stream(_request(schema=schema)))

    def record(self) -> Mapping[str, Any]:
        (found,) = (one for one in self.records if one["log_type"] == "bedrock_call")
        return found


def _request(*, schema: bool) -> fm.Request:
    asked = (fm.user("What should I read next?"),)
    return fm.Request(intent="recommendation", messages=asked, schema=SCHEMA if schema else None)


def reached(calls: list[ModelCall]) -> list[str]:
    return [NAMES[call.model] for call in calls]


def agree(answer: fm.Answer, caller: Caller, calls: list[ModelCall], *, unseen: int = 0) -> None:
    """The caller's accounts are the provider's; `unseen` attempts could not reach it."""
    assert answer.attempts == len(calls) + unseen
    attempts = [one for one in caller.records if one["log_type"] == "bedrock_attempt"]
    assert len(attempts) == answer.attempts == caller.record()["attempts"]
    assert len(caller.slept) == caller.record()["retry_count"]
    if answer.usage is not None and answer.model_answered is not None:
        told = (answer.usage.input, answer.usage.output)
        last = calls[-1]
        assert told == (last.input_tokens, last.output_tokens)
        assert answer.model_answered == fm.Target(model_id=last.model, region=last.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brick:
    """What a fault must lead to. `reached` are the models that got a request, in order."""

    chaos: str
    mode: fm.Mode
    reached: tuple[str, ...]
    status: str = "success"
    schema: bool = False
    streamed: bool = True
    whole: bool = True
    text: str = RECOMMENDATION
    hung_up: bool = False


SSS = ("sonnet",) * 3
BRICKS = (
    Brick(chaos="connection-reset", mode=fm.Mode.BACKUP, reached=(*SSS, "haiku")),
    Brick(chaos="no-answer", mode=fm.Mode.BACKUP, reached=("sonnet", "haiku"), hung_up=True),
    Brick(chaos="slow-first-token", mode=fm.Mode.BACKUP, reached=("sonnet", "haiku"), hung_up=True),
    Brick(chaos="cut-stream", mode=fm.Mode.BACKUP, reached=(*SSS, "haiku"), streamed=False),
    Brick(chaos="throttled-with-hint", mode=fm.Mode.PRIMARY, reached=("sonnet", "sonnet")),
    Brick(chaos="throttled", mode=fm.Mode.BACKUP, reached=(*SSS, "haiku")),
    Brick(chaos="server-error", mode=fm.Mode.PRIMARY, reached=("sonnet", "sonnet")),
    Brick(chaos="unavailable", mode=fm.Mode.BACKUP, reached=(*SSS, "haiku")),
    Brick(
        chaos="bad-request",
        mode=fm.Mode.APOLOGY,
        reached=("sonnet",),
        status="validation_error",
        text=APOLOGY,
    ),
    Brick(
        chaos="denied", mode=fm.Mode.TEMPLATE, reached=("sonnet",), status="error", text=TEMPLATE
    ),
    Brick(chaos="not-found", mode=fm.Mode.BACKUP, reached=("sonnet", "haiku")),
    Brick(
        chaos="malformed-json",
        mode=fm.Mode.BACKUP,
        reached=("sonnet", "sonnet", "haiku"),
        schema=True,
        streamed=False,
        text=GOOD,
    ),
    Brick(
        chaos="content-filter",
        mode=fm.Mode.TEMPLATE,
        reached=("sonnet",),
        status="blocked",
        text=REFUSAL,
    ),
)
WAYS = [
    pytest.param(brick, streamed, id=f"{brick.chaos}-{'streamed' if streamed else 'whole'}")
    for brick in BRICKS
    for streamed in (False, True)
    if brick.streamed or not streamed
]


def test_the_wall_has_its_sixteen() -> None:
    others = {"connect-refused", "stall", "outage"}
    assert {brick.chaos for brick in BRICKS} | others == set(WALL)
    assert len(WALL) == 16


@pytest.mark.parametrize(("brick", "streamed"), WAYS)
def test_the_caller_is_answered_and_the_provider_not_hammered(
    models: ServedModels, transport: Transport, brick: Brick, streamed: bool
) -> None:
    if brick.schema:
        models.state.reply = lambda _prompt: GOOD
    models.state.set_faults(CHAOS[brick.chaos].against("*sonnet*"))
    caller = Caller(transport=transport, limits=IMPATIENT if brick.hung_up else PATIENT)
    if streamed:
        events = caller.stream(schema=brick.schema)
        assert isinstance(events[-1], fm.Done)
        assert "".join(one.text for one in events if isinstance(one, fm.Delta)) == brick.text
        answer = events[-1].answer
    else:
        answer = caller.ask(schema=brick.schema)
    assert (answer.mode, answer.text) == (brick.mode, brick.text)
    calls = models.calls()
    assert reached(calls) == list(brick.reached)
    assert calls[0].closed_early == brick.hung_up
    record = caller.record()
    assert (record["status"], record["mode"]) == (brick.status, int(brick.mode))
    by_a_model = brick.status == "success"
    assert NAMES[answer.model_answered.model_id if answer.model_answered else ""] == (
        brick.reached[-1] if by_a_model else ""
    )
    assert bool(answer.descended_because) == (brick.mode is not fm.Mode.PRIMARY)
    agree(answer, caller, calls)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_connect_refused_is_tried_again_and_then_elsewhere(
    models: ServedModels, streamed: bool
) -> None:
    assert CHAOS["connect-refused"].reach is Reach.REFUSED
    with only_tokyo_refuses(models) as transport:
        caller = Caller(transport=transport)
        answer = _whole(caller.stream()) if streamed else caller.ask()
    assert (answer.mode, answer.text, answer.attempts) == (fm.Mode.BACKUP, RECOMMENDATION, 4)
    calls = models.calls()
    assert reached(calls) == ["haiku"]
    agree(answer, caller, calls, unseen=3)


def _whole(events: list[StreamEvent]) -> fm.Answer:
    assert isinstance(events[-1], fm.Done)
    return events[-1].answer


@pytest.mark.parametrize(
    ("chaos", "hung_up"),
    [
        ("stall", True),
        ("cut-stream", False),
        ("half-frame", False),
        ("bad-crc", None),
        ("bad-prelude-crc", None),
        ("ended-early", False),
        ("error-in-stream", None),
        ("pings-only", True),
    ],
)
def test_a_stream_that_breaks_is_interrupted_and_nobody_goes_on_with_it(
    models: ServedModels, transport: Transport, chaos: str, hung_up: bool | None
) -> None:
    """`hung_up` None: who closes first is chance."""
    models.state.set_faults(CHAOS[chaos].against("*sonnet*"))
    caller = Caller(transport=transport, limits=IMPATIENT if hung_up else PATIENT)
    *deltas, last = caller.stream()
    assert isinstance(last, fm.Interrupted)
    text = "".join(one.text for one in deltas if isinstance(one, fm.Delta))
    assert text == last.answer.text == "If you like"
    assert RECOMMENDATION.startswith(text)
    assert caller.record()["status"] == "interrupted"
    (call,) = models.calls()
    assert hung_up is None or call.closed_early == hung_up
    assert last.answer.attempts == 1
    assert caller.slept == []


@pytest.mark.parametrize("chaos", ["error-first-in-stream", "dripping-bytes"])
def test_a_stream_that_breaks_before_its_text_is_answered_by_another(
    models: ServedModels, transport: Transport, chaos: str
) -> None:
    models.state.set_faults(CHAOS[chaos].against("*sonnet*"))
    caller = Caller(transport=transport, limits=IMPATIENT)
    answer = _whole(caller.stream())
    assert (answer.mode, answer.text) == (fm.Mode.BACKUP, RECOMMENDATION)
    agree(answer, caller, models.calls())


def test_a_hint_is_waited_for_and_one_that_is_too_long_is_not(
    models: ServedModels, transport: Transport
) -> None:
    models.state.set_faults(CHAOS["throttled-with-hint"].against("*sonnet*"))
    caller = Caller(transport=transport)
    caller.ask()
    assert 1.0 <= caller.slept[0] < 1.5
    models.state.set_faults(CHAOS["throttled-for-a-minute"].against("*sonnet*"))
    models.state.calls.clear()
    caller = Caller(transport=transport)
    assert caller.ask().mode is fm.Mode.BACKUP
    assert caller.slept == []
    assert reached(models.calls()) == ["sonnet", "haiku"]


def test_who_stops_reading_stops_the_model(models: ServedModels, transport: Transport) -> None:
    models.state.set_faults([ModelFault(where=Where.PINGS, delay_s=30, every_s=0.01)])
    caller = Caller(transport=transport)
    stream: Any = caller.client.stream(_request(schema=False))
    assert isinstance(next(stream), fm.Delta)
    stream.close()
    (call,) = models.calls()
    assert call.closed_early
    assert call.output_tokens <= 3  # of all; fewer, where the close is faster than the next piece
    assert caller.record()["status"] == "cancelled"


@pytest.mark.parametrize("chaos", ["content-filter", "guardrail", "refusal"])
def test_blocked_content_goes_to_no_second_model(
    models: ServedModels, transport: Transport, chaos: str
) -> None:
    models.state.set_faults(CHAOS[chaos].against("*sonnet*"))
    caller = Caller(transport=transport)
    answer = caller.ask()
    assert answer.text == REFUSAL
    assert caller.record()["status"] == "blocked"
    assert reached(models.calls()) == ["sonnet"]


def test_accounts_of_a_failover_are_true(models: ServedModels, transport: Transport) -> None:
    """The model that answered is named, and who failed is not billed."""
    models.state.set_faults(CHAOS["unavailable"].against("*sonnet*"))
    caller = Caller(transport=transport)
    answer = caller.ask()
    billed = {name: [0, 0] for name in ("sonnet", "haiku")}
    for call in models.calls():
        billed[NAMES[call.model]][0] += call.input_tokens
        billed[NAMES[call.model]][1] += call.output_tokens
    assert billed == {"sonnet": [0, 0], "haiku": [7, 48]}
    assert answer.model_answered == HAIKU
    assert (answer.spent.input, answer.spent.output) == (7, 48)
    record = caller.record()
    assert (record["model_id"], record["output_tokens"]) == (JP_HAIKU, 48)
    attempts = [one for one in caller.records if one["log_type"] == "bedrock_attempt"]
    assert [(NAMES[one["model_id"]], one["http_status"]) for one in attempts] == [
        ("sonnet", 503),
        ("sonnet", 503),
        ("sonnet", 503),
        ("haiku", 200),
    ]


def test_answers_that_were_not_used_are_paid_as_well(
    models: ServedModels, transport: Transport
) -> None:
    models.state.reply = lambda _prompt: GOOD
    models.state.set_faults(CHAOS["malformed-json"].against("*sonnet*"))
    answer = Caller(transport=transport).ask(schema=True)
    calls = models.calls()
    assert answer.spent.output == sum(call.output_tokens for call in calls)
    assert answer.spent.input == sum(call.input_tokens for call in calls)
    assert answer.usage is not None
    assert answer.usage.output < answer.spent.output


def test_an_outage_is_survived_and_the_primary_used_again(
    models: ServedModels, transport: Transport
) -> None:
    """Sixty seconds of 503, a request every four: nobody is left without an answer, at most
    seven requests reach the primary, and it answers again within thirty seconds.
    """
    now = [1000.0]
    models.state.monotonic = lambda: now[0]
    models.state.set_faults(CHAOS["outage"].against("*sonnet*"))

    def sleep(seconds: float) -> None:
        now[0] += seconds

    more = {"sleep": sleep, "clock": lambda: now[0]}
    caller = Caller(transport=transport, more=more)
    answers = []
    for number in range(25):
        now[0] = max(now[0], 1000.0 + 4 * number)
        asked_at = now[0]
        answers.append((asked_at, caller.ask()))
    assert {answer.text for _, answer in answers} == {RECOMMENDATION}
    to_primary = [call for call in models.calls() if call.model == JP_SONNET]
    failed = [call for call in to_primary if call.error is not None]
    assert 1 <= len(failed) <= 7
    again = [at for at, answer in answers if answer.mode is fm.Mode.PRIMARY]
    assert again
    assert again[0] <= 1090
    assert all(answer.mode is fm.Mode.PRIMARY for at, answer in answers if at >= again[0])
