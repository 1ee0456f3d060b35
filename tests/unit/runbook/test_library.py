"""Runbooks by name: folders, heads, and what listing costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mangaops.errors import InputError
from mangaops.runbook.library import Head, Library, shipped_folder
from support.runbook_texts import GOOD


def folder(path: Path, files: dict[str, str]) -> Path:
    path.mkdir()
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def test_names_are_those_of_the_files_without_tests_and_others(tmp_path: Path) -> None:
    files = {"b.yaml": "", "a.yaml": "", "a.test.yaml": "", "notes.md": ""}
    assert Library([folder(tmp_path / "x", files), tmp_path / "none"]).names() == ("a", "b")


def test_the_earlier_folder_wins(tmp_path: Path) -> None:
    mine = folder(tmp_path / "mine", {"a.yaml": ""})
    shipped = folder(tmp_path / "shipped", {"a.yaml": "", "b.yaml": ""})
    library = Library([mine, shipped])
    assert [library.path("a"), library.path("b")] == [mine / "a.yaml", shipped / "b.yaml"]


def test_an_unknown_name_brings_the_nearest(tmp_path: Path) -> None:
    library = Library([folder(tmp_path / "x", {"first-token.yaml": ""})])
    with pytest.raises(InputError) as caught:
        library.path("first-tokn")
    error = caught.value
    assert (error.what, error.hint) == (
        "no runbook is named `first-tokn`",
        'did you mean "first-token"?',
    )
    with pytest.raises(InputError) as caught:
        library.load("zzz")
    assert caught.value.hint == "mangaops runbook list"


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder(tmp_path / "x", {})
    (tmp_path / "secret.yaml").write_text(GOOD)
    with pytest.raises(InputError):
        Library([tmp_path / "x"]).path("../secret")


@pytest.mark.parametrize(
    ("text", "title", "severity"),
    [
        (GOOD, "Answers are slow", "SEV-2"),
        ('title: "A: b"  # c\nseverity: SEV-1 # d\n', "A: b", "SEV-1"),
        ("title: 'A # b'\nseverity: 'SEV-1'\n", "A # b", "SEV-1"),
        ("title: >-\n  over two\n  lines\nseverity: SEV-3\n", "over two lines", "SEV-3"),
        ("nodes:\n  title: not this\n", "", ""),
        ("", "", ""),
        ("\x00\udcff: [", "", ""),
    ],
)
def test_a_head_is_read_from_the_first_keys(
    tmp_path: Path, text: str, title: str, severity: str
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    head = Head(name="x", title=title, severity=severity, file=file)
    assert Library([tmp_path]).heads() == (head,)


def test_the_heads_of_the_shipped_runbooks_agree_with_their_files() -> None:
    library = Library([shipped_folder()])
    loaded = [library.load(name) for name in library.names()]
    assert [(head.name, head.title, head.severity) for head in library.heads()] == [
        (runbook.name, runbook.title, str(runbook.severity)) for runbook in loaded
    ]
    assert len(loaded) == 6


def test_listing_imports_neither_pydantic_nor_yaml() -> None:
    code = (
        "import sys; from mangaops.runbook.library import Library, shipped_folder;"
        "assert Library([shipped_folder()]).heads();"
        "print([name for name in ('pydantic', 'yaml', 'boto3') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
