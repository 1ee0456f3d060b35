"""The five operations of Bedrock Runtime, by boto3, each sent once.

transport = BedrockTransport(clients_of(), clock=time.monotonic)
transport.call(Target(model_id="jp.anthropic...", region="ap-northeast-1"), request, limits)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

from mangaops.fm.requests.request import Operation, Request
from mangaops.fm.target import Target
from mangaops.fm.transport.bodies import converse_body, count_body, invoke_body
from mangaops.fm.transport.clients import clients_of, refuse_retries
from mangaops.fm.transport.clocks import Attempt, current
from mangaops.fm.transport.credentials import expired, fetch_again
from mangaops.fm.transport.events import (
    ConverseReading,
    InvokeReading,
    Reading,
    stop_reason_of_anthropic,
    usage_of_anthropic,
    usage_of_converse,
)
from mangaops.fm.transport.pieces import blocks_of_anthropic
from mangaops.fm.transport.raw import COUNT_S, Limits, RawAnswer
from mangaops.fm.transport.stream import BedrockStream

__all__ = ["BedrockTransport", "clients_of"]

_NO_ANSWER = "a status 200 without an answer of Bedrock"


class BedrockTransport:
    """A `raw.Transport`; several threads may use it at once.

    `clients` makes the bedrock-runtime client of a region and is asked once for each. One
    whose retries are on is a ValueError. Connecting has a timeout of its own (the client's, 3 s
    by `clients_of`), which an attempt can only shorten.
    """

    def __init__(self, clients: Callable[[str], Any], *, clock: Callable[[], float]) -> None:
        self._make = clients
        self._clock = clock
        self._clients: dict[str, Any] = {}
        self._lock = Lock()

    def prepare(self, region: str) -> None:
        """Makes the client, so that no call's time holds it."""
        self._client(region)

    def call(self, target: Target, request: Request, limits: Limits) -> RawAnswer:
        """Without streaming. Time that runs out is botocore's ReadTimeoutError.

        What came with status 200 and is no answer of Bedrock's is its ResponseParserError, and
        one that was cut its ResponseStreamingError: botocore itself takes both for empty.
        """
        client = self._client(target.region)
        whole_by = min(limits.first_token, limits.total)
        once = Limits(first_token=whole_by, idle=whole_by, total=whole_by)
        match request.operation:
            case Operation.CONVERSE:
                body, read = converse_body(target.model_id, request), _converse_answer
                send = client.converse
            case Operation.INVOKE_MODEL:
                body, read = invoke_body(target.model_id, request), _invoke_answer
                send = client.invoke_model
        attempt = Attempt(once, self._clock)
        with self._sending(attempt, target.region, client):
            return read(_parsed(send, body), attempt)

    def stream(self, target: Target, request: Request, limits: Limits) -> BedrockStream:
        """Sends the call and waits for its status: what is refused is raised here."""
        client = self._client(target.region)
        reading: Reading
        match request.operation:
            case Operation.CONVERSE:
                body, member = converse_body(target.model_id, request), "stream"
                reading, send = ConverseReading(), client.converse_stream
            case Operation.INVOKE_MODEL:
                body, member = invoke_body(target.model_id, request), "body"
                reading, send = InvokeReading(), client.invoke_model_with_response_stream
        attempt = Attempt(limits, self._clock)
        with self._sending(attempt, target.region, client):
            answer = send(**body)
        return BedrockStream(answer[member], reading, attempt, request_id=_request_id(answer))

    @contextmanager
    def _sending(self, attempt: Attempt, region: str, client: Any) -> Iterator[None]:
        """What is refused because its credentials expired is sent with new ones next time."""
        try:
            with current(attempt):
                yield
        except Exception as error:
            if expired(error) and not fetch_again(client):
                with self._lock:
                    if self._clients.get(region) is client:
                        del self._clients[region]
            raise

    def count_tokens(self, target: Target, request: Request) -> int:
        """What the model would read, by CountTokens: it takes base ids, no profiles."""
        client = self._client(target.region)
        limits = Limits(first_token=COUNT_S, idle=COUNT_S, total=COUNT_S)
        with current(Attempt(limits, self._clock)):
            answer = _parsed(client.count_tokens, count_body(target.model_id, request))
        if "inputTokens" not in answer:
            raise _no_answer(answer)
        return int(answer["inputTokens"])

    def close(self) -> None:
        """Closes all connections; the next call makes new clients."""
        with self._lock:
            clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            client.close()

    def _client(self, region: str) -> Any:
        found = self._clients.get(region)
        if found is not None:
            return found
        with self._lock:  # a session makes one client at a time
            if region not in self._clients:
                self._clients[region] = self._made(region)
            return self._clients[region]

    def _made(self, region: str) -> Any:
        from mangaops.fm.transport.connections import hold  # noqa: PLC0415 - imports botocore

        client = self._make(region)
        refuse_retries(client)
        hold(client)
        return client


def _parsed(send: Callable[..., Any], body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer as botocore understands it: its parser fails on JSON that is no object."""
    try:
        answer: Mapping[str, Any] = send(**body)
    except (AttributeError, TypeError) as error:
        from botocore.parsers import ResponseParserError  # noqa: PLC0415 - 0.1 s

        raise ResponseParserError(_NO_ANSWER) from error
    return answer


def _no_answer(answer: Mapping[str, Any]) -> Exception:
    """JSON with nothing of an answer in it is the beginning of one."""
    from botocore.exceptions import ResponseStreamingError  # noqa: PLC0415 - as above
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    if "json" in headers.get("content-type", "").lower():
        return ResponseStreamingError(error="the answer is not whole")
    return ResponseParserError(_NO_ANSWER)


def _converse_answer(answer: Mapping[str, Any], attempt: Attempt) -> RawAnswer:
    message = answer.get("output", {}).get("message")
    if message is None:
        raise _no_answer(answer)
    return RawAnswer(
        blocks=tuple(message.get("content", ())),
        stop_reason=answer.get("stopReason"),
        usage=usage_of_converse(answer),
        request_id=_request_id(answer),
        http_status=_status(answer),
        first_token_s=None,
        total_s=attempt.elapsed(),
    )


def _invoke_answer(answer: Mapping[str, Any], attempt: Attempt) -> RawAnswer:
    told = _json(answer["body"].read())
    if not isinstance(told.get("content"), list):
        raise _no_answer(answer)
    return RawAnswer(
        blocks=blocks_of_anthropic(told["content"]),
        stop_reason=stop_reason_of_anthropic(told),
        usage=usage_of_anthropic(told.get("usage") or {}),
        request_id=_request_id(answer),
        http_status=_status(answer),
        first_token_s=None,
        total_s=attempt.elapsed(),
    )


def _json(data: bytes) -> Mapping[str, Any]:
    """Empty where it is no JSON object."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _request_id(answer: Mapping[str, Any]) -> str | None:
    found: str | None = answer.get("ResponseMetadata", {}).get("RequestId")
    return found


def _status(answer: Mapping[str, Any]) -> int:
    return int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 200))
