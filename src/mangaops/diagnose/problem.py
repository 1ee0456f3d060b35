"""What is wrong with a condition: a `Fault` at a node while it is checked, and the
`ConditionError` with a place in the file that leaves the package.
"""

from __future__ import annotations

import ast

from mangaops.errors import RunbookError
from mangaops.model.condition import Place


class Fault(Exception):
    """Raised while checking; `parse` adds the place and turns it into a `ConditionError`."""

    def __init__(self, node: ast.AST, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.node = node
        self.message = message
        self.hint = hint


class ConditionError(RunbookError):
    """A condition or template that cannot be used; `place` is the exact position."""

    def __init__(self, message: str, place: Place, hint: str = "") -> None:
        super().__init__(message, where=str(place), hint=hint)
        self.message = message
        self.place = place
