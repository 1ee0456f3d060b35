"""Which files `runbook lint` checks, and what is found in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mangaops.errors import InputError, RunbookError
from mangaops.runbook.finding import RULES, TEST_RULES, Finding
from mangaops.runbook.library import Library
from mangaops.runbook.lint import lint
from mangaops.runbook.load import load_runbook

_TESTS = ".test.yaml"


def files_to_check(paths: Sequence[Path], library: Library) -> list[Path]:
    """The files that were named, those in named folders, or all of the library's.

    Nothing to check is an error: a mistyped folder must not look like a clean one.
    """
    if not paths:
        return [library.path(name) for name in library.names()]
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = [f for f in sorted(path.glob("*.yaml")) if not f.name.endswith(_TESTS)]
            if not found:
                raise InputError("no runbook is in this folder", where=str(path), hint="*.yaml")
            files += found
        elif path.is_file():
            files.append(path)
        else:
            what = "there is no such file or folder"
            raise InputError(what, where=str(path), hint="mangaops runbook list")
    return files


def failed(findings: Sequence[object]) -> bool:
    """Whether there is an error among them; a warning alone is printed and passes."""
    return any(not isinstance(f, Finding) or f.severity == "error" for f in findings)


def checked(files: Sequence[Path]) -> list[object]:
    """Every finding, those included for which a file cannot even be loaded."""
    findings: list[object] = []
    for file in files:
        try:
            findings += lint(load_runbook(file))
        except RunbookError as error:
            findings += error.findings or (str(error),)
    return findings


def explained(rule: str) -> str:
    """What a rule is about; raises InputError with all rules for one that does not exist."""
    rules = {**RULES, **TEST_RULES}
    if rule.upper() in rules:
        return rules[rule.upper()]
    what, hint = f"there is no rule {rule}", f"rules: {', '.join(rules)}"
    raise InputError(what, where="--explain", hint=hint)
