"""A comparison of prompt versions for a terminal: the verdict first, then what carries it.

Without rich, whose import would take longer than the statistics. What failed, or could not
be decided, is told in full; what passed in one line, unless everything is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mangaops.bench.comparing.comparison import BudgetCheck, Comparison, Report, Verdict
from mangaops.render.bench_words import (
    NAME,
    ROLES,
    STYLES,
    arms_named,
    budget_mark,
    budget_words,
    cause_words,
    figure_rows,
    headline,
    parts_words,
    percent,
    shift_words,
)
from mangaops.render.ecdf import Curve, ecdf_lines, histogram_lines
from mangaops.render.escaping import visible
from mangaops.render.figures import counted
from mangaops.render.painted import aligned, cells, painted, wrapped

_WIDEST = 120
_INDENT = 2
_LABEL = 9
"""Columns of `budget   `, the label in front of a fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How to show it. `everything` also tells in full what passed."""

    width: int = 80
    colour: bool = False
    histogram: bool = False
    everything: bool = False

    @property
    def columns(self) -> int:
        return min(self.width, _WIDEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is shown: the report, the curves of each intent, and what to type next."""

    report: Report
    curves: Mapping[str, tuple[Curve, Curve]] = field(default_factory=dict)
    commands: Sequence[tuple[str, str]] = ()


def comparison_text(told: Told, look: Look) -> str:
    lines = [*_head(told.report, look)]
    for one in told.report.comparisons:
        if lines[-1] and not _is_short(one, told, look):
            lines.append("")
        lines += _intent(one, told, look)
    while not lines[-1]:
        del lines[-1]
    if told.commands:
        lines += ["", *_next(told.commands, look)]
    return "".join(f"{line}\n" for line in lines)


def _head(report: Report, look: Look) -> Iterator[str]:
    """Which runs, and under which rule."""
    one, other = visible(report.baseline_run), visible(report.candidate_run)
    runs = one if one == other else f"{one} against {other}"
    rule = f"a p95 that is slower by {percent(report.margin)} fails"
    text = f"{runs}, {rule}, seed {report.seed}" if runs else f"{rule}, seed {report.seed}"
    yield from (painted(line, "quiet", colour=look.colour) for line in _text(text, look))
    yield ""


def _intent(one: Comparison, told: Told, look: Look) -> Iterator[str]:
    yield from _verdict(one, look)
    if _is_short(one, told, look):
        yield from _reasons(one, look)
        return
    yield from _figures(one, look)
    yield from _facts(one, look)
    yield from _drawn(_named(one, told.curves.get(one.intent)), look)
    yield ""


def _is_short(one: Comparison, told: Told, look: Look) -> bool:
    """Whether its verdict and doubts say enough."""
    alone = len(told.report.comparisons) == 1
    kept = all(check.kept for check in one.budgets)
    return one.verdict is Verdict.PASS and kept and not (alone or look.everything)


def _verdict(one: Comparison, look: Look) -> Iterator[str]:
    """`FAIL recommendation  p95 ...`, on two lines where one does not hold it."""
    p95, sure = headline(one)
    intent = visible(one.intent)
    start = f"{one.verdict.value} {intent}"
    style = STYLES[one.verdict]
    shown = (
        painted(one.verdict.value, style, colour=look.colour)
        + " "
        + painted(intent, "strong", colour=look.colour)
    )
    if cells(f"{start}  {p95}  {sure}") <= look.columns:
        yield f"{shown}  {p95}  {sure}".rstrip()
        return
    together = cells(f"{start}  {p95}") <= look.columns
    yield f"{shown}  {p95}" if together else shown
    yield f"{'':{_INDENT}}{sure if together else f'{p95}  {sure}'}".rstrip()


def _figures(one: Comparison, look: Look) -> Iterator[str]:
    before, after = arms_named(one, widest=NAME)
    rows = [("", before, after, "change", "95 % limits")]
    rows += figure_rows(one)
    head, *rest = aligned(rows, indent=_INDENT)
    yield painted(head, "quiet", colour=look.colour)
    yield from rest


