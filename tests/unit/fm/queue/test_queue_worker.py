"""What becomes of a message: answered once, given back, moved away, always with one record."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mangaops import fm
from mangaops.errors import InputError
from mangaops.fm.queue.handling import Fate, Handled
from mangaops.fm.queue.message import FORM
from mangaops.fm.queue.model_queue import ModelQueue
from mangaops.fm.queue.results import Claim, MemoryResults
from mangaops.fm.queue.worker import REASON, Worker
from mangaops.fm.queue.worker_config import WorkerConfig
from mangaops.fm.records.fields import FIELDS
from mangaops.fm.records.session import session_hash
from support.fake_sqs import FakeSqs, SqsDown
from support.fake_time import FakeClock
from support.fm import Scripted, error, said, unavailable

START = datetime(2026, 11, 21, 10, tzinfo=UTC)
QUEUE, DEAD = "queue", "dead"
CONFIG = WorkerConfig(max_receives=3, deadline=60, margin=30)


def answered(
    mode: fm.Mode = fm.Mode.PRIMARY, text: str = "An answer.", failure: fm.Failure | None = None
) -> fm.Answer:
    return fm.Answer(
        text=text,
        mode=mode,
        model_answered=None if mode >= fm.Mode.TEMPLATE else fm.Target(model_id="m", region="r"),
        failure=failure,
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
        return Worker(**self.made_of)

    @property
    def made_of(self) -> dict[str, Any]:
        return {
            "queue": self.queue,
            "client": self.client,
            "results": self.results,
            "dead_letters_url": DEAD,
            "salt": b"pepper",
            "clock": self.clock,
            "wall": self.wall,
            "rng": random.Random(3),  # noqa: S311 - jitter
            "log_sink": self.records.append,
            "config": CONFIG,
        }

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
    assert desk.record["reason"] == "no model answered in 3 attempts"
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
    """Takes no answer, or no claim, so many times."""

    keeps = claims = 0

    def keep(self, key: str, document: str, *, owner: str) -> bool:
        self.keeps -= 1
        if self.keeps >= 0:
            raise ConnectionError
        return super().keep(key, document, owner=owner)

    def claim(self, key: str, *, owner: str, seconds: float) -> Claim:
        self.claims -= 1
        if self.claims >= 0:
            raise ConnectionError("Text of a user")
        return super().claim(key, owner=owner, seconds=seconds)


def failing(*, keeps: int = 0, claims: int = 0, client: Client | None = None) -> Desk:
    clock = FakeClock()
    results = Failing(clock)
    results.keeps, results.claims = keeps, claims
    desk = Desk(client, results)
    results._clock = desk.clock
    desk.put()
    return desk


def all_of(desk: Desk) -> list[Fate]:
    """Its fates until it comes no more."""
    fates = []
    while desk.waiting:
        handled = desk.step()
        fates.append(handled.fate)
        desk.clock.now += (handled.wait or 0) + 1
    return fates


def test_an_answer_that_was_not_kept_is_kept_later_and_paid_once() -> None:
    desk = failing(keeps=1)
    handled = desk.step()
    assert (handled.fate, handled.mode) == (Fate.FAILED, 1)
    assert handled.wait is not None
    assert (len(desk.waiting), desk.record["status"]) == (1, "failed")
    assert desk.record["reason"] == "its answer could not be kept (ConnectionError)"
    assert desk.worker.step() is None  # nothing to take, and the store takes the answer
    assert desk.results.answer("k") is not None
    desk.clock.now += handled.wait + 1
    assert desk.another().step().fate is Fate.DUPLICATE  # type: ignore[union-attr]
    assert (desk.waiting, len(desk.client.asked)) == ([], 1)


def test_an_answer_in_hand_is_kept_when_its_message_is_back() -> None:
    desk = failing(keeps=2)
    assert all_of(desk) == [Fate.FAILED, Fate.DONE]
    assert (desk.record["mode"], len(desk.client.asked)) == (1, 1)
    assert json.loads(desk.results.answer("k"))["text"] == "An answer."


def test_an_answer_that_no_store_takes_is_paid_once_and_its_message_a_dead_letter() -> None:
    desk = failing(keeps=99)
    assert all_of(desk) == [Fate.FAILED, Fate.FAILED, Fate.DEAD]
    assert desk.record["reason"] == "its answer could not be kept (ConnectionError) in 3 attempts"
    assert (len(desk.sqs.bodies(DEAD)), len(desk.client.asked)) == (1, 1)


def test_a_worker_that_stops_offers_its_answers_once_more() -> None:
    stop = threading.Event()

    def last() -> fm.Answer:
        stop.set()
        return answered()

    desk = failing(keeps=1, client=Client(last))
    desk.worker.run(stop)
    assert desk.results.answer("k") is not None


def test_a_store_that_is_down_costs_no_model_and_at_last_is_the_reason() -> None:
    desk = failing(claims=2)
    assert all_of(desk) == [Fate.FAILED, Fate.FAILED, Fate.DONE]
    desk = failing(claims=99)
    assert all_of(desk) == [Fate.FAILED, Fate.FAILED, Fate.DEAD]
    assert desk.client.asked == []
    assert desk.record["reason"] == "the results store raised ConnectionError in 3 attempts"


def test_a_delivery_while_another_is_at_its_key_is_no_attempt() -> None:
    desk = Desk(Client(answered(fm.Mode.APOLOGY)))
    desk.put()
    for _ in range(5):
        desk.results.claim("k", owner="another", seconds=1)
        assert desk.step().fate is Fate.BUSY
        desk.clock.now += 2
    desk.results.give_up("k", owner="another", forget=True)
    first = desk.step()
    assert first.fate is Fate.LATER
    assert first.wait is not None
    assert 15 <= first.wait <= 30
    desk.clock.now += 31
    assert all_of(desk) == [Fate.LATER, Fate.DEAD]


def test_a_dead_letter_that_is_sent_back_has_all_its_attempts_again() -> None:
    desk = Desk(Client(answered(fm.Mode.APOLOGY)))
    desk.put()
    assert all_of(desk)[-1] is Fate.DEAD
    desk.put()
    assert all_of(desk) == [Fate.LATER, Fate.LATER, Fate.DEAD]


@pytest.mark.parametrize(
    ("failure_class", "code", "fate", "reason"),
    [
        ("blocked", "guardrail_intervened", Fate.DEAD, "its content is refused"),
        ("request_bad", "ValidationException", Fate.DEAD, "its request is refused"),
        ("config", "AccessDeniedException", Fate.LATER, "no model answered"),
        ("throttle", "ThrottlingException", Fate.LATER, "no model answered"),
    ],
)
def test_what_no_model_will_answer_is_asked_once(
    failure_class: str, code: str, fate: Fate, reason: str
) -> None:
    failure = fm.Failure.of(fm.FailureClass(failure_class), code)
    desk = Desk(Client(answered(fm.Mode.TEMPLATE, failure=failure)))
    desk.put()
    handled = desk.step()
    assert (handled.fate, handled.reason) == (fate, f"{reason} ({code})")
    assert len(desk.sqs.bodies(DEAD)) == (fate is Fate.DEAD)


@pytest.mark.parametrize(
    ("told", "fate"),
    [
        (said(stop="guardrail_intervened"), Fate.DEAD),
        (error("ValidationException", 400), Fate.DEAD),
        (error("AccessDeniedException", 403), Fate.LATER),
        (unavailable(), Fate.LATER),
    ],
    ids=["blocked", "refused", "denied", "down"],
)
def test_the_client_tells_the_worker_why_no_model_answered(told: Any, fate: Fate) -> None:
    desk = Desk()
    client = fm.Client(
        transport=Scripted(last=told), clock=desk.clock, sleep=lambda _: None, log_sink=str
    )
    desk.put()
    handled = Worker(**{**desk.made_of, "client": client}).step()
    assert handled is not None
    assert (handled.fate, "(" in handled.reason) == (fate, True)


def test_a_stored_answer_is_no_model_s() -> None:
    desk = Desk(Client(replace(answered(fm.Mode.BACKUP), model_answered=None)))
    desk.put()
    assert desk.step().fate is Fate.LATER


def test_a_key_of_two_requests_is_answered_once_and_that_is_said() -> None:
    desk = Desk()
    desk.put()
    desk.put()
    other = fm.Request(intent="summary", messages=(fm.user("Another text of a user"),))
    desk.queue.enqueue(other, idempotency_key="k")
    assert all_of(desk) == [Fate.DONE, Fate.DUPLICATE, Fate.DUPLICATE]
    assert [record.get("reason") for record in desk.records] == [
        None,
        "its key was answered before",
        "its key was answered before, for another request",
    ]


def test_a_request_that_cannot_be_checked_is_a_dead_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: Any) -> Any:
        raise OverflowError("Text of a user")

    monkeypatch.setattr("mangaops.fm.queue.worker.validate_request", broken)
    desk = Desk()
    desk.put()
    assert desk.step().fate is Fate.DEAD
    assert desk.record["reason"] == "its request cannot be checked: OverflowError"


def test_a_key_is_logged_as_a_hash_that_needs_the_salt() -> None:
    desk = Desk()
    desk.put("user-17")
    desk.step()
    assert desk.record["key_hash"] == session_hash("user-17", salt=b"pepper")
    with pytest.raises(ValueError, match="salt"):
        Worker(**{**desk.made_of, "salt": b""})


@pytest.mark.parametrize(
    "changes",
    [
        {"deadline": 50_000}, {"deadline": 0}, {"deadline": float("inf")},
        {"deadline": float("nan")}, {"margin": -100}, {"poll": 60}, {"poll": 0.5},
        {"max_receives": 0}, {"backoff": -1}, {"longest_backoff": 1e9}, {"pause": "5"},
    ],
    ids=str,
)  # fmt: skip
def test_a_worker_that_could_not_work_is_refused_when_it_is_made(changes: Any) -> None:
    with pytest.raises(InputError, match="cannot work so"):
        WorkerConfig(**changes)


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
        salt=b"pepper",
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
        "salt": b"pepper",
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
