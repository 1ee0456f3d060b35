"""The steps of `mangaops ci`, each by the function that its own command calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops.cli.context import AppContext, place_of
from mangaops.cli.linting import checked, failed
from mangaops.cli.options import Budget, Show, When, Where
from mangaops.cli.testing import PLAIN, Wanted, files_to_test, near_by, run_tests
from mangaops.cli.tests_sources import TestSources
from mangaops.errors import InputError, MangaopsError
from mangaops.model.edge import EdgeKind
from mangaops.render.ci_report import Check, Found, State, Step
from mangaops.render.figures import counted, dollars
from mangaops.render.finding import finding_lines
from mangaops.render.junit import details
from mangaops.runbook.library import Library
from mangaops.runbook.load import load_runbook
from mangaops.testing.load import SUFFIX
from mangaops.testing.report import Report

if TYPE_CHECKING:
    from mangaops.cli.ci import Checks
    from mangaops.cli.ci_lines import Line


_ELSE = "or leave the dry run of the remedies out: --no-sandbox"


def targets(paths: Sequence[Path], library: Library) -> list[Path]:
    """The runbooks to check; a named test file stands for its runbook. Raises InputError when
    there are none: a mistyped folder must not look like a clean one.
    """
    tests, runbooks = files_to_test(paths, library)
    beside = [near_by(test.with_name(test.name.removesuffix(SUFFIX) + PLAIN)) for test in tests]
    found = list(dict.fromkeys([*map(near_by, runbooks), *beside]))
    missing = [path for path in found if not path.is_file()]
    if missing:
        what = f"these tests have no {missing[0].name} beside them"
        raise InputError(what, where=str(missing[0].with_suffix("")) + SUFFIX, hint="rename them")
    if not found:
        where = ", ".join(map(str, paths)) or "the known runbooks"
        raise InputError("no runbook is here", where=where, hint="name a folder with *.yaml files")
    return found


class Steps:
    """Runs the steps. `findings` and `reports` are what lint and the tests said in full."""

    def __init__(
        self,
        context: AppContext,
        library: Library,
        where: Where,
        checks: Checks,
        show: Show,
        *,
        cannot_rehearse: Callable[[], str],
    ) -> None:
        """`cannot_rehearse` tells why there is no embedded AWS here; empty if there is one."""
        self._context = context
        self._library = library
        self._where = where
        self._checks = checks
        self._show = show
        self._cannot_rehearse = cannot_rehearse
        self._sources = TestSources(context, show)
        self._broken: set[Path] = set()
        self._tested: dict[Path, Report] = {}
        self.findings: list[object] = []

    @property
    def reports(self) -> Sequence[Report]:
        return list(self._tested.values())

    def run(self, files: Sequence[Path], say: Callable[[str], None]) -> list[Check]:
        """All steps of all runbooks, in the order of the steps."""
        done = [self._check(Step.LINT, file, self._lint, say) for file in files]
        done += [self._check(Step.TESTS, file, self._test, say) for file in files]
        if self._checks.mutate:
            done += [self._check(Step.MUTANTS, file, self._mutate, say) for file in files]
        done += [self._check(Step.READING, file, self._read, say) for file in files]
        return [*done, *self._remedies(files, say)]

    def _check(
        self,
        step: Step,
        file: Path,
        work: Callable[[Path], Found],
        say: Callable[[str], None],
    ) -> Check:
        say(f"{step} of {file.stem}")
        began = self._context.monotonic()
        if file in self._broken:
            found = Found(state=State.SKIPPED, told="the runbook cannot be loaded")
        else:
            try:
                found = work(file)
            except MangaopsError as error:
                hint = (error.hint,) if error.hint else ()
                found = Found(state=State.FAILED, told=error.what, problems=(str(error), *hint))
        return Check(
            step=step,
            runbook=file.stem,
            file=str(file),
            state=found.state,
            told=found.told,
            seconds=self._context.monotonic() - began,
            problems=found.problems,
            notes=found.notes,
        )

    def _lint(self, file: Path) -> Found:
        findings = checked([file])
        self.findings += findings
        problems = tuple(line for finding in findings for line in finding_lines(finding))
        told = counted(len(findings), "finding") if findings else "clean"
        if not failed(findings):
            return Found(state=State.PASSED, told=told, notes=problems)
        try:
            load_runbook(file)
        except MangaopsError:
            self._broken.add(file)
        return Found(state=State.FAILED, told=told, problems=problems)

    def _test(self, file: Path) -> Found:
        wanted = Wanted(paths=[file], coverage=True, floor=self._checks.min_coverage)
        report = run_tests(wanted, self._library, self._sources)
        self._tested[file] = report
        problems = [line for one in report.findings for line in finding_lines(one)]
        problems += [
            line
            for tested in report.tested
            for outcome in tested.failed
            for line in (f"FAIL {outcome.case.name}", *details(outcome).splitlines())
        ]
        for below in report.below:
            edges = ", ".join(map(str, below.untested))
            problems.append(
                f"{below.percent:.0f} % of its edges are tested, fewer than {report.floor:g} %"
            )
            problems.append(f"untested: {edges}")
        state = State.FAILED if problems else State.PASSED
        return Found(state=state, told=_tests_told(report), problems=tuple(problems))

    def _mutate(self, file: Path) -> Found:
        from mangaops.cli.mutating import mutated  # noqa: PLC0415 - only with --mutate
        from mangaops.render.mutants import mutation_lines  # noqa: PLC0415 - as above

        report = self._tested.get(file)
        if report is None or report.failed or not report.tested:
            return Found(state=State.SKIPPED, told="its tests do not pass")
        files = [(tested.file, tested.runbook) for tested in report.tested]
        found = mutated(files, self._sources, self._context, self._show)
        killed, of = sum(one.killed for one in found), sum(one.mutants for one in found)
        sound = all(one.sound for one in found)
        return Found(
            state=State.PASSED if sound else State.FAILED,
            told=f"{killed} of {of} mutants killed",
            problems=() if sound else tuple(mutation_lines(found)),
        )

    def _read(self, file: Path) -> Found:
        """The dry run of its diagnosis."""
        from mangaops.cli.reading_plan import planned  # noqa: PLC0415 - with its step
        from mangaops.cli.window import window_of  # noqa: PLC0415 - as above
        from mangaops.render.reading_plan import cost_lines  # noqa: PLC0415 - as above
        from mangaops.runbook.bind import bind  # noqa: PLC0415 - as above

        environment = place_of(self._where, self._context)
        bound = bind(load_runbook(file), environment, {})
        window = window_of(When(), default=bound.window, now=self._context.clock())
        plan = planned(self._context, bound, environment, window, Budget())
        more = "+" if plan.open_ended else ""
        least, most = dollars(plan.usd_least), dollars(plan.usd_most)
        cost = least if least == most else f"{least} to {most}"
        metrics = f"{plan.metrics}+ metrics" if more else counted(plan.metrics, "metric")
        told = f"{metrics}, {cost}"
        return Found(state=State.PASSED, told=told, notes=tuple(cost_lines(plan)))

    def _remedies(self, files: Sequence[Path], say: Callable[[str], None]) -> list[Check]:
        from mangaops.cli.ci_remedies import rehearsals  # noqa: PLC0415 - its step

        if self._checks.no_sandbox:
            return [_left_out(file, State.SKIPPED, "--no-sandbox") for file in files]
        why_not = self._cannot_rehearse()
        if why_not:
            told = "there is no sandbox"
            return [_left_out(file, State.NOT_RUN, told, why_not, _ELSE) for file in files]
        say("reading what the remedies are called with")
        lines = {file: self._lines(file) for file in files if file not in self._broken}
        with rehearsals(self._context, self._show) as rehearse:

            def work(file: Path) -> Found:
                return rehearse(lines[file])

            return [self._check(Step.REMEDIES, file, work, say) for file in files]

    def _lines(self, file: Path) -> Sequence[Line]:
        """Before the one sandbox: a scenario is read from another one."""
        from mangaops.cli.ci_lines import lines  # noqa: PLC0415 - with its step

        return lines(load_runbook(file), self._tested.get(file), self._sources)


def _left_out(file: Path, state: State, told: str, *problems: str) -> Check:
    return Check(
        step=Step.REMEDIES,
        runbook=file.stem,
        file=str(file),
        state=state,
        told=told,
        seconds=0.0,
        problems=problems,
    )


def _tests_told(report: Report) -> str:
    """`44 tests, edges 34/34`: branches and missing-data edges together."""
    counts = [report.count(kind) for kind in EdgeKind]
    taken, of = sum(count[0] for count in counts), sum(count[1] for count in counts)
    failed = f"{report.failed} of " if report.failed else ""
    tests = f"{failed}{report.ran} tests{' failed' if report.failed else ''}"
    return f"{tests}, edges {taken}/{of}"