def _facts(one: Comparison, look: Look) -> Iterator[str]:
    """One labelled paragraph each: what moved, from where, why, and how surely."""
    if arms_named(one) != arms_named(one, widest=NAME):
        yield from _fact("versions", " -> ".join(arms_named(one)), look)
    if shift := shift_words(one):
        yield from _fact("shift", shift, look)
    if one.parts is not None:
        yield from _fact("mean", parts_words(one.parts), look)
    if cause := cause_words(one):
        yield from _fact("cause", cause, look)
    for check in one.budgets:
        yield from budget_lines(check, look)
    yield from _reasons(one, look)


def budget_lines(check: BudgetCheck, look: Look) -> Iterator[str]:
    """`budget   FAIL p95 3,210 ms, limit 3,000 ms`."""
    mark, style = budget_mark(check)
    told = _fact("budget", f"{mark} {budget_words(check)}", look)
    for number, line in enumerate(told):
        shown = painted(mark, style, colour=look.colour)
        yield line if number else line.replace(f" {mark} ", f" {shown} ", 1)


def _reasons(one: Comparison, look: Look) -> Iterator[str]:
    """Those that decide first. A FAIL, by the budget alone, is not because of a doubt."""
    open_ = one.verdict is Verdict.INCONCLUSIVE
    if one.set_aside:
        yield from _fact("verdict", "over its budget; the ratio decides nothing, see below", look)
    for reason in sorted(one.reasons, key=lambda each: not each.decides):
        label = "because" if reason.decides and open_ else "distrust"
        yield from _fact(label, visible(reason.text), look)


def _fact(label: str, text: str, look: Look) -> Iterator[str]:
    lines = wrapped(text, width=look.columns, indent=_INDENT + _LABEL)
    for number, line in enumerate(lines):
        if number:
            yield line
            continue
        head = painted(label, "quiet", colour=look.colour)
        yield f"{'':{_INDENT}}{head}{line[_INDENT + len(label) :]}"


def _named(one: Comparison, curves: tuple[Curve, Curve] | None) -> tuple[Curve, Curve] | None:
    """The curves, by the names of the table above them where theirs are too long."""
    if curves is None or arms_named(one, widest=NAME) != ROLES:
        return curves
    return replace(curves[0], label=ROLES[0]), replace(curves[1], label=ROLES[1])


def _drawn(curves: tuple[Curve, Curve] | None, look: Look) -> Iterator[str]:
    if curves is None:
        return
    yield ""
    draw = histogram_lines if look.histogram else ecdf_lines
    for line in draw(*curves, width=look.columns - _INDENT, colour=look.colour):
        yield f"{'':{_INDENT}}{line}"


def summary_line(report: Report) -> str:
    """`FAIL: 1 of 3 intents failed, 1 inconclusive`."""
    of = {v: sum(one.verdict is v for one in report.comparisons) for v in Verdict}
    intents = counted(len(report.comparisons), "intent")
    parts = [f"{of[Verdict.FAIL]} of {intents} failed"] if of[Verdict.FAIL] else []
    if of[Verdict.INCONCLUSIVE]:
        parts.append(f"{of[Verdict.INCONCLUSIVE]} of {intents} undecided")
    severity = f" ({report.severity})" if report.severity else ""
    return f"{report.verdict.value}{severity}: {', '.join(parts) or f'{intents} passed'}"


def _next(commands: Sequence[tuple[str, str]], look: Look) -> Iterator[str]:
    """Never broken: what is pasted must be one line."""
    for label, command in commands:
        shown = painted(command, "command", colour=look.colour)
        yield f"{painted(label, 'quiet', colour=look.colour)} {shown}"


def _text(text: str, look: Look) -> Iterator[str]:
    return wrapped(text, width=look.columns)
