"""Folders of runbooks by name: what `runbook list` and `diagnose NAME` look in.

Listing must cost next to nothing, so this module needs the standard library alone and
reads only the first keys of each file; pydantic and YAML come with `load`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops.errors import InputError, nearest

if TYPE_CHECKING:
    from mangaops.model.runbook import Runbook  # 20 ms that a list does not need

SUFFIX = ".yaml"
_TESTS = ".test.yaml"
_WANTED = frozenset({"name", "title", "severity"})
_LONGEST_HEAD = 200
"""Lines; the wanted keys stand in the first ten of any runbook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a list shows. `name` is the file's name, by which it is found.

    A key that the file lacks, or a file that cannot be read, leaves a field empty:
    `lint` says why, a list goes on.
    """

    name: str
    title: str
    severity: str
    file: Path


@dataclass(frozen=True, slots=True)
class Library:
    """Runbooks in `folders`; where two have the same name, the earlier folder's counts."""

    folders: Sequence[Path]

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._files()))

    def path(self, name: str) -> Path:
        """Where a runbook is; raises InputError with the nearest name."""
        files = self._files()
        if name in files:
            return files[name]
        hint = nearest(name, files) or "mangaops runbook list"
        raise InputError(f"no runbook is named `{name}`", where="RUNBOOK", hint=hint)

    def load(self, name: str) -> Runbook:
        """The whole runbook; raises InputError (no such name) or RunbookError (a bad file)."""
        path = self.path(name)
        from mangaops.runbook.load import load_runbook  # noqa: PLC0415 - pydantic and YAML

        return load_runbook(path)

    def heads(self) -> tuple[Head, ...]:
        """Every runbook's name, title and severity, by name."""
        return tuple(_head(name, file) for name, file in sorted(self._files().items()))

    def _files(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in self.folders:
            for file in sorted(folder.glob(f"*{SUFFIX}")):
                if not file.name.endswith(_TESTS) and file.is_file():
                    found.setdefault(file.name.removesuffix(SUFFIX), file)
        return found


def shipped_folder() -> Path:
    """The runbooks of the project: inside the installed wheel, else in the checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_shipped" / "runbooks"
    return installed if installed.is_dir() else package.parents[1] / "runbooks"


def _head(name: str, file: Path) -> Head:
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as lines:
            keys = _first_keys(lines)
    except OSError:
        keys = {}
    return Head(
        name=name, title=keys.get("title", ""), severity=keys.get("severity", ""), file=file
    )


def _first_keys(lines: Iterator[str]) -> dict[str, str]:
    """The wanted top-level keys; stops as soon as it has them."""
    found: dict[str, str] = {}
    last: str | None = None
    for number, line in enumerate(lines):
        if number >= _LONGEST_HEAD or (len(found) == len(_WANTED) and last is None):
            break
        if line[:1] in {" ", "\t"}:
            if last is not None and line.strip():
                found[last] = f"{found[last]} {line.strip()}".strip()
            continue
        key, colon, value = line.partition(":")
        last = None
        if colon and key in _WANTED and key not in found:
            found[key] = _scalar(value)
            last = key if found[key] in {"", ">", ">-", "|", "|-"} else None
            found[key] = "" if last else found[key]
    return found


def _scalar(text: str) -> str:
    """A value on one line, without its quotes or the comment behind it."""
    text = text.strip()
    if text[:1] in {'"', "'"}:
        return text[1:].partition(text[0])[0]
    return "" if text.startswith("#") else text.partition(" #")[0].strip()
