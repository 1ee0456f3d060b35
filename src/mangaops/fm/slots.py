"""How many calls of each dependency may run at once, and who is next.

Rule: a dependency has its own slots and its own line, first come, first served. Nobody waits
for a slot of another, and a call that hangs holds one of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

SLOTS = 8
"""Calls of one dependency at a time, where nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ticket:
    """A place in the line. `tell` is called when the slot is there; it must not block."""

    dependency: str
    tell: Callable[[], None]


class Slots:
    """`limits` by name of the dependency, else `default`.

    Thread-safe; one for the whole process, or the bound is none.
    """

    def __init__(
        self, limits: Mapping[str, int] = MappingProxyType({}), *, default: int = SLOTS
    ) -> None:
        if min((default, *limits.values())) < 1:
            raise ValueError("a dependency has at least one slot")
        self._limits = dict(limits)
        self._default = default
        self._lock = threading.Lock()
        self._taken: dict[str, int] = {}
        self._lines: dict[str, dict[Ticket, None]] = {}

    def take(self, dependency: str, tell: Callable[[], None]) -> Ticket | None:
        """None: it is taken; give it back. Else it is when `tell` is called."""
        with self._lock:
            taken = self._taken.get(dependency, 0)
            if taken < self._limits.get(dependency, self._default):
                self._taken[dependency] = taken + 1
                return None
            ticket = Ticket(dependency=dependency, tell=tell)
            self._lines.setdefault(dependency, {})[ticket] = None
            return ticket

    def give_back(self, dependency: str) -> None:
        """To the next in the line, if there is one."""
        with self._lock:
            ticket = self._next(dependency)
            if ticket is None:
                self._taken[dependency] -= 1
                if not self._taken[dependency]:
                    del self._taken[dependency]
        if ticket is not None:
            ticket.tell()

    def withdraw(self, ticket: Ticket) -> None:
        """Out of the line; a slot that was given meanwhile goes to the next."""
        with self._lock:
            line = self._lines.get(ticket.dependency, {})
            waiting = ticket in line
            if waiting:
                self._leave(ticket, line)
        if not waiting:
            self.give_back(ticket.dependency)

    def taken(self, dependency: str) -> int:
        return self._taken.get(dependency, 0)

    def waiting(self, dependency: str) -> int:
        return len(self._lines.get(dependency, ()))

    def _next(self, dependency: str) -> Ticket | None:
        line = self._lines.get(dependency)
        if not line:
            return None
        first = next(iter(line))
        self._leave(first, line)
        return first

    def _leave(self, ticket: Ticket, line: dict[Ticket, None]) -> None:
        del line[ticket]
        if not line:
            del self._lines[ticket.dependency]
