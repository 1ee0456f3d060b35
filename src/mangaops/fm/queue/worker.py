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
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, assert_never

from mangaops.fm.answer import Answer, Mode
from mangaops.fm.queue.handling import Fate, Handled
from mangaops.fm.queue.kept_answer import kept_answer
from mangaops.fm.queue.message import Unreadable, Work, work_of
from mangaops.fm.queue.model_queue import ModelQueue
from mangaops.fm.queue.queue_record import queue_record
from mangaops.fm.queue.results import Done, Mine, Results, Taken
from mangaops.fm.requests.issue import errors_of
from mangaops.fm.requests.registry import Registry
from mangaops.fm.requests.request import Request
from mangaops.fm.requests.validate import validate_request

LONGEST_VISIBILITY = 43_200
"""SQS's, in seconds."""
REASON = "mangaops_reason"
"""The attribute of a dead letter that says why it is one."""
_LONGEST_REASON = 256


class Answering(Protocol):
    """`fm.Client`, as far as it is used."""

    def complete(self, request: Request, *, deadline: float | None = None) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerConfig:
    """Seconds, but for `max_receives`.

    `deadline` is of one call, `margin` what the rest takes. `poll` is how long SQS waits for a
    message (20 at most). A message that no model answered comes back after `backoff`, twice
    as long each time up to `longest_backoff`, at random between half of it and all, and goes
    to the dead letters after `max_receives` deliveries. A redrive policy of the queue itself
    needs a higher maxReceiveCount, or it moves them first, and without a reason.
    """

    deadline: float = 60.0
    margin: float = 30.0
    poll: int = 20
    backoff: float = 30.0
    longest_backoff: float = 900.0
    max_receives: int = 8
    pause: float = 5.0
    """After an error of SQS itself."""

    @property
    def visibility(self) -> int:
        return min(LONGEST_VISIBILITY, int(self.deadline + self.margin + 0.999))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivery:
    message_id: str
    handle: str
    body: str
    receives: int
    sent_at: float | None
    """Epoch seconds."""


class Worker:
    """One thread of one task. `models` are those whose requests are checked beforehand.

    `dead_letters_url` is a queue of its own; letters keep their text and say why in the
    message attribute `mangaops_reason`. `clock` is monotonic seconds, `wall` aware UTC.
    """

    def __init__(  # noqa: PLR0913 - all that is real can be replaced
        self,
        queue: ModelQueue,
        client: Answering,
        *,
        results: Results,
        dead_letters_url: str,
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

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set: the message at hand is finished, none is taken any more.

        An error of SQS or of the results store is no end: what was at hand comes back.
        Ctrl-C gives the message back at once, and is raised on.
        """
        while not stop.is_set():
            try:
                self.step(stop)
            except Exception:  # noqa: BLE001 - SQS's client is handed in; it was logged, or idle
                stop.wait(self._config.pause)

    def step(self, stop: threading.Event | None = None) -> Handled | None:
        """One message, if there is any within `poll` seconds. Raises what SQS's client does.

        What arrives after `stop` was set is given back.
        """
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
        delivery = _delivery(messages[0])
        if stop is not None and stop.is_set():
            self._return(delivery, 0)
            return None
        return self._handle(delivery)

    def _handle(self, delivery: _Delivery) -> Handled:
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

    def _decide(self, delivery: _Delivery) -> Handled:
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
        wrong = errors_of(validate_request(request, self._models))
        if wrong:
            codes = ", ".join(sorted({issue.code.value for issue in wrong}))
            return replace(told, reason=f"its request is not valid: {codes}")
        return self._answer(delivery, work, told)

    def _answer(self, delivery: _Delivery, work: Work, told: Handled) -> Handled:
        seconds = self._config.visibility
        claim = self._results.claim(work.key, owner=delivery.handle, seconds=seconds)
        match claim:
            case Done():
                return replace(told, fate=Fate.DUPLICATE, reason="its key was answered before")
            case Taken(seconds=left):
                wait = min(max(1.0, left), seconds)
                return replace(told, fate=Fate.BUSY, wait=wait, reason="another worker is at it")
            case Mine():
                return self._ask(delivery, work, told)
            case _:
                assert_never(claim)

    def _ask(self, delivery: _Delivery, work: Work, told: Handled) -> Handled:
        """The claim ends here, unless the answer could not be kept: then by itself."""
        keeping = False
        try:
            try:
                answer = self._client.complete(work.request, deadline=self._config.deadline)
            except Exception as error:  # noqa: BLE001 - a bug of the client is no answer
                return self._unanswered(delivery, told, f"the client raised {type(error).__name__}")
            told = replace(told, mode=int(answer.mode), correlation_id=answer.correlation_id)
            if answer.mode in {Mode.TEMPLATE, Mode.APOLOGY}:
                return self._unanswered(delivery, told)
            keeping = True
            if not self._results.keep(work.key, kept_answer(answer), owner=delivery.handle):
                return replace(told, fate=Fate.DUPLICATE, reason="another answer was kept before")
            return replace(told, fate=Fate.DONE)
        finally:
            if not keeping:
                self._give_up(work.key, delivery.handle)

    def _give_up(self, key: str, owner: str) -> None:
        try:
            self._results.give_up(key, owner=owner)
        except Exception:  # noqa: BLE001 - the store is handed in; the claim ends by itself
            return

    def _unanswered(
        self, delivery: _Delivery, told: Handled, why: str = "no model answered"
    ) -> Handled:
        config = self._config
        if delivery.receives >= config.max_receives:
            reason = f"{why} in {delivery.receives} deliveries"
            return replace(told, fate=Fate.DEAD, reason=reason)
        doubled = config.backoff * 2.0 ** min(delivery.receives - 1, 30)
        wait = min(config.longest_backoff, doubled) * self._rng.uniform(0.5, 1)
        return replace(told, fate=Fate.LATER, wait=wait, reason=why)

    def _act(self, delivery: _Delivery, handled: Handled) -> None:
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
                self._delete(delivery)
            case _:
                self._return(delivery, handled.wait or 0.0)

    def _delete(self, delivery: _Delivery) -> None:
        self._queue.sqs.delete_message(QueueUrl=self._queue.url, ReceiptHandle=delivery.handle)

    def _return(self, delivery: _Delivery, seconds: float) -> None:
        """Visible again after `seconds`; else it is by itself, at the end of its time-out."""
        try:
            self._queue.sqs.change_message_visibility(
                QueueUrl=self._queue.url,
                ReceiptHandle=delivery.handle,
                VisibilityTimeout=min(LONGEST_VISIBILITY, round(seconds)),
            )
        except Exception:  # noqa: BLE001 - SQS's client is handed in
            return

    def _log(self, delivery: _Delivery, handled: Handled, duration: float) -> None:
        now = self._wall()
        age = None if delivery.sent_at is None else max(0.0, now.timestamp() - delivery.sent_at)
        record = queue_record(
            handled,
            at=now,
            message_id=delivery.message_id,
            receives=delivery.receives,
            age=age,
            duration=duration,
        )
        try:
            self._sink(record)
        except Exception:  # noqa: BLE001 - a message is not lost because its log is
            return


def _delivery(message: Mapping[str, Any]) -> _Delivery:
    attributes = message.get("Attributes", {})
    sent = attributes.get("SentTimestamp")
    return _Delivery(
        message_id=str(message.get("MessageId", "")),
        handle=str(message["ReceiptHandle"]),
        body=str(message.get("Body", "")),
        receives=int(attributes.get("ApproximateReceiveCount", 1)),
        sent_at=None if sent is None else int(sent) / 1000,
    )
