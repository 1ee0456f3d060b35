"""Where a node stands: the variables of the generators around it, and who evaluates it."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mangaops.diagnose.facts import Facts
from mangaops.diagnose.values import Value
from mangaops.model.diagnosis import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """`subject` names the member of a group that is looked at. `quiet` records no
    checks: within the rows of a table each row would be one.
    """

    variables: Mapping[str, Value] = field(default_factory=dict)
    subject: str = ""
    quiet: bool = False


OUTSIDE = Env()
QUIET = Env(quiet=True)


class Evaluates(Protocol):
    """The part of `evaluator.Evaluator` that functions need."""

    @property
    def facts(self) -> Facts: ...
    @property
    def trail(self) -> list[Check]: ...
    def value(self, node: ast.expr, env: Env) -> Value: ...
    def truth(self, node: ast.expr, env: Env) -> Value: ...
    def text(self, node: ast.expr) -> str: ...
    def keep(
        self,
        env: Env,
        expression: str,
        outcome: Value,
        sides: Sequence[Value],
        nodes: Sequence[ast.expr] = (),
    ) -> None: ...
