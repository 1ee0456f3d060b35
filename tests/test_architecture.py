"""The rules of the package docstrings, enforced: who imports whom, sizes, what starts fast."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "mangaops"
FILES = sorted(SOURCE.rglob("*.py"))
RANKS = {
    "errors": 0,
    "model": 1,
    "diagnose": 2,
    "runbook": 3,
    "evidence": 4,
    "remedy": 4,
    "aws": 4,
    "config": 4,
    "bench": 4,
    "fm": 4,
    "testing": 5,
    "readiness": 5,
    "render": 6,
    "sandbox": 6,
    "cli": 7,
}
ALLOWED = {
    "boto3": {"aws", "fm", "sandbox"},
    "botocore": {"aws", "fm", "sandbox"},
    "redis": {"aws", "sandbox"},
    "moto": {"sandbox"},
    "duckdb": {"sandbox"},
    "numpy": {"bench"},
    "jsonschema": set(),
    "scipy": set(),
    "pandas": {"bench"},
    "matplotlib": {"render"},
    "rich": {"render", "cli"},
    "typer": {"render", "cli"},
}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
"""Lines of code and comment; what its docstring needs is not counted."""


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _package(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0].removesuffix(".py")


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(_tree(file)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                yield module
                yield from (f"{module}.{name.name}" for name in names)


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SOURCE)))
def test_a_package_imports_only_what_is_below_it(file: Path) -> None:
    own = _package(file)
    if own not in RANKS:
        return
    imported = {name.split(".")[1] for name in _imports(file) if name.startswith("mangaops.")}
    wrong = {package for package in imported & RANKS.keys() - {own} if RANKS[package] >= RANKS[own]}
    assert wrong == set()


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SOURCE)))
def test_a_library_is_imported_only_where_it_belongs(file: Path) -> None:
    own = _package(file)
    roots = {name.split(".")[0] for name in _imports(file)}
    assert {root for root in roots & ALLOWED.keys() if own not in ALLOWED[root]} == set()


def test_only_the_command_line_knows_that_there_is_a_sandbox() -> None:
    knowing = {
        _package(file)
        for file in FILES
        if any(name.startswith("mangaops.sandbox") for name in _imports(file))
    }
    assert knowing <= {"sandbox", "cli"}


def _lines(function: ast.FunctionDef) -> int:
    docstring = ast.get_docstring(function, clean=False) or ""
    told = len(docstring.splitlines()) if docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - told


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SOURCE)))
def test_a_file_holds_one_concept(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    functions = [n for n in ast.walk(_tree(file)) if isinstance(n, ast.FunctionDef)]
    assert {f.name: _lines(f) for f in functions if _lines(f) > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SOURCE)))
def test_a_module_says_what_it_is_for(file: Path) -> None:
    assert ast.get_docstring(_tree(file))


LISTS_NO_FILES = {"evidence/sources", "sandbox", "sandbox/services", "sandbox/wire"}
LISTS_NO_FILES |= {"sandbox/services/cloudwatch", "sandbox/services/ecs"}
"""Packages whose files are many of one kind, or part of one machine that is told as a whole."""


@pytest.mark.parametrize(
    "package",
    [
        file.parent
        for file in FILES
        if file.name == "__init__.py"
        and file.parent.relative_to(SOURCE).as_posix() not in LISTS_NO_FILES
    ],
    ids=lambda package: package.relative_to(SOURCE).as_posix(),
)
def test_a_package_names_its_files_and_no_others(package: Path) -> None:
    told = ast.get_docstring(_tree(package / "__init__.py")) or ""
    files = {file.stem for file in FILES if file.parent == package}
    inner = {file.parent.name for file in FILES if file.parent.parent == package}
    words = set(re.findall(r"\w+", told))
    listed = set(re.findall(r"(\w+)\.py\b", told))

    assert (files | inner) - words - {"__init__", "__main__"} == set()
    assert listed - files == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["runbook", "list"],
        ["diagnose", "--help"],
        ["set-env", "--help"],
        ["plan", "--help"],
        ["plan", "set-env", "--help"],
        ["apply", "--help"],
        ["undo", "--help"],
    ],
)
def test_what_needs_no_aws_loads_no_aws(arguments: list[str], tmp_path: Path) -> None:
    heavy = {"boto3", "botocore", "moto", "numpy", "pandas", "redis", "rich.console", "scipy"}
    program = (
        "import sys\n"
        "from mangaops.cli.app import app\n"
        "try:\n"
        f"    app({arguments!r})\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0, end.code\n"
        f"print(sorted({heavy!r} & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stderr) == (0, "[]\n")
