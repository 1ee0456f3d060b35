"""Customers of the sandbox: requests to its own models through the resilient client.

What the client says of them, its records, goes to the orchestrator's log group as the
service's would, so that faults of the models are seen in `mangaops logs` and in metrics.
Requests come at a steady pace, however long answers take; beyond `MOST_AT_ONCE` at work,
one is left out and counted, as an overloaded service sheds it.
"""

from __future__ import annotations

import io
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TextIO, cast

from pydantic import Field, ValidationError, field_validator

from mangaops.errors import InputError, nearest
from mangaops.sandbox.scenario_parts import Part
from mangaops.sandbox.world import World

if TYPE_CHECKING:
    from mangaops.fm.client import Client

LOG_GROUP = "/mangaassist/orchestrator"
LOG_STREAM = "orchestrator/model-traffic"
MOST_AT_ONCE = 16
MOST_PER_MINUTE = 6000
_WRITTEN_EVERY_S = 0.5
_BATCH = 1000
_MOST_WAITING = 100_000
_PATIENCE_S = 2.0
_ANY = "any"
QUESTIONS: Mapping[str, str] = MappingProxyType(
    {
        "greeting": "Hello!",
        "faq": "How long does delivery take?",
        "order_tracking": "Where is my order?",
        "recommendation": "I liked Fullmetal Alchemist. What should I read next?",
        "comparison": "Which is longer, Vinland Saga or Berserk?",
    }
)
USUAL: Mapping[str, float] = MappingProxyType(
    {"greeting": 1, "faq": 3, "order_tracking": 2, "recommendation": 3, "comparison": 1}
)


class TrafficPart(Part):
    """So many requests a minute (0: none), with the intents in these proportions."""

    per_minute: float = Field(ge=0, le=MOST_PER_MINUTE, allow_inf_nan=False)
    intents: Mapping[str, float] = Field(default_factory=lambda: dict(USUAL))

    @field_validator("intents")
    @classmethod
    def _known(cls, intents: Mapping[str, float]) -> Mapping[str, float]:
        for name, weight in intents.items():
            if name not in QUESTIONS:
                raise ValueError(f"no intent is named {name}; {nearest(name, tuple(QUESTIONS))}")
            if not 0 <= weight < float("inf"):
                raise ValueError(f"the weight of {name} is a number from 0 on")
        if not any(intents.values()):
            raise ValueError("no intent has a weight")
        return intents


def read_traffic(body: Mapping[str, Any]) -> TrafficPart:
    """What a request to `/_sandbox/traffic` asks for; raises InputError at its first mistake."""
    try:
        return TrafficPart.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(key) for key in first["loc"])
        raise InputError(f"{place}: {first['msg']}", where="/_sandbox/traffic") from None


class Traffic:
    """The customers of one world. `set` as often as wanted; `stop` ends them for good."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stopped = threading.Event()
        self._changed = threading.Event()
        self._lock = threading.Lock()
        self._part = TrafficPart(per_minute=0)
        self._random = Random("traffic")  # noqa: S311 - customers, not secrets
        self._lines = _Lines(world)
        self._at_work = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._threads: list[threading.Thread] = []
        self.asked = 0
        self.left_out = 0

    def set(self, part: TrafficPart) -> None:
        with self._lock:
            self._part = part
            self._changed.set()
            if part.per_minute and not self._threads and not self._stopped.is_set():
                self._threads = [_started(self._ask_on), _started(self._write_down)]

    def stop(self) -> None:
        """Ask nothing more, and write down what is known."""
        self._stopped.set()
        self._changed.set()
        for thread in self._threads:
            thread.join(_PATIENCE_S)

    def as_json(self) -> dict[str, Any]:
        told = self._part.model_dump()
        return {**told, "asked": self.asked, "left_out": self.left_out}

    def _ask_on(self) -> None:
        client = self._client()
        while not self._stopped.is_set():
            self._changed.clear()
            per_minute, intents = self._part.per_minute, self._part.intents
            if self._changed.wait(60 / per_minute if per_minute else None):
                continue
            (intent,) = self._random.choices(list(intents), list(intents.values()))
            if not self._at_work.acquire(blocking=False):
                self.left_out += 1
                continue
            self.asked += 1
            _started(partial(self._ask, client, intent))

    def _ask(self, client: Client, intent: str) -> None:
        from mangaops.fm import Request, user  # noqa: PLC0415 - not before there is traffic

        try:
            client.complete(Request(intent=intent, messages=(user(QUESTIONS[intent]),)))
        finally:
            self._at_work.release()

    def _client(self) -> Client:
        import boto3  # noqa: PLC0415 - as above

        from mangaops.fm.client import Client  # noqa: PLC0415 - as above
        from mangaops.fm.defaults import manga_assist  # noqa: PLC0415 - as above
        from mangaops.fm.records.sink import JsonLines  # noqa: PLC0415 - as above
        from mangaops.fm.transport.bedrock import (  # noqa: PLC0415 - as above
            BedrockTransport,
            clients_of,
        )

        session = boto3.Session(aws_access_key_id="CUSTOMERS", aws_secret_access_key=_ANY)
        clients = clients_of(endpoint_url=self._world.endpoint_url, session=session)
        return Client(
            manga_assist(region=self._world.region),
            transport=BedrockTransport(clients, clock=time.monotonic),
            wall=self._world.now,
            sleep=self._pause,
            rng=Random("traffic-client"),  # noqa: S311 - jitter
            log_sink=JsonLines(cast("TextIO", self._lines)),
        )

    def _pause(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def _write_down(self) -> None:
        import boto3  # noqa: PLC0415 - as above
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

        logs: Any = boto3.client(
            "logs",
            region_name=self._world.region,
            endpoint_url=self._world.endpoint_url,
            aws_access_key_id="CUSTOMERS",
            aws_secret_access_key=_ANY,
        )
        _make(logs.create_log_group, logGroupName=LOG_GROUP)
        _make(logs.create_log_stream, logGroupName=LOG_GROUP, logStreamName=LOG_STREAM)
        over = False
        while not over:
            over = self._stopped.wait(_WRITTEN_EVERY_S)
            while batch := self._lines.take():
                try:
                    logs.put_log_events(
                        logGroupName=LOG_GROUP, logStreamName=LOG_STREAM, logEvents=batch
                    )
                except (BotoCoreError, ClientError):  # a fault of the logs: tried again later
                    self._lines.give_back(batch)
                    break


class _Lines(io.TextIOBase):
    """The lines of a log that are still to be put to CloudWatch."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self._waiting: deque[dict[str, Any]] = deque(maxlen=_MOST_WAITING)

    def write(self, line: str) -> int:
        at = round(self._world.now().timestamp() * 1000)
        self._waiting.append({"timestamp": at, "message": line.rstrip("\n")})
        return len(line)

    def take(self) -> list[dict[str, Any]]:
        count = min(len(self._waiting), _BATCH)
        batch = [self._waiting.popleft() for _ in range(count)]
        return sorted(batch, key=lambda event: event["timestamp"])

    def give_back(self, batch: list[dict[str, Any]]) -> None:
        self._waiting.extendleft(reversed(batch))


def _started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True, name="traffic")
    thread.start()
    return thread


def _make(create: Any, **names: str) -> None:
    """Create what may be there already."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

    try:
        create(**names)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
