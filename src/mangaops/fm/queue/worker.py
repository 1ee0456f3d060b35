"""Takes messages out of the queue, one at a time, and answers them.

Rule: while a message is worked on, nobody else gets it: it is received with a visibility
time-out of `deadline` + `margin`, and the client's call ends by its deadline. So nothing is
renewed meanwhile, and no thread beats. Where a call should outlive that all the same, the
claim on its key has ended too, and the first answer that is kept stays.
Run several workers, in threads or tasks, to answer several messages at once.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, assert_never

from mangaops.fm.answer import Answer
from mangaops.fm.queue.delivery import Delivery, delivery_of
from mangaops.fm.queue.handling import Fate, Handled, why_never, why_not
from mangaops.fm.queue.in_hand import Held, InHand
from mangaops.fm.queue.kept_answer import digest_kept, digest_of, kept_answer
from mangaops.fm.queue.message import Unreadable, Work, work_of
from mangaops.fm.queue.model_queue import ModelQueue
from mangaops.fm.queue.queue_record import queue_record
from mangaops.fm.queue.results import Done, Mine, Results, Taken
from mangaops.fm.queue.worker_config import LONGEST_VISIBILITY, WorkerConfig
from mangaops.fm.records.session import session_hash
from mangaops.fm.requests.issue import errors_of
from mangaops.fm.requests.registry import Registry
from mangaops.fm.requests.request import Request
from mangaops.fm.requests.validate import validate_request

REASON = "mangaops_reason"
"""The attribute of a dead letter that says why it is one."""
_LONGEST_REASON = 256


class Answering(Protocol):
    """`fm.Client`, as far as it is used."""

    def complete(self, request: Request, *, deadline: float | None = None) -> Answer: ...


class Worker:
    """One thread of one task. `models` are those whose requests are checked beforehand.

    `dead_letters_url` is a queue of its own; letters keep their text and say why in the
    message attribute `mangaops_reason`. `clock` is monotonic seconds, `wall` aware UTC. Keys
    are logged as a hash with `salt`, as sessions are: all workers share it.
    """

    def __init__(  # noqa: PLR0913 - all that is real can be replaced
        self,
        queue: ModelQueue,
        client: Answering,
        *,
        results: Results,
        dead_letters_url: str,
        salt: bytes,
        clock: Callable[[], float],
        wall: Callable[[], datetime],
        rng: random.Random,
        log_sink: Callable[[Mapping[str, Any]], None],
        config: WorkerConfig | None = None,
        models: Registry | None = None,
    ) -> None:
        self._queue, self._client, self._results = queue, client, results
        self._dead_letters_url = dead_letters_url
        self._clock, self._wall, self._rng, self._sink = clock, wall, rng, log_sink
        self._config = config or WorkerConfig()
        self._models = models or Registry()
        self._in_hand = InHand(results, clock)
        self._salt = salt
        session_hash("", salt=salt)  # an empty one is refused now

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set: the message at hand is finished, none is taken any more.

        An error of SQS or of the results store is no end: what was at hand comes back.
        Ctrl-C gives the message back at once, and is raised on.
        """
        try:
            while not stop.is_set():
                if not self._stepped(stop):
                    stop.wait(self._config.pause)
        finally:
            self._in_hand.offer_all()

    def _stepped(self, stop: threading.Event) -> bool:
        try:
            handled = self.step(stop)
        except Exception:  # noqa: BLE001 - SQS's client is handed in; it was logged, or idle
            return False
        return handled is None or handled.fate is not Fate.FAILED

    def step(self, stop: threading.Event | None = None) -> Handled | None:
        """One message, if there is any within `poll` seconds. Raises what SQS's client does.

        What arrives after `stop` was set is given back.
        """
        self._in_hand.offer_all()
        answer = self._queue.sqs.receive_message(
            QueueUrl=self._queue.url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=self._config.poll,
            VisibilityTimeout=self._config.visibility,
            MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )
        messages = answer.get("Messages") or []
        if not messages:
            return None
        delivery = delivery_of(messages[0])
        if stop is not None and stop.is_set():
            self._return(delivery, 0)
            return None
        return self._handle(delivery)

    def _handle(self, delivery: Delivery) -> Handled:
        """Exactly one record, whatever becomes of it."""
        began = self._clock()
        handled = Handled(fate=Fate.FAILED, reason="it was not finished with")
        try:
            handled = self._decide(delivery)
            self._act(delivery, handled)
        except Exception as error:
            handled = replace(handled, fate=Fate.FAILED, reason=type(error).__name__)
            raise
        except BaseException:
            handled = replace(handled, fate=Fate.GIVEN_BACK, reason="the worker stopped")
            self._return(delivery, 0)
            raise
        finally:
            self._log(delivery, handled, self._clock() - began)
        return handled

    def _decide(self, delivery: Delivery) -> Handled:
        try:
            work = work_of(delivery.body)
        except Unreadable as error:
            return Handled(fate=Fate.DEAD, reason=str(error))
        request = work.request
        told = Handled(
            fate=Fate.DEAD,
            key=work.key,
            intent=request.intent,
            correlation_id=request.correlation_id,
        )
        if work.not_after is not None and self._wall() > work.not_after:
            return replace(told, fate=Fate.EXPIRED, reason="nobody wants the answer any more")
        wrong = self._wrong(request)
        if wrong is not None:
            return replace(told, reason=wrong)
        try:
            return self._answer(delivery, work, told)
        except Exception as error:  # noqa: BLE001 - the store is handed in
            return self._failed(delivery, told, f"the results store raised {type(error).__name__}")

    def _wrong(self, request: Request) -> str | None:
        """What is wrong with it is wrong with it each time, so also what cannot be looked at."""
        try:
            wrong = errors_of(validate_request(request, self._models))
        except Exception as error:  # noqa: BLE001 - it came out of a message
            return f"its request cannot be checked: {type(error).__name__}"
        codes = ", ".join(sorted({issue.code.value for issue in wrong}))
        return f"its request is not valid: {codes}" if wrong else None

    def _answer(self, delivery: Delivery, work: Work, told: Handled) -> Handled:
        held = self._in_hand.of(work.key)
        if held is not None:
            return self._keep(delivery, work, told, held)
        seconds = self._config.visibility
        claim = self._results.claim(work.key, owner=delivery.handle, seconds=seconds)
        match claim:
            case Done(document=document):
                other = digest_kept(document) not in {None, digest_of(work.request)}
                reason = "its key was answered before" + (", for another request" if other else "")
                return replace(told, fate=Fate.DUPLICATE, reason=reason)
            case Taken(seconds=left):
                wait = min(max(1.0, left), seconds)
                return replace(told, fate=Fate.BUSY, wait=wait, reason="another worker is at it")
            case Mine(attempt=attempt):
                return self._ask(delivery, work, told, attempt)
            case _:
                assert_never(claim)

    def _ask(self, delivery: Delivery, work: Work, told: Handled, attempt: int) -> Handled:
        """The claim stays only while its answer waits for the store, or a letter to be sent."""
        try:
            try:
                answer = self._client.complete(work.request, deadline=self._config.deadline)
            except Exception as error:  # noqa: BLE001 - a bug of the client is no answer
                why = f"the client raised {type(error).__name__}"
                return self._unanswered(delivery, work, told, why, attempt)
            told = replace(told, mode=int(answer.mode), correlation_id=answer.correlation_id)
            if answer.model_answered is None:
                never = why_never(answer)
                if never is not None:
                    return replace(told, reason=never)
                return self._unanswered(delivery, work, told, why_not(answer), attempt)
            held = Held(
                document=kept_answer(answer, work.request),
                owner=delivery.handle,
                mode=int(answer.mode),
                correlation_id=answer.correlation_id,
                since=self._clock(),
            )
            return self._keep(delivery, work, told, held)
        except BaseException:
            self._give_up(work.key, delivery.handle)
            raise

    def _keep(self, delivery: Delivery, work: Work, told: Handled, held: Held) -> Handled:
        """An answer that is in hand: no model is asked for another."""
        told = replace(told, mode=held.mode, correlation_id=held.correlation_id)
        try:
            kept = self._in_hand.keep(work.key, held)
        except Exception as error:  # noqa: BLE001 - the store is handed in
            why = f"its answer could not be kept ({type(error).__name__})"
            handled = self._failed(delivery, told, why)
            if handled.fate is Fate.DEAD:
                self._in_hand.let_go(work.key)
            return handled
        if not kept:
            return replace(told, fate=Fate.DUPLICATE, reason="another answer was kept before")
        return replace(told, fate=Fate.DONE)

    def _unanswered(
        self, delivery: Delivery, work: Work, told: Handled, why: str, attempt: int
    ) -> Handled:
        handled = self._again(told, why, attempt, Fate.LATER)
        if handled.fate is not Fate.DEAD:
            self._give_up(work.key, delivery.handle)
        return handled

    def _failed(self, delivery: Delivery, told: Handled, why: str) -> Handled:
        """Counted here alone: no store says how often."""
        return self._again(told, why, self._in_hand.failed(delivery.message_id), Fate.FAILED)

    def _again(self, told: Handled, why: str, attempt: int, fate: Fate) -> Handled:
        if attempt >= self._config.max_receives:
            return replace(told, fate=Fate.DEAD, reason=f"{why} in {attempt} attempts")
        wait = self._config.wait_after(attempt, self._rng.random())
        return replace(told, fate=fate, wait=wait, reason=why)

    def _give_up(self, key: str, owner: str, *, forget: bool = False) -> None:
        try:
            self._results.give_up(key, owner=owner, forget=forget)
        except Exception:  # noqa: BLE001 - the store is handed in; the claim ends by itself
            return

    def _act(self, delivery: Delivery, handled: Handled) -> None:
        """Tell SQS. A dead letter is sent before it is deleted: rather twice than never."""
        match handled.fate:
            case Fate.DONE | Fate.DUPLICATE | Fate.EXPIRED:
                self._delete(delivery)
            case Fate.DEAD:
                attribute = {
                    "DataType": "String",
                    "StringValue": handled.reason[:_LONGEST_REASON],
                }
                self._queue.sqs.send_message(
                    QueueUrl=self._dead_letters_url,
                    MessageBody=delivery.body,
                    MessageAttributes={REASON: attribute},
                )
                if handled.key is not None:
                    self._give_up(handled.key, delivery.handle, forget=True)
                self._delete(delivery)
            case _:
                self._return(delivery, handled.wait or 0.0)

    def _delete(self, delivery: Delivery) -> None:
        self._queue.sqs.delete_message(QueueUrl=self._queue.url, ReceiptHandle=delivery.handle)

    def _return(self, delivery: Delivery, seconds: float) -> None:
        """Visible again after `seconds`; else it is by itself, at the end of its time-out."""
        try:
            self._queue.sqs.change_message_visibility(
                QueueUrl=self._queue.url,
                ReceiptHandle=delivery.handle,
                VisibilityTimeout=min(LONGEST_VISIBILITY, round(seconds)),
            )
        except Exception:  # noqa: BLE001 - SQS's client is handed in
            return

    def _log(self, delivery: Delivery, handled: Handled, duration: float) -> None:
        now = self._wall()
        age = None if delivery.sent_at is None else max(0.0, now.timestamp() - delivery.sent_at)
        try:
            record = queue_record(
                handled,
                at=now,
                message_id=delivery.message_id,
                receives=delivery.receives,
                age=age,
                duration=duration,
                salt=self._salt,
            )
            self._sink(record)
        except Exception:  # noqa: BLE001 - a message is not lost because its log is
            return
