"""One answer of a model: what it will say, in which blocks and pieces, and when."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mangaops.sandbox.model_faults import Block, ModelFault, Where
from mangaops.sandbox.services.bedrock_runtime.asked import ModelCall

Spoken = tuple[int, str]
"""A piece, and the number of its block: -1 is the start of the message, "" is a ping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model will say. Times are seconds; `fault` is one within the answer.

    `planned` are the blocks that it would say without a limit of output, `pieces` those that
    it does. `asked_at` is a reading of the monotonic clock, from which all of its times count;
    `call` is its line in the log of calls.
    """

    model_id: str
    planned: tuple[Block, ...]
    pieces: tuple[Spoken, ...]
    input_tokens: int
    stop_reason: str
    asked_at: float
    first_token_s: float
    token_s: float
    pieces_an_event: int
    fault: ModelFault | None
    call: ModelCall

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks as far as they are said."""
        said = ["" for _ in self.planned]
        for number, piece in self.pieces:
            said[number] += piece
        blocks = zip(self.planned, said, strict=True)
        return tuple(replace(block, text=text) for block, text in blocks if text or not block.text)

    @property
    def seconds(self) -> float:
        return self.at(len(self.pieces) - 1)

    def at(self, piece: int) -> float:
        """When a piece comes; the first is number 0."""
        return self.first_token_s + self.token_s * max(piece, 0)

    @property
    def milliseconds(self) -> int:
        return round(self.seconds * 1000)

    def is_struck(self, *ways: Where) -> bool:
        return self.fault is not None and self.fault.where in ways

    @property
    def is_whole(self) -> bool:
        """Whether the stream comes to its last events."""
        return not self.is_struck(Where.TRUNCATED)
