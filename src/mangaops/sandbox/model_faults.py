"""What a model can be told to do wrong: every way in which Bedrock Runtime fails.

A list of faults is a script: the first that meets a call strikes it, and one with `times` is
used up. `Where.NOTHING` is a call that is answered well, so that a script can say "the first
and the third":

    ModelFault(times=1)                                  a throttle (429)
    ModelFault(where=Where.NOTHING, times=1)             an answer
    ModelFault(code="InternalServerException", times=1)  500, then answers for ever

Status codes and messages are those of botocore's model of bedrock-runtime 2023-09-30. This
module needs nothing but the standard library, so that a scenario is read without the extra.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class Where(StrEnum):
    """Where and how a fault strikes. Those marked "stream" pass other calls by."""

    NOTHING = "nothing"
    """The call is answered well."""
    CALL = "call"
    """Instead of an answer: an error with an HTTP status, after `delay_s`."""
    RESET = "reset"
    """The connection is reset before the first byte of an answer."""
    SILENCE = "silence"
    """Nothing comes for `delay_s`; then the connection is reset."""
    SLOW = "slow"
    """The first token (without streaming: the answer) is late by `delay_s`."""
    STALL = "stall"
    """Stream: after `after` pieces nothing comes for `delay_s`; then it goes on."""
    PINGS = "pings"
    """Stream: as STALL, but events without content come every `every_s`."""
    STREAM = "stream"
    """Stream: an error inside it, after HTTP 200 and `after` pieces; 0: as its first event."""
    CUT = "cut"
    """The connection is reset after `after` pieces of a stream, or instead of an answer."""
    CUT_BYTE = "cut_byte"
    """The connection is reset after `byte` bytes of the body."""
    DRIP = "drip"
    """After `byte` bytes the body comes byte by byte, `every_s` apart."""
    HALF_FRAME = "half_frame"
    """Stream: it ends properly as HTTP does, in the middle of the frame after `after` pieces."""
    BAD_PRELUDE = "bad_prelude"
    """Stream: the frame after `after` pieces has a wrong checksum of its prelude."""
    BAD_MESSAGE = "bad_message"
    """Stream: that frame has a wrong checksum of its whole."""
    TRUNCATED = "truncated"
    """Stream: it ends after `after` pieces without its last events, as if it were complete."""
    NO_STOP = "no_stop"
    """Stream: all text and the usage, and no event that says why it stopped."""
    NO_USAGE = "no_usage"
    """Stream: it stops properly, and never tells its usage."""
    OUTPUT = "output"
    """The model answers, but with `text` or `blocks`, and with `stop_reason`."""


STREAM_ONLY = frozenset(
    {
        Where.STALL,
        Where.PINGS,
        Where.STREAM,
        Where.HALF_FRAME,
        Where.BAD_PRELUDE,
        Where.BAD_MESSAGE,
        Where.TRUNCATED,
        Where.NO_STOP,
        Where.NO_USAGE,
    }
)
_OF_COUNTING = frozenset({Where.NOTHING, Where.CALL, Where.RESET, Where.SILENCE, Where.SLOW})
COUNT_TOKENS = "CountTokens"


class Hint(StrEnum):
    """The header in which an error says when to come back."""

    SECONDS = "retry-after"
    DATE = "retry-after-date"
    """Retry-After as an HTTP date, which has whole seconds."""
    MILLISECONDS = "retry-after-ms"
    AMAZON = "x-amz-retry-after"
    """Milliseconds."""


class BlockKind(StrEnum):
    TEXT = "text"
    THINKING = "thinking"
    TOOL_USE = "tool_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of an answer. Of a tool use, `text` is its input as JSON."""

    kind: BlockKind = BlockKind.TEXT
    text: str = ""
    name: str = "search_catalogue"


STATUS: Mapping[str, int] = {
    "ThrottlingException": 429,
    "ModelNotReadyException": 429,
    "ServiceUnavailableException": 503,
    "InternalServerException": 500,
    "ModelTimeoutException": 408,
    "ModelErrorException": 424,
    "ModelStreamErrorException": 424,
    "ValidationException": 400,
    "ServiceQuotaExceededException": 400,
    "ConflictException": 400,
    "AccessDeniedException": 403,
    "UnrecognizedClientException": 403,
    "ExpiredTokenException": 403,
    "ResourceNotFoundException": 404,
}
MESSAGES: Mapping[str, str] = {
    "ThrottlingException": "Too many tokens, please wait before trying again.",
    "ModelNotReadyException": "The model is not ready for inference. Try again.",
    "ServiceUnavailableException": "Bedrock is unable to process your request.",
    "InternalServerException": "The system encountered an unexpected error during processing.",
    "ModelTimeoutException": "Model has timed out in processing the request. Try again.",
    "ModelErrorException": "The request failed due to an error while processing the model.",
    "ModelStreamErrorException": "The model stopped in the middle of its answer.",
    "ValidationException": "Input is too long for requested model.",
    "ServiceQuotaExceededException": "Your request exceeds the service quota for your account.",
    "ConflictException": "Error occurred because of a conflict while performing an operation.",
    "AccessDeniedException": "You don't have access to the model with the specified model ID.",
    "UnrecognizedClientException": "The security token included in the request is invalid.",
    "ExpiredTokenException": "The security token included in the request is expired",
    "ResourceNotFoundException": "Could not resolve the foundation model from the provided "
    "model identifier.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFault:
    """A fault of the calls that match.

    `model` (an id or ARN as it is sent), `region` and `operation` are patterns
    (`*sonnet*`, `*Stream`); CountTokens is met only by a pattern that is not `*`. Of those
    calls a `share` is struck, at most `times` of them, and only from `from_s` seconds after
    the faults were set, for `for_s` seconds: an outage with its recovery.

    `retry_after_s` goes into the header `hint` of an error. Seconds here are real ones,
    whatever the speed of the models.
    """

    model: str = "*"
    region: str = "*"
    operation: str = "*"
    where: Where = Where.CALL
    code: str = "ThrottlingException"
    message: str | None = None
    status: int | None = None
    retry_after_s: float | None = None
    hint: Hint = Hint.SECONDS
    share: float = 1.0
    times: int | None = None
    from_s: float = 0.0
    for_s: float | None = None
    after: int = 3
    byte: int = 150
    delay_s: float = 0.0
    every_s: float = 0.05
    text: str = "{not json"
    stop_reason: str | None = None
    blocks: tuple[Block, ...] = ()

    def meets(self, model_id: str, region: str, operation: str, age_s: float) -> bool:
        """Whether a call can be struck, `age_s` seconds after the faults were set."""
        return (
            fnmatchcase(model_id, self.model)
            and fnmatchcase(region, self.region)
            and fnmatchcase(operation, self.operation)
            and self._suits(operation)
            and self.from_s <= age_s
            and (self.for_s is None or age_s < self.from_s + self.for_s)
        )

    def _suits(self, operation: str) -> bool:
        if operation == COUNT_TOKENS:
            return self.operation != "*" and self.where in _OF_COUNTING
        return operation.endswith("Stream") or self.where not in STREAM_ONLY

    @property
    def http_status(self) -> int:
        return self.status or STATUS.get(self.code, 400)

    @property
    def label(self) -> str:
        """What the log of calls says of it: the code of an error, else the kind."""
        coded = self.where in {Where.CALL, Where.STREAM}
        return f"{self.where}:{self.code}" if coded else str(self.where)
