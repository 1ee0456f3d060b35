"""`mangaops runbook test`: which files there are, and what comes of running them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mangaops.errors import ExitCode, InputError, MangaopsError, RunbookError
from mangaops.model.runbook import Runbook
from mangaops.runbook.finding import Finding
from mangaops.runbook.library import Library
from mangaops.runbook.load import load_runbook
from mangaops.testing.case import Case, Outcome, Prepared, TestFile
from mangaops.testing.coverage import Covered, covered
from mangaops.testing.given import Preparing, Sources
from mangaops.testing.load import SUFFIX, load, name_of
from mangaops.testing.report import Report, Tested
from mangaops.testing.run import judge

PLAIN = ".yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for. `floor` is a percentage; None asks for none."""

    paths: Sequence[Path]
    only: str = ""
    coverage: bool = False
    floor: float | None = None


@dataclass(slots=True)
class Shelf:
    """Runbooks by the test file that names them: beside it, else those that are known.
    Each is loaded once.
    """

    library: Library
    loaded: dict[Path, Runbook]

    def beside(self, test: Path) -> Callable[[str], Runbook]:
        def find(name: str) -> Runbook:
            near = test.parent / f"{name}{PLAIN}"
            return self.load(near if near.is_file() else self.library.path(name))

        return find

    def load(self, path: Path) -> Runbook:
        path = near_by(path)
        if path not in self.loaded:
            self.loaded[path] = load_runbook(path)
        return self.loaded[path]


def near_by(path: Path) -> Path:
    """A path below the working directory without it, as annotations and people want it."""
    try:
        return path.resolve().relative_to(Path.cwd()) if path.is_absolute() else path
    except ValueError:
        return path


def percentage(floor: float) -> float:
    """--min-coverage; raises InputError for what is no share."""
    if not 0 <= floor <= 100:
        what = f"{floor:g} is no percentage"
        raise InputError(what, where="--min-coverage", hint="0 to 100, for example 80")
    return floor


def run_tests(wanted: Wanted, library: Library, sources: Sources) -> Report:
    """Every test of every file; a file that is wrong does not hide the others.

    Raises InputError when there is nothing to run and nothing wrong to tell.
    """
    tests, runbooks = files_to_test(wanted.paths, library)
    shelf = Shelf(library, {})
    tested: list[Tested] = []
    findings: list[object] = []
    for path in tests:
        try:
            file, runbook = load(path, shelf.beside(path))
        except RunbookError as error:
            findings += [one for one in error.findings or (str(error),) if one not in findings]
        else:
            tested.append(_tested(file, runbook, wanted.only, sources, findings))
    if not findings and not any(one.outcomes for one in tested):
        raise _nothing_ran(wanted, tests)
    coverage = tuple(_coverage(tested, runbooks, shelf, findings)) if wanted.coverage else ()
    return Report(
        tested=tuple(one for one in tested if one.outcomes),
        findings=tuple(findings),
        coverage=coverage,
        floor=wanted.floor,
        without=tuple(_without(tests, runbooks, tested)),
    )


def files_to_test(paths: Sequence[Path], library: Library) -> tuple[list[Path], list[Path]]:
    """The test files that were named, and the runbooks that they should test.

    A named runbook stands for the tests beside it, a folder for all of its own.
    """
    if not paths:
        runbooks = [near_by(library.path(name)) for name in library.names()]
        folders = dict.fromkeys(near_by(folder) for folder in library.folders)
        return [file for folder in folders for file in _tests_in(folder)], runbooks
    tests: list[Path] = []
    runbooks = []
    for path in paths:
        if path.is_dir():
            tests += _tests_in(path)
            runbooks += [f for f in sorted(path.glob(f"*{PLAIN}")) if not _is_test(f)]
        elif not path.is_file():
            what = "there is no such file or folder"
            raise InputError(what, where=str(path), hint="mangaops runbook list")
        elif _is_test(path):
            tests.append(path)
        else:
            runbooks.append(path)
            beside = path.with_name(path.name.removesuffix(PLAIN) + SUFFIX)
            tests += [beside] if beside.is_file() else []
    return list(dict.fromkeys(tests)), runbooks


def _tests_in(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def _is_test(path: Path) -> bool:
    return path.name.endswith(SUFFIX)


def _nothing_ran(wanted: Wanted, tests: Sequence[Path]) -> InputError:
    where = ", ".join(map(str, wanted.paths)) or "the known runbooks"
    if tests and wanted.only:
        what = f"no test has `{wanted.only}` in its name"
        return InputError(what, where="--only", hint="mangaops runbook test -v lists the names")
    hint = f"tests of disk-full.yaml stand beside it in disk-full{SUFFIX}"
    return InputError("no runbook has a test here", where=where, hint=hint)


def _tested(
    file: TestFile, runbook: Runbook, only: str, sources: Sources, findings: list[object]
) -> Tested:
    preparing = Preparing(file, runbook, sources)
    prepared: list[Prepared] = []
    outcomes: list[Outcome] = []
    for case in file.cases:
        if only.casefold() not in case.name.casefold():
            continue
        try:
            ready = preparing.prepare(case)
        except InputError as error:
            findings.append(_no_source(case, error))
        except MangaopsError as error:
            outcomes.append(Outcome(case=case, error=str(error)))
        else:
            prepared.append(ready)
            outcomes.append(judge(ready))
    return Tested(file=file, runbook=runbook, prepared=tuple(prepared), outcomes=tuple(outcomes))


def _no_source(case: Case, error: InputError) -> Finding:
    """A wrong scenario or capsule is wrong input, not a failed test."""
    place, line = case.source or (case.place, "")
    return Finding(
        rule="T012",
        severity="error",
        message=str(error),
        place=place,
        hint=error.hint,
        line_text=line,
    )


def _coverage(
    tested: Sequence[Tested], runbooks: Sequence[Path], shelf: Shelf, findings: list[object]
) -> Iterator[Covered]:
    """Of every runbook that was tested or should be; one without a test counts with 0."""
    for path in runbooks:
        try:
            shelf.load(path)
        except RunbookError as error:
            findings += [one for one in error.findings or (str(error),) if one not in findings]
    for runbook in sorted(shelf.loaded.values(), key=lambda one: one.name):
        of = (one for one in tested if one.runbook is runbook)
        yield covered(runbook, [outcome for one in of for outcome in one.outcomes])


def _without(
    tests: Sequence[Path], runbooks: Sequence[Path], tested: Sequence[Tested]
) -> Iterator[str]:
    """The names of runbooks that have no test file at all, not even a wrong one."""
    named = {name_of(str(path)) for path in tests} | {one.runbook.name for one in tested}
    return (path.stem for path in runbooks if path.stem not in named)


def exit_code(report: Report) -> ExitCode:
    """Bad input before failures: what could not be run may have failed, too."""
    if report.findings:
        return ExitCode.WRONG_INPUT
    return ExitCode.PROBLEM_FOUND if report.failed or report.below else ExitCode.DONE
