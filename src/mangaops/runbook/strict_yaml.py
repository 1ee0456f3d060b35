"""YAML text -> plain data in which every key and value has a place.

Stricter than YAML: duplicate keys, anchors, aliases, tags, merge keys and a second
document are findings. Of plain words only `true`, `false`, `null`, `~` and decimal
numbers are more than text: `yes`, `on`, `012` and `12:30` stay what was typed.
Built from PyYAML's events with a stack of its own, so no nesting can exhaust Python's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path as File
from typing import Any, TypeAlias

import yaml

from mangaops.model.condition import Place
from mangaops.runbook.finding import Finding
from mangaops.runbook.yaml_errors import Trouble, position, trouble_of, unprintable, visible

Path: TypeAlias = tuple[str | int, ...]

LARGEST = 1_000_000
"""Bytes; the shipped runbooks have less than 20,000."""
DEEPEST = 40

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class StrictYamlError(Exception):
    """The text is no acceptable YAML; `finding` says where and why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """`data` is the plain tree; `values` and `keys` hold the place of each path in it.

    The place of a text is that of its first character: behind its quote, or in the
    line below its `>`.
    """

    file: str
    data: Any
    values: Mapping[Path, Place]
    keys: Mapping[Path, Place]
    lines: tuple[str, ...]

    def place(self, path: Path) -> Place:
        """The place of the value at `path`, or of the nearest thing around it."""
        while path not in self.values:
            path = path[:-1]
        return self.values[path]

    def key_place(self, path: Path) -> Place:
        return self.keys.get(path) or self.place(path)

    def finding(
        self, rule: str, message: str, place: Place, *, hint: str = "", severity: str = "error"
    ) -> Finding:
        return Finding(
            rule=rule,
            severity=severity,
            message=message,
            place=place,
            hint=hint,
            line_text=self.line(place),
        )

    def line(self, place: Place) -> str:
        return self.lines[place.line - 1] if place.line <= len(self.lines) else ""


def read_file(path: File) -> str:
    """The text of a file; raises StrictYamlError for what is no readable UTF-8 text."""
    place = Place(file=str(path), line=1, column=1)
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(place, f"cannot be read: {reason}") from None
    if len(raw) > LARGEST:
        raise _unreadable(place, f"has more than {LARGEST:,} bytes")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        line, column = position(before, len(before))
        wrong = Place(file=str(path), line=line, column=column)
        raise _unreadable(wrong, f"byte 0x{raw[error.start]:02x} is not UTF-8") from None


def parse(text: str, file: str) -> Document:
    """Parse one document; raises StrictYamlError at the first thing that is wrong."""
    text = text.removeprefix("\ufeff")
    builder = _Builder(file=file, lines=tuple(map(visible, text.splitlines())))
    if trouble := unprintable(text):
        raise StrictYamlError(builder.syntax(trouble))
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise StrictYamlError(builder.syntax(trouble_of(error, builder.lines))) from None
    return builder.document()


@dataclass(slots=True)
class _Level:
    """A mapping or sequence that is being filled."""

    container: Any
    path: Path
    key: str | None = None

    @property
    def expects_key(self) -> bool:
        return isinstance(self.container, dict) and self.key is None

    def next_path(self) -> Path:
        if isinstance(self.container, dict):
            return (*self.path, self.key or "")
        return (*self.path, len(self.container))

    def put(self, value: Any) -> None:
        if isinstance(self.container, dict):
            self.container[self.key] = value
            self.key = None
        else:
            self.container.append(value)


@dataclass(slots=True, kw_only=True)
class _Builder:
    file: str
    lines: tuple[str, ...]
    documents: int = 0
    root: Any = None
    stack: list[_Level] = field(default_factory=list)
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise self._refused(event, "a second document in the file")
            case yaml.AliasEvent():
                raise self._refused(event, "an alias (`*name`); write the value again")
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._open(event, {})
            case yaml.SequenceStartEvent():
                self._open(event, [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.stack.pop()
            case _:
                pass

    def document(self) -> Document:
        self.values.setdefault((), Place(file=self.file, line=1, column=1))
        return Document(
            file=self.file,
            data=self.root,
            values=self.values,
            keys=self.keys,
            lines=self.lines,
        )

    def syntax(self, trouble: Trouble) -> Finding:
        line = trouble.line
        return Finding(
            rule="M001",
            severity="error",
            message=trouble.message,
            place=Place(file=self.file, line=line, column=trouble.column),
            hint=trouble.hint,
            line_text=self.lines[line - 1] if line <= len(self.lines) else "",
        )

    def _open(self, event: Any, container: Any) -> None:
        self._plain(event)
        if self.stack and self.stack[-1].expects_key:
            raise self._refused(event, "a list or mapping as a key")
        if len(self.stack) >= DEEPEST:
            raise self._refused(event, f"more than {DEEPEST} levels")
        path = self._place_value(event)
        self._attach(container)
        self.stack.append(_Level(container, path))

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._plain(event)
        if self.stack and self.stack[-1].expects_key:
            self._key(event)
            return
        path = self._place_value(event)
        if event.style in ("|", ">"):
            self._block(event, path)
        self._attach(event.value if event.style else _plain_value(event.value))

    def _key(self, event: yaml.ScalarEvent) -> None:
        level = self.stack[-1]
        if event.value == "<<" and not event.style:
            raise self._refused(event, "a merge key (`<<`); write the values again")
        path = (*level.path, event.value)
        if path in self.keys:
            first = self.keys[path].line
            raise self._refused(event, f'"{event.value}" again; it stands in line {first}', "M005")
        self.keys[path] = self._at(event)
        level.key = event.value

    def _place_value(self, event: Any) -> Path:
        path = self.stack[-1].next_path() if self.stack else ()
        place = self._at(event)
        quoted = isinstance(event, yaml.ScalarEvent) and event.style in ('"', "'")
        column = place.column + 1 if quoted else place.column
        self.values[path] = Place(file=self.file, line=place.line, column=column)
        return path

    def _block(self, event: Any, path: Path) -> None:
        """The text of a block starts on a line below its `|` or `>`."""
        for number in range(event.start_mark.line + 1, event.end_mark.line + 1):
            line = self.lines[number] if number < len(self.lines) else ""
            if line.strip():
                column = len(line) - len(line.lstrip(" ")) + 1
                self.values[path] = Place(file=self.file, line=number + 1, column=column)
                return

    def _attach(self, value: Any) -> None:
        if self.stack:
            self.stack[-1].put(value)
        else:
            self.root = value

    def _plain(self, event: Any) -> None:
        if event.anchor:
            raise self._refused(event, f"an anchor (`&{event.anchor}`); write the value again")
        if event.tag and event.tag != "!":
            raise self._refused(event, f"a tag (`{event.tag}`)")

    def _refused(self, event: Any, what: str, rule: str = "M001") -> StrictYamlError:
        place = self._at(event)
        line = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        message = what if rule == "M005" else f"not part of the format: {what}"
        return StrictYamlError(
            Finding(rule=rule, severity="error", message=message, place=place, line_text=line)
        )

    def _at(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(file=self.file, line=mark.line + 1, column=mark.column + 1)


def _plain_value(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if len(text) < 20 and _INTEGER.fullmatch(text):
        return int(text)
    if len(text) < 40 and _FLOAT.fullmatch(text):
        number = float(text)
        return number if isfinite(number) else text
    return text


def _unreadable(place: Place, why: str) -> StrictYamlError:
    return StrictYamlError(Finding(rule="M001", severity="error", message=why, place=place))
