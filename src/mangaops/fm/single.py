"""One streamed answer, timed and sent once: what a benchmark measures with.

Nothing of the resilient client is in it: a call that was retried, or answered by another
model, is not one latency. Whatever happens to a call is its answer.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING

from mangaops.errors import (
    AwsCredentials,
    AwsDenied,
    AwsError,
    AwsNotFound,
    AwsUnreachable,
    MangaopsError,
)
from mangaops.fm.requests.request import Request, user
from mangaops.fm.target import Target
from mangaops.fm.transport.raw import (
    Ended,
    Limits,
    RawAnswer,
    StreamInterrupted,
    Transport,
)
from mangaops.fm.transport.stream import breaks, is_damage
from mangaops.model.asking import INTERRUPTED, TIMEOUT, Reply

if TYPE_CHECKING:
    from mangaops.model import asking

OPERATION = "bedrock:InvokeModelWithResponseStream"
"""What IAM calls ConverseStream."""
_TIMEOUTS = {"ReadTimeoutError", "ConnectTimeoutError"}
_REFUSED = {"ValidationException", "ParamValidationError"}


class SingleCall:
    """Is asked by several threads at once, as its transport. `timeout_s` is for a whole call.

    Within `translated("bedrock:...")` botocore's errors become a MangaopsError.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        region: str,
        timeout_s: float,
        translated: Callable[[str], AbstractContextManager[None]],
    ) -> None:
        self._transport = transport
        self._region = region
        self._limits = Limits(first_token=timeout_s, idle=timeout_s, total=timeout_s)
        self._translated = translated

    def ask(self, request: asking.Request) -> Reply:
        """Raises nothing for a call that fails."""
        try:
            with self._translated(OPERATION):
                answer = self._whole(request)
        except StreamInterrupted as broken:
            return _told(broken.partial, request, *self._word(broken))
        except MangaopsError as error:
            return Reply(failure=_word(error), fatal=_fatal(error))
        except breaks():  # from below botocore
            return Reply(failure=INTERRUPTED)
        return _told(answer, request)

    def _whole(self, request: asking.Request) -> RawAnswer:
        target = Target(model_id=request.model, region=self._region)
        stream = self._transport.stream(target, request_of(request), self._limits)
        with closing(stream):
            *_, ended = stream
        assert isinstance(ended, Ended)  # noqa: S101 - else the stream would have raised
        return ended.answer

    def _word(self, broken: StreamInterrupted) -> tuple[str, MangaopsError | None]:
        """What to call it, and whether every other call would meet it."""
        if broken.timed_out:
            return TIMEOUT, None
        if is_damage(broken.cause):
            return type(broken.cause).__name__, None
        try:
            with self._translated(OPERATION):
                raise broken.cause or broken
        except MangaopsError as error:
            return _word(error), _fatal(error)
        except StreamInterrupted:  # an end without a stop event
            return INTERRUPTED, None
        except breaks():
            return INTERRUPTED, None


def request_of(request: asking.Request) -> Request:
    return Request(
        intent="",
        messages=(user(request.message),),
        system=request.system,
        max_tokens=request.max_output_tokens,
        cached=request.cached,
        metadata=request.metadata,
    )


def _told(
    answer: RawAnswer,
    request: asking.Request,
    failure: str | None = None,
    fatal: MangaopsError | None = None,
) -> Reply:
    usage = answer.usage
    looked = usage is not None and (request.cached or usage.cache_read)
    return Reply(
        first_token_ms=None if answer.first_token_s is None else _ms(answer.first_token_s),
        total_ms=None if failure else _ms(answer.total_s),
        input_tokens=usage.whole_input if usage else None,
        output_tokens=usage.output if usage else None,
        cached_tokens=usage.cache_read if usage and looked else None,
        stop_reason=answer.stop_reason,
        failure=failure,
        fatal=fatal,
    )


def _word(error: MangaopsError) -> str:
    """`throttlingException`, as streams have it, and `ThrottlingException` are one failure."""
    code = error.code if isinstance(error, AwsError) else ""
    if code in _TIMEOUTS:
        return TIMEOUT
    return code[:1].upper() + code[1:] if code else error.kind


def _fatal(error: MangaopsError) -> MangaopsError | None:
    """The error, if every other call would meet it; what is transient is counted and goes on."""
    if not isinstance(error, AwsError) or isinstance(
        error, AwsCredentials | AwsDenied | AwsNotFound
    ):
        return error
    not_aws = isinstance(error, AwsUnreachable) and not error.code
    return error if not_aws or _word(error) in _REFUSED else None


def _ms(seconds: float) -> float:
    """To the microsecond: a clock's noise is not worth its digits in a file."""
    return round(seconds * 1000, 3)
