"""Runbook tests as text: what passed, how the others differ, which edges nobody walks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.console import Group
from rich.text import Text

from mangaops.model.edge import EdgeKind
from mangaops.render.figures import counted
from mangaops.render.screen import to_text
from mangaops.testing.case import Difference, Outcome
from mangaops.testing.coverage import Covered
from mangaops.testing.report import Report, Tested

_INDENT = "   "
_LABEL = 10
"""Columns of the name of a differing field: the longest is `diagnosis`."""
_MOST_UNTESTED = 3


def tests_text(report: Report, *, width: int, colour: bool, verbose: bool) -> str:
    """Every failure with its differences; of what passed one line a runbook, or all names."""
    lines: list[Text] = []
    for tested in report.tested:
        lines += _tested(tested, width, verbose=verbose)
    for one in report.coverage:
        lines += _covered(one, width, report.floor)
    lines += _last(report, width)
    # Lines are broken above, with their indentation: the console must leave them alone.
    return to_text(Group(*lines), width=max(width, 20), colour=colour)


def _tested(tested: Tested, width: int, *, verbose: bool) -> Iterator[Text]:
    failed = tested.failed
    passed = [one for one in tested.outcomes if one.passed]
    if verbose:
        for one in passed:
            yield _line("PASS", "fine", f"{tested.runbook.name} / {one.case.name}")
    elif passed:
        of = f"{len(passed)} of " if failed else ""
        told = f"{tested.runbook.name}  {of}{counted(len(tested.outcomes), 'test')}"
        yield _line("PASS", "fine", told)
    for one in failed:
        yield from _failure(tested.runbook.name, one, width)


def _line(word: str, style: str, told: str) -> Text:
    return Text(no_wrap=True, overflow="ignore").append(word, style=style).append(f" {told}")


def _failure(runbook: str, outcome: Outcome, width: int) -> Iterator[Text]:
    name, where = f"{runbook} / {outcome.case.name}", f"{_INDENT}({outcome.case.where})"
    if len(f"FAIL {name}{where}") <= width:
        yield _line("FAIL", "fail", name + where)
    else:
        yield _line("FAIL", "fail", name)
        yield Text(where, no_wrap=True, overflow="ignore")
    if outcome.error:
        yield from _wrapped("error", "", outcome.error, width)
    for difference in outcome.differences:
        yield from _difference(difference, width)


def _difference(difference: Difference, width: int) -> Iterator[Text]:
    yield from _wrapped(difference.what, "- expected  ", difference.expected, width)
    yield from _wrapped("", "+ got       ", difference.got, width)


def _wrapped(label: str, mark: str, told: str, width: int) -> Iterator[Text]:
    first = f"{_INDENT}{label:<{_LABEL}}{mark}"
    style = {"-": "quiet", "+": "strong"}.get(mark[:1], "")
    for line in _broken(told, width, first):
        yield Text(line, style=style, no_wrap=True, overflow="ignore")


def _broken(told: str, width: int, first: str) -> list[str]:
    return textwrap.wrap(
        told,
        width=max(width, len(first) + 20),
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def _covered(one: Covered, width: int, floor: float | None) -> Iterator[Text]:
    """One runbook's edges; those that no test takes by name."""
    below = floor is not None and one.percent < floor
    told = f"{one.runbook}  {_counts(one.count(EdgeKind.BRANCH), one.count(EdgeKind.MISSING))}"
    if below:
        told += f": {one.percent:.1f} % is below {floor:g} %"
    word, style = ("FAIL", "fail") if below else ("    ", "")
    yield _line(word, style, told)
    for edge in one.untested:
        first = f"{_INDENT}  untested  "
        for line in _broken(str(edge), width, first):
            yield Text(line, no_wrap=True, overflow="ignore")


def _counts(branches: tuple[int, int], missing: tuple[int, int]) -> str:
    return f"branches {branches[0]}/{branches[1]}, missing-data edges {missing[0]}/{missing[1]}"


def _last(report: Report, width: int) -> Iterator[Text]:
    for line in _broken(summary(report), width, ""):
        yield Text(line, no_wrap=True, overflow="ignore")


def summary(report: Report) -> str:
    """`3 tests, 1 failed. Branches 17/20, missing-data edges 4/9. Untested: ...`."""
    told = f"{counted(report.ran, 'test')}, {report.failed or 'none'} failed."
    if report.findings:
        told += f" {counted(len(report.findings), 'finding')}: not all tests ran."
    if not report.coverage:
        return told
    counts = _counts(report.count(EdgeKind.BRANCH), report.count(EdgeKind.MISSING))
    told = f"{told} {counts.capitalize()}."
    several = len(report.coverage) > 1
    untested = [
        f"{one.runbook} / {edge}" if several else str(edge)
        for one in report.coverage
        for edge in one.untested
    ]
    if not untested:
        return told
    more = len(untested) - _MOST_UNTESTED
    rest = f" and {more} more" if more > 0 else ""
    return f"{told} Untested: {', '.join(untested[:_MOST_UNTESTED])}{rest}"
