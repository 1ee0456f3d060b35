"""The checks of `mangaops ci` as JUnit XML: a suite a step, a case a runbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mangaops.render.ci_report import Check, CiReport, State, Step
from mangaops.render.junit import attribute, content


def ci_junit(report: CiReport) -> str:
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: CiReport) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="mangaops ci"{_counts(report.checks)}>'
    for step in report.steps:
        yield from _suite(step, report.of(step))
    yield "</testsuites>"


def _suite(step: Step, checks: Sequence[Check]) -> Iterator[str]:
    yield f"  <testsuite name={attribute(step)}{_counts(checks)}>"
    for check in checks:
        opened = (
            f"    <testcase classname={attribute(step)} name={attribute(check.runbook)} "
            f'file={attribute(check.file)} time="{check.seconds:.3f}"'
        )
        inside = _inside(check)
        yield f"{opened}>{inside}</testcase>" if inside else f"{opened}/>"
    yield "  </testsuite>"


def _inside(check: Check) -> str:
    match check.state:
        case State.PASSED:
            return ""
        case State.SKIPPED:
            return f"<skipped message={attribute(check.told)}/>"
        case State.NOT_RUN:
            return f"<error message={attribute(check.told)}/>"
        case State.FAILED:
            told = content("\n".join(check.problems))
            return f"<failure message={attribute(check.told)}>{told}</failure>"


def _counts(checks: Sequence[Check]) -> str:
    failed = sum(check.state is State.FAILED for check in checks)
    skipped = sum(check.state is State.SKIPPED for check in checks)
    not_run = sum(check.state is State.NOT_RUN for check in checks)
    return f' tests="{len(checks)}" failures="{failed}" errors="{not_run}" skipped="{skipped}"'
