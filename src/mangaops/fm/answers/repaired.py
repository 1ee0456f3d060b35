"""What became of a text that should be one JSON object."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class RepairState(StrEnum):
    VALID = "valid"
    REPAIRED = "repaired"
    TRUNCATED = "truncated"
    WRONG_SHAPE = "wrong_shape"
    AMBIGUOUS = "ambiguous"
    UNREPAIRABLE = "unrepairable"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """`value` is None where the state has none. Pointers are JSON pointers (RFC 6901).

    `repairs` are the names of what was mended, each with its pointer (`trailing comma at
    /recommendations`); `dropped` the pointers of what was not seen whole and left out,
    `partial` those of the texts that were kept although they are cut; `issues` what is wrong
    and was not mended (a required key that is missing, a key twice).
    """

    state: RepairState
    value: Any = None
    repairs: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()

    @property
    def may_act(self) -> bool:
        """Whether prices, carts and products may be taken from it."""
        return self.state in {RepairState.VALID, RepairState.REPAIRED}

    @property
    def mends(self) -> tuple[str, ...]:
        """The names of what was mended, each once: without pointers, since keys are the
        answer's own text and have no place in a log.
        """
        names = (told.split(" at ", 1)[0] for told in self.repairs if not told.startswith("and "))
        return tuple(dict.fromkeys(names))
