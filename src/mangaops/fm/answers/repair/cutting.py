"""What is left out of an object that is cut: everything that was not seen whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mangaops.fm.answers.repair.notes import Mend, Notes, pointer
from mangaops.fm.answers.repair.reader import Read
from mangaops.fm.answers.schema import missing, schema_at


def cut_off(read: Read, schema: Mapping[str, Any] | None, free_text: Iterable[str]) -> None:
    """Changes `read.value`, and says so in `read.notes`.

    A text at one of the pointers of `free_text` is kept as far as it came (`*` in a pointer
    stands for any position of a list). An element of a list that lacks a required key goes.
    """
    if read.unfinished:
        _end(read, free_text)
    for depth in range(len(read.containers) - 1, 0, -1):
        _element(read, depth, schema)


def close_off(read: Read) -> None:
    """The closers that are missing at the end, the innermost first."""
    for depth in range(len(read.containers), 0, -1):
        read.notes.mended(Mend.CLOSER, lambda depth=depth: read.path[: depth - 1])  # type: ignore[misc]


def _end(read: Read, free_text: Iterable[str]) -> None:
    container, part = read.containers[-1], read.path[-1]
    kept = read.cut_text is not None and _is_free(read.path, free_text)
    if isinstance(container, dict):
        container.pop(part, None)  # an earlier member of that name does not count either
        if kept:
            container[part] = read.cut_text
    elif kept:
        container.append(read.cut_text)
    if kept:
        for mend in read.cut_mends:
            read.notes.mended(mend, lambda: read.path)
    (read.notes.partial if kept else read.notes.dropped).append(pointer(read.path))


def _element(read: Read, depth: int, schema: Mapping[str, Any] | None) -> None:
    container, around = read.containers[depth], read.containers[depth - 1]
    path = read.path[:depth]
    if isinstance(around, list) and missing(container, schema_at(schema, path)):
        around.pop()
        _forget(read.notes, pointer(path))


def _forget(notes: Notes, place: str) -> None:
    """The element is told instead of what was told of its inside."""
    inside = f"{place}/"
    notes.partial[:] = [one for one in notes.partial if not one.startswith(inside)]
    notes.dropped[:] = [one for one in notes.dropped if not one.startswith(inside)]
    notes.dropped.append(place)


def _is_free(path: tuple[str | int, ...], free_text: Iterable[str]) -> bool:
    return any(_matches(path, declared) for declared in free_text)


def _matches(path: tuple[str | int, ...], declared: str) -> bool:
    parts = declared.split("/")[1:]
    return len(parts) == len(path) and all(
        (wanted == "*" and isinstance(part, int)) or wanted == pointer((part,))[1:]
        for wanted, part in zip(parts, path, strict=True)
    )
