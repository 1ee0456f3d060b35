"""What a call gives: an answer in one of five modes, or the events of a streamed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mangaops.fm.answers.products import CheckedProducts
    from mangaops.fm.answers.repaired import Repaired
    from mangaops.fm.failure import Failure
    from mangaops.fm.target import Target


class Mode(IntEnum):
    """How far down the ladder the answer comes from; the number is the log's `mode`."""

    PRIMARY = 1
    REPAIRED = 2
    """Repaired, or asked once more, or the same model by another route."""
    BACKUP = 3
    """Another model, or a stored answer that was checked."""
    TEMPLATE = 4
    APOLOGY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the model counted them. `input` holds neither `cache_read` nor `cache_write`."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    @property
    def whole_input(self) -> int:
        """All that the model read, from the prompt cache as well: what fills its context."""
        return self.input + self.cache_read + self.cache_write


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`value` is the JSON value, when the request has a schema and one was found.

    `model_answered` is None when no model did (modes 4, 5 and a stored answer). `attempts`
    counts the HTTP requests of all steps; `usage` is of the answer that is given, `spent` of
    all attempts that told theirs. `descended_because` has one sentence for each step down.
    `stop_reason` is the model's own word; `repair` how the JSON was mended, None without JSON.
    `blocks` are all of the model's, in order: tools that it asks for are among them.
    `products` are those that the JSON names, and what was removed from `value`. `failure` is
    the last one where no model answered, None also when none was asked.
    """

    text: str
    value: Any = None
    mode: Mode
    model_answered: Target | None
    stop_reason: str | None
    usage: Usage | None
    spent: Usage
    correlation_id: str
    attempts: int
    descended_because: tuple[str, ...] = ()
    repair: Repaired | None = None
    first_token_s: float | None = None
    total_s: float = 0.0
    blocks: tuple[Mapping[str, Any], ...] = ()
    products: CheckedProducts | None = None
    failure: Failure | None = None

    @property
    def degraded(self) -> bool:
        return self.mode is not Mode.PRIMARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """A piece of text; `seq` counts from 0 without gaps."""

    seq: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The last event of a stream that came to its end. `answer.text` is all deltas joined."""

    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """The last event of a stream that broke after text was delivered.

    `reason` is one sentence; `answer` holds the text so far, and can be continued or not.
    """

    reason: str
    answer: Answer


StreamEvent = Delta | Done | Interrupted
