"""Which call comes when: warm-up first, then blocks in which every arm has its turn.

A block holds one call of each intent and arm, all arms of an intent with the same message,
in random order. So whatever drifts during a run meets both arms alike: with arms one after
the other, a model that is 12 % slower in the afternoon makes identical prompts differ with
p = 0.001; interleaved, p = 0.78 (by simulation).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`message` is the position among the intent's messages."""

    number: int
    intent: str
    arm: int
    message: int
    warm_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """`messages` has the number of messages of each intent. The same values: the same calls.

    More `samples` only add calls at the end.
    """

    messages: Mapping[str, int]
    arms: int
    samples: int
    warm_up: int
    seed: int

    def __len__(self) -> int:
        return self._block_length * (self.warm_up + self.samples)

    @property
    def measured(self) -> int:
        """Calls that count."""
        return self._block_length * self.samples

    def calls(self) -> Iterator[Call]:
        rng = Random(self.seed)  # noqa: S311 - an order, no secret
        numbers = count()
        for block in range(self.warm_up):
            yield from self._block(rng, numbers, block, warm_up=True)
        for block in range(self.samples):
            yield from self._block(rng, numbers, block, warm_up=False)

    def warming(self, first: int) -> Iterator[Call]:
        """Warm-up calls again, numbered from `first`: a resumed run begins cold as well."""
        rng = Random(f"{self.seed}/{first}")  # noqa: S311 - as above
        numbers = count(first)
        for block in range(self.warm_up):
            yield from self._block(rng, numbers, block, warm_up=True)

    def sample_of(self, call: Call) -> int:
        """The how-manieth sample of its intent and arm a call is, from 0 on."""
        return call.number // self._block_length - self.warm_up

    @property
    def _block_length(self) -> int:
        return len(self.messages) * self.arms

    def _block(
        self, rng: Random, numbers: Iterator[int], block: int, *, warm_up: bool
    ) -> Iterator[Call]:
        turns = [(intent, arm) for intent in self.messages for arm in range(self.arms)]
        rng.shuffle(turns)
        for intent, arm in turns:
            yield Call(
                number=next(numbers),
                intent=intent,
                arm=arm,
                message=block % self.messages[intent],
                warm_up=warm_up,
            )
