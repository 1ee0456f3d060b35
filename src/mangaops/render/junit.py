"""Runbook tests as JUnit XML, which every CI system reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from mangaops.render.finding import finding_lines
from mangaops.testing.case import Outcome
from mangaops.testing.report import Report, Tested

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped."""


def junit_xml(report: Report) -> str:
    """One suite a file, one case a test; a file that could not be run is a case with an error."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    broken = len(report.findings)
    yield (
        f'<testsuites name="mangaops" tests="{report.ran + broken}" '
        f'failures="{report.failed}" errors="{broken}">'
    )
    for tested in report.tested:
        yield from _suite(tested)
    if report.findings:
        yield from _findings(report)
    yield "</testsuites>"


def _suite(tested: Tested) -> Iterator[str]:
    count, failed = len(tested.outcomes), len(tested.failed)
    name = attribute(tested.runbook.name)
    yield (
        f'  <testsuite name={name} file={attribute(tested.file.file)} tests="{count}" '
        f'failures="{failed}" errors="0">'
    )
    for outcome in tested.outcomes:
        yield from _case(tested.runbook.name, outcome)
    yield "  </testsuite>"


def _case(runbook: str, outcome: Outcome) -> Iterator[str]:
    place = outcome.case.place
    opened = (
        f"    <testcase classname={attribute(runbook)} name={attribute(outcome.case.name)} "
        f'file={attribute(place.file)} line="{place.line}"'
    )
    if outcome.passed:
        yield f"{opened}/>"
        return
    yield f"{opened}>"
    told = content(details(outcome))
    yield f"      <failure message={attribute(failure(outcome))}>{told}</failure>"
    yield "    </testcase>"


def failure(outcome: Outcome) -> str:
    """A failed test in one sentence: its first difference."""
    return str(outcome.differences[0]) if outcome.differences else outcome.error


def details(outcome: Outcome) -> str:
    """All that differs, a line each, behind the test's place."""
    told = [f"{outcome.case.where}", *([outcome.error] if outcome.error else ())]
    return "\n".join([*told, *map(str, outcome.differences)])


def _findings(report: Report) -> Iterator[str]:
    count = len(report.findings)
    yield f'  <testsuite name="files" tests="{count}" failures="0" errors="{count}">'
    for number, finding in enumerate(report.findings, 1):
        lines = list(finding_lines(finding))
        yield f'    <testcase classname="files" name="finding {number}">'
        yield f"      <error message={attribute(lines[0])}>{content(chr(10).join(lines))}</error>"
        yield "    </testcase>"
    yield "  </testsuite>"


def attribute(text: str) -> str:
    """In quotes, on one line."""
    return f'"{content(" ".join(text.split()))}"'


def content(text: str) -> str:
    """Escaped, without what XML cannot hold."""
    return escape(_FORBIDDEN.sub("?", text), quote=True)
