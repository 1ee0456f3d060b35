"""The sandbox's models on a port of this process: faults are set directly, calls looked at."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

from mangaops.sandbox.application import Application
from mangaops.sandbox.listen import Listener, pause
from mangaops.sandbox.services import SERVICES
from mangaops.sandbox.services.bedrock import HAIKU, SONNET
from mangaops.sandbox.services.bedrock_runtime import BedrockRuntimeState, ModelCall, ModelFault
from mangaops.sandbox.services.bedrock_runtime.state import default_reply
from mangaops.sandbox.world import World

JP_SONNET, JP_HAIKU = f"jp.{SONNET}", f"jp.{HAIKU}"
TOKYO, OSAKA = "ap-northeast-1", "ap-northeast-3"
ASKED = [{"role": "user", "content": [{"text": "What should I read next?"}]}]
_PATIENCE = 200


class ServedModels:
    """One world behind one listener; `renew` between tests."""

    def __init__(self, listener: Listener, world: World) -> None:
        self.url = listener.url
        self.world = world
        self.state = world.state(BedrockRuntimeState)
        self._clients: dict[tuple[str, str, float], Any] = {}
        self._monotonic = self.state.monotonic

    def renew(self) -> None:
        """No faults, no calls, no delays."""
        self.state.monotonic = self._monotonic
        self.state.reply = default_reply
        self.state.set_faults(())
        self.state.calls.clear()
        self.state.speed = 0

    def fail(self, **fault: Any) -> None:
        self.state.faults.append(ModelFault(**fault))

    def client(self, region: str = TOKYO, *, url: str = "", read_timeout: float = 10.0) -> Any:
        """A plain boto3 client that tries once; made once for the same words."""
        key = (region, url, read_timeout)
        if key not in self._clients:
            self._clients[key] = boto3.client(
                "bedrock-runtime",
                endpoint_url=url or self.url,
                aws_access_key_id="SANDBOXACCESSKEY0001",
                aws_secret_access_key="any",
                region_name=region,
                config=Config(
                    retries={"total_max_attempts": 1},
                    read_timeout=read_timeout,
                    connect_timeout=0.2,
                ),
            )
        return self._clients[key]

    def calls(self) -> list[ModelCall]:
        """What reached the models, once all of it is over."""
        for _ in range(_PATIENCE):
            found = self.state.calls.all()
            if all(call.ended for call in found):
                return found
            threading.Event().wait(0.01)
        raise AssertionError(f"still being answered: {found}")

    def administer(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        url = f"{self.url}/_sandbox/{path}"
        request = urllib.request.Request(url, data=data, method=method)  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read())

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@contextmanager
def served_models() -> Iterator[ServedModels]:
    world = World()
    listener = Listener(Application(world=world, services=SERVICES, sleep=pause))
    listener.start()
    models = ServedModels(listener, world)
    models.renew()
    try:
        yield models
    finally:
        models.close()
        listener.stop()
