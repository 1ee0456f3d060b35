"""Bedrock Runtime: one answer of a model, streamed and timed, by ConverseStream.

Sent once: a call that was retried is not one latency. Whatever happens to a call is its
answer. Errors come before the stream, or in it after HTTP 200; a connection that is closed
in the middle ends botocore's stream silently, so that only the events `messageStop` and
`metadata` together are an end.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.errors import (
    AwsCredentials,
    AwsDenied,
    AwsError,
    AwsNotFound,
    AwsUnreachable,
    InputError,
    MangaopsError,
)
from mangaops.model.asking import INTERRUPTED, TIMEOUT, Reply, Request

OPERATION = "bedrock:InvokeModelWithResponseStream"
"""What IAM calls ConverseStream."""
_TIMEOUTS = {"ReadTimeoutError", "ConnectTimeoutError"}
_REFUSED = {"ValidationException", "ParamValidationError"}
_NOT_METADATA = re.compile(r"[^a-zA-Z0-9\s:_@$#=/+,.-]")
_LONGEST_METADATA = 256


class BedrockRuntimeGateway:
    """Is asked by several threads at once. `timeout_s` is for a whole call."""

    def __init__(
        self, aws: Aws, *, timeout_s: float, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._aws = aws
        self._timeout_s = timeout_s
        self._clock = clock

    @property
    def _client(self) -> Any:
        return self._aws.client("bedrock-runtime", attempts=1, read_timeout=self._timeout_s)

    def prepare(self) -> None:
        """Builds the client, so that no call's time holds it."""
        _ = self._client

    def ask(self, request: Request) -> Reply:
        """Raises nothing for a call that fails."""
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - as botocore

        seen = _Seen(clock=self._clock, timeout_s=self._timeout_s)
        try:
            with translated(OPERATION):
                client = self._client
                seen.start()
                with closing(client.converse_stream(**body_of(request))["stream"]) as stream:
                    seen.read(stream)
        except MangaopsError as error:
            return seen.failed(_word(error), error)
        except (HTTPError, OSError) as error:  # from below botocore, in the middle of a stream
            timed_out = "TimeoutError" in type(error).__name__
            return seen.failed(TIMEOUT if timed_out else INTERRUPTED)
        except _damage() as error:
            return seen.failed(type(error).__name__)
        return seen.reply()


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What has come of one answer; times are seconds of `clock`."""

    clock: Callable[[], float]
    timeout_s: float
    sent: float = 0.0
    first: float | None = None
    last: float = 0.0
    stop_reason: str | None = None
    usage: Mapping[str, int] | None = None
    timed_out: bool = False

    def start(self) -> None:
        self.sent = self.clock()

    def read(self, stream: Any) -> None:
        """To the end, so that the connection can be used again."""
        for event in stream:
            self._take(event)
            if self.clock() - self.sent > self.timeout_s and not self._ended:
                self.timed_out = True
                return

    @property
    def _ended(self) -> bool:
        return self.stop_reason is not None and self.usage is not None

    def _take(self, event: Mapping[str, Any]) -> None:
        match event:
            case {"contentBlockDelta": {"delta": {"text": str(text)}}} if text:
                self.first = self.first or self.clock()
            case {"messageStop": {"stopReason": str(reason)}}:
                self.stop_reason = reason
            case {"metadata": {"usage": usage}}:
                self.usage = usage
            case _:
                return
        self.last = self.clock()

    def reply(self) -> Reply:
        if self.timed_out:
            return self.failed(TIMEOUT)
        if not self._ended:
            return self.failed(INTERRUPTED)
        return self._told(total_ms=_ms(self.last - self.sent))

    def failed(self, word: str, error: MangaopsError | None = None) -> Reply:
        fatal = error if error is not None and _is_fatal(error) else None
        return self._told(failure=word, fatal=fatal)

    def _told(self, **more: Any) -> Reply:
        usage = self.usage or {}
        cached = usage.get("cacheReadInputTokens", 0)
        fresh = usage.get("inputTokens", 0) + usage.get("cacheWriteInputTokens", 0)
        return Reply(
            first_token_ms=None if self.first is None else _ms(self.first - self.sent),
            input_tokens=fresh + cached if self.usage is not None else None,
            output_tokens=usage.get("outputTokens"),
            cached_tokens=usage.get("cacheReadInputTokens"),
            stop_reason=self.stop_reason,
            **more,
        )


def body_of(request: Request) -> Mapping[str, Any]:
    system: list[Mapping[str, Any]] = [{"text": request.system}]
    if request.cached:
        system.append({"cachePoint": {"type": "default"}})
    return {
        "modelId": request.model,
        "system": system,
        "messages": [{"role": "user", "content": [{"text": request.message}]}],
        "inferenceConfig": {"maxTokens": request.max_output_tokens},
        "requestMetadata": {
            key: _NOT_METADATA.sub("-", value)[:_LONGEST_METADATA]
            for key, value in request.metadata.items()
        },
    }


def _word(error: MangaopsError) -> str:
    """`throttlingException`, as streams have it, and `ThrottlingException` are one failure."""
    code = error.code if isinstance(error, AwsError) else ""
    if code in _TIMEOUTS:
        return TIMEOUT
    return code[:1].upper() + code[1:] if code else error.kind


def _is_fatal(error: MangaopsError) -> bool:
    """Whether every other call would meet it; what is transient is counted and goes on."""
    if isinstance(error, AwsCredentials | AwsDenied | AwsNotFound):
        return True
    if isinstance(error, AwsError):
        not_aws = isinstance(error, AwsUnreachable) and not error.code
        return not_aws or _word(error) in _REFUSED
    return isinstance(error, InputError) or not isinstance(error, AwsError)


def _damage() -> type[Exception]:
    """A frame whose checksum or length is wrong."""
    from botocore.eventstream import ParserError  # noqa: PLC0415 - as botocore

    return ParserError


def _ms(seconds: float) -> float:
    """To the microsecond: a clock's noise is not worth its digits in a file."""
    return round(seconds * 1000, 3)
