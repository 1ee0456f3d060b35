"""The ways out of a runbook's nodes: what a walk takes, and what tests must cover.

Of the trigger: `yes`, `no`, and that it is not known. Of a node: each branch, and each
`on_missing` (`next` included). Of a question to a person: each option, and no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EdgeKind(StrEnum):
    BRANCH = "branch"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Edge:
    """One way out. `number` is the position of the branch or option in the file, from 0.

    For the trigger 0 is yes and 1 is no. `answer` is what the branch says, for people; a
    missing edge has the answer of the branch that could not be decided, and none where
    there is only one: of the trigger, and of a question that nobody answered.
    """

    node: str
    number: int
    kind: EdgeKind
    answer: str

    def __str__(self) -> str:
        missing = ".on_missing" if self.kind is EdgeKind.MISSING else ""
        return f"{self.node}{': ' if self.answer else ''}{self.answer}{missing}"
