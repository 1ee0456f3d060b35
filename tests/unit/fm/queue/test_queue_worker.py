"""What becomes of a message: answered once, given back, moved away, always with one record."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mangaops import fm
from mangaops.fm.queue.handling import Fate, Handled
from mangaops.fm.queue.message import FORM
from mangaops.fm.queue.model_queue import ModelQueue
from mangaops.fm.queue.results import MemoryResults
from mangaops.fm.queue.worker import REASON, Worker, WorkerConfig
from mangaops.fm.records.fields import FIELDS
from support.fake_sqs import FakeSqs, SqsDown
from support.fake_time import FakeClock

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
QUEUE, DEAD = "queue", "dead"
CONFIG = WorkerConfig(max_receives=3, deadline=60, margin=30)


def answered(mode: fm.Mode = fm.Mode.PRIMARY, text: str = "An answer.") -> fm.Answer:
    return fm.Answer(
        text=text,
        mode=mode,
        model_answered=None,
        stop_reason=None,
        usage=None,
        spent=fm.Usage(),
        correlation_id="c-9",
        attempts=1,
    )


class Client:
    """Gives what it is told to, in turn, and then the last again."""

    def __init__(self, *answers: fm.Answer | BaseException | Callable[[], fm.Answer]) -> None:
        self.answers = list(answers) or [answered()]
        self.asked: list[fm.Request] = []
        self.deadlines: list[float | None] = []

    def complete(self, request: fm.Request, *, deadline: float | None = None) -> fm.Answer:
        self.asked.append(request)
        self.deadlines.append(deadline)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer if isinstance(answer, fm.Answer) else answer()


class Desk:
    def __init__(self, client: Client | None = None, results: Any = None) -> None:
        self.clock = FakeClock()
        self.sqs = FakeSqs(self.clock)
        self.client = client or Client()
        self.results = results or MemoryResults(self.clock)
        self.records: list[Mapping[str, Any]] = []
        self.queue = ModelQueue(self.sqs, QUEUE)
        self.worker = self.another()

    def another(self) -> Worker:
        return Worker(
            self.queue,
            self.client,
            results=self.results,
            dead_letters_url=DEAD,
            clock=self.clock,
            wall=self.wall,
            rng=random.Random(3),  # noqa: S311 - jitter
            log_sink=self.records.append,
            config=CONFIG,
        )

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.clock.now)

    def put(self, key: str = "k", **more: Any) -> None:
        request = fm.Request(intent="summary", messages=(fm.user("Text of a user"),))
        self.queue.enqueue(request, idempotency_key=key, **more)

    def step(self) -> Handled:
        handled = self.worker.step()
        assert handled is not None
        return handled

    @property
    def record(self) -> Mapping[str, Any]:
        record = self.records[-1]
        assert record.keys() <= FIELDS["queue_message"]
        assert "Text of a user" not in json.dumps(record)
        assert "An answer" not in json.dumps(record)
        return record

    @property
    def waiting(self) -> list[str]:
        return self.sqs.bodies(QUEUE)


def test_an_answer_is_kept_and_then_its_message_is_deleted() -> None:
    desk = Desk()
    desk.put("summary-42")
    assert desk.step().fate is Fate.DONE
    assert (desk.waiting, len(desk.client.asked)) == ([], 1)
    assert json.loads(desk.results.answer("summary-42"))["text"] == "An answer."
    assert desk.client.deadlines == [60]
    assert desk.sqs.received[0]["VisibilityTimeout"] == 90
    record = desk.record
    assert (record["status"], record["mode"], record["receives"]) == ("done", 1, 1)
    assert (record["intent"], record["correlation_id"]) == ("summary", "c-9")
    assert "summary-42" not in json.dumps(record)


def test_an_empty_queue_is_nothing() -> None:
    desk = Desk()
    assert desk.worker.step() is None
    assert desk.records == []


def test_a_key_that_comes_twice_is_answered_once() -> None:
    desk = Desk()
    desk.put()
    desk.put()
    assert [desk.step().fate, desk.step().fate] == [Fate.DONE, Fate.DUPLICATE]
    assert (desk.waiting, len(desk.client.asked)) == ([], 1)


def test_of_two_workers_at_once_one_answers_and_the_other_gives_back() -> None:
    desk = Desk()
    second: list[Handled | None] = []

    def meanwhile() -> fm.Answer:
        second.append(desk.another().step())
        return answered()

    desk.client = Client(meanwhile)
    desk.worker = desk.another()
    desk.put()
    desk.put()
    assert desk.step().fate is Fate.DONE
    (busy,) = second
    assert busy is not None
    assert (busy.fate, busy.wait) == (Fate.BUSY, 90)
    desk.clock.now += 90
    assert desk.step().fate is Fate.DUPLICATE
    assert len(desk.client.asked) == 1


def test_a_worker_that_died_makes_room_when_its_claim_ends() -> None:
    desk = Desk()
    desk.put()
    desk.results.claim("k", owner="dead worker", seconds=90)
    assert desk.step().fate is Fate.BUSY
    desk.clock.now += 90
    assert desk.step().fate is Fate.DONE


@pytest.mark.parametrize("mode", [fm.Mode.TEMPLATE, fm.Mode.APOLOGY])
def test_what_no_model_answered_comes_back_later_and_at_last_is_a_dead_letter(
    mode: fm.Mode,
) -> None:
    desk = Desk(Client(answered(mode)))
    desk.put()
    waits = []
    for _ in range(2):
        handled = desk.step()
        assert handled.fate is Fate.LATER
        assert handled.wait is not None
        waits.append(handled.wait)
        assert desk.worker.step() is None  # not before
        desk.clock.now += handled.wait + 1
    assert 15 <= waits[0] <= 30 <= waits[1] <= 60
    assert desk.results.answer("k") is None
    assert desk.step().fate is Fate.DEAD
    assert desk.record["reason"] == "no model answered in 3 deliveries"
    assert (desk.waiting, len(desk.sqs.bodies(DEAD))) == ([], 1)


def test_a_model_that_is_back_answers_what_waited() -> None:
    desk = Desk(Client(answered(fm.Mode.APOLOGY), answered(fm.Mode.BACKUP)))
    desk.put()
    desk.step()
    desk.clock.now += 60
    assert desk.step().fate is Fate.DONE


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("Text of a user", "it is not JSON"),
        (json.dumps({"form": "other/1"}), f"its form is not {FORM}"),
        (
            json.dumps(
                {"form": FORM, "idempotency_key": "k", "request": {"intent": "i", "messages": []}}
            ),
            "its request is not valid: messages_missing",
        ),
    ],
    ids=["not json", "form", "invalid"],
)
def test_poison_is_a_dead_letter_at_once_with_its_reason(body: str, reason: str) -> None:
    desk = Desk()
    desk.sqs.send_message(QueueUrl=QUEUE, MessageBody=body)
    assert desk.step().fate is Fate.DEAD
    assert (desk.waiting, desk.sqs.bodies(DEAD), desk.client.asked) == ([], [body], [])
    attributes = desk.sqs.queues[DEAD][0].attributes
    assert attributes[REASON]["StringValue"] == desk.record["reason"] == reason


def test_a_dead_letter_that_cannot_be_sent_stays_where_it_is() -> None:
    desk = Desk()
    desk.sqs.send_message(QueueUrl=QUEUE, MessageBody="x")
    desk.sqs.lose.append("send")
    with pytest.raises(SqsDown):
        desk.worker.step()
    assert (desk.waiting, desk.record["status"]) == (["x"], "failed")


def test_what_nobody_wants_any_more_is_dropped_with_a_record() -> None:
    desk = Desk()
    desk.put(not_after=desk.wall() + timedelta(seconds=5))
    desk.clock.now += 6
    assert desk.step().fate is Fate.EXPIRED
    assert (desk.waiting, desk.client.asked) == ([], [])
    assert desk.record["status"] == "expired"


class Failing(MemoryResults):
    """Loses the first answer that is to be kept."""

    lost = False

    def keep(self, key: str, document: str, *, owner: str) -> bool:
        if not self.lost:
            self.lost = True
            raise ConnectionError
        return super().keep(key, document, owner=owner)


def test_an_answer_that_was_not_kept_is_given_again() -> None:
    desk = Desk()
    desk.results = Failing(desk.clock)
    desk.worker = desk.another()
    desk.put()
    with pytest.raises(ConnectionError):
        desk.worker.step()
    assert (len(desk.waiting), desk.record["status"]) == (1, "failed")
    assert desk.record["reason"] == "ConnectionError"
    desk.clock.now += 90
    assert desk.step().fate is Fate.DONE


def test_a_message_that_was_not_deleted_is_not_answered_again() -> None:
    desk = Desk()
    desk.put()
    desk.sqs.lose.append("delete")
    with pytest.raises(SqsDown):
        desk.worker.step()
    desk.clock.now += 90
    assert desk.step().fate is Fate.DUPLICATE
    assert len(desk.client.asked) == 1


def test_a_client_that_raises_is_no_answer() -> None:
    desk = Desk(Client(TypeError("Text of a user")))
    desk.put()
    handled = desk.step()
    assert (handled.fate, handled.reason) == (Fate.LATER, "the client raised TypeError")
    assert desk.record["status"] == "later"


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_who_is_interrupted_gives_back_at_once(kind: type[BaseException]) -> None:
    desk = Desk(Client(kind(), answered()))
    desk.put()
    with pytest.raises(kind):
        desk.worker.run(threading.Event())
    assert desk.record["status"] == "given_back"
    assert desk.step().fate is Fate.DONE  # nothing to wait for, neither message nor claim


def test_a_stop_lets_the_message_at_hand_be_finished() -> None:
    stop = threading.Event()

    def last() -> fm.Answer:
        stop.set()
        return answered()

    desk = Desk(Client(last))
    desk.put("a")
    desk.put("b")
    desk.worker.run(stop)
    assert len(desk.waiting) == 1
    assert [record["status"] for record in desk.records] == ["done"]


def test_what_arrives_after_the_stop_is_given_back() -> None:
    desk, stop = Desk(), threading.Event()
    desk.put()
    desk.sqs.on_receive = stop.set
    desk.worker.run(stop)
    assert desk.client.asked == []
    assert desk.worker.step() is not None


def test_an_error_of_sqs_is_no_end() -> None:
    desk = Desk()
    desk.put()

    class Stop(threading.Event):
        """Waiting is noted, not done; it is set when the queue is empty."""

        waits: list[float | None] = []  # noqa: RUF012 - of one test

        def wait(self, timeout: float | None = None) -> bool:
            self.waits.append(timeout)
            return False

    stop = Stop()
    desk.sqs.lose.append("receive")
    desk.client = Client(lambda: [stop.set(), answered()][1])  # type: ignore[func-returns-value]
    desk.worker = desk.another()
    desk.worker.run(stop)
    assert (stop.waits, desk.waiting) == ([5.0], [])


def test_a_log_that_raises_loses_a_record_and_no_message() -> None:
    desk = Desk()
    desk.put()

    def broken(record: Mapping[str, Any]) -> None:
        raise OSError(record["status"])

    worker = Worker(
        desk.queue,
        desk.client,
        results=desk.results,
        dead_letters_url=DEAD,
        clock=desk.clock,
        wall=desk.wall,
        rng=random.Random(3),  # noqa: S311 - jitter
        log_sink=broken,
    )
    handled = worker.step()
    assert handled is not None
    assert handled.fate is Fate.DONE


def test_the_readme_s_worker_can_be_made() -> None:
    """Its python block, with fakes for what it leaves to the reader."""
    text = (
        (Path(__file__).parents[4] / "README.md")
        .read_text(encoding="utf-8")
        .split("### Work that can wait")[1]
    )
    block = text.split("```python\n")[1].split("```")[0].replace("fm.Client()", "client")
    desk, stop = Desk(), threading.Event()
    stop.set()
    given = {
        "fm": fm,
        "client": desk.client,
        "boto3": SimpleNamespace(client=lambda _: desk.sqs),
        "redis": SimpleNamespace(Redis=lambda: None),
        "queue_url": QUEUE,
        "dead_letters_url": DEAD,
        "request": fm.Request(intent="summary", messages=(fm.user("x"),)),
        "tomorrow": START,
        "stop": stop,
        "time": time,
        "datetime": datetime,
        "UTC": UTC,
        "random": random,
        "sys": sys,
    }
    exec(compile(block, "README.md", "exec"), given)  # noqa: S102 - our own text
    assert len(desk.waiting) == 1
