"""The containers that are open while one is read, and where that is."""

from __future__ import annotations

from typing import Any

from mangaops.fm.answers.repair.notes import Mend, Notes, at, pointer

DEEPEST = 200


class Stack:
    """Each container hangs in the one around it from its opener on: what is cut is there."""

    def __init__(self) -> None:
        self.notes = Notes()
        self.root: Any = None
        self.containers: list[Any] = []
        self._keys: list[str] = []

    @property
    def in_list(self) -> bool:
        return isinstance(self.containers[-1], list)

    def open(self, container: Any) -> None:
        if self.containers:
            self.put(container)
        else:
            self.root = container
        self.containers.append(container)
        self._keys.append("")

    def name(self, key: str) -> None:
        """The member that comes next."""
        self._keys[-1] = key

    def put(self, value: Any) -> None:
        container = self.containers[-1]
        if isinstance(container, list):
            container.append(value)
        else:
            key = self._keys[-1]
            if key in container:
                self._twice(key)
            container[key] = value

    def put_all(self, values: Any) -> None:
        """A list's elements or an object's members."""
        container = self.containers[-1]
        if isinstance(container, list):
            container.extend(values)
            return
        for key in values:
            if key in container:
                self._twice(key)
        container.update(values)

    def closes(self, kind: type) -> bool:
        """Whether a container of that kind is open."""
        return any(isinstance(container, kind) for container in reversed(self.containers))

    def close(self, kind: type) -> None:
        """The innermost of that kind, and those within it that were not closed."""
        while not isinstance(self.containers[-1], kind):
            self.notes.mended(Mend.CLOSER, self.around)
            self._pop()
        self._pop()

    def _pop(self) -> None:
        self.containers.pop()
        self._keys.pop()

    def _twice(self, key: str) -> None:
        self.notes.wrong(
            lambda: (
                "the key stands twice, and the last counts, at "
                f"{at(pointer((*self.around(), key)))}"
            )
        )

    def part(self, depth: int) -> str | int:
        """Under which the container at `depth` hangs in the one around it."""
        around = self.containers[depth - 1]
        return len(around) - 1 if isinstance(around, list) else self._keys[depth - 1]

    def next_part(self) -> str | int:
        """Under which what is being read, or comes next, hangs in the innermost container."""
        container = self.containers[-1]
        return len(container) if isinstance(container, list) else self._keys[-1]

    def around(self) -> list[str | int]:
        """The path of the innermost container."""
        return [
            len(container) - 1 if isinstance(container, list) else key
            for container, key in zip(self.containers[:-1], self._keys, strict=False)
        ]

    def path(self) -> list[str | int]:
        """The path of what is being read, or comes next."""
        return [*self.around(), self.next_part()] if self.containers else []
