"""The path of a walk: each question, its checks one a line, its answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mangaops.model.diagnosis import Check, PathStep
from mangaops.model.evidence import EvidenceState
from mangaops.render.case import Case
from mangaops.render.figures import figure, margin
from mangaops.render.mark import STYLES, Mark, mark_of, operator_of
from mangaops.render.screen import NARROW

_GAP = 2
_MOST_OBSERVED, _MOST_LIMIT = 24, 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One check as five cells; `detail` goes below it."""

    mark: Mark | None
    name: str
    observed: str = ""
    limit: str = ""
    margin: str = ""
    detail: str = ""


def path(case: Case, *, width: int) -> RenderableType:
    """Every step of the walk, with figures in columns that are the same in all of them."""
    steps = case.diagnosis.path
    told = [(step, rows_of(step, case, last=step is steps[-1])) for step in steps]
    columns = _Columns.fitting([row for _, rows in told for row in rows], width)
    return Group(*(line for step, rows in told for line in _step(step, rows, columns)))


def _step(step: PathStep, rows: Sequence[Row], columns: _Columns) -> Iterator[RenderableType]:
    yield Text(step.question, style="strong")
    for row in rows:
        yield Padding(columns.line(row), (0, 0, 0, 2))
        if row.detail:
            yield Padding(Text(row.detail, style="quiet"), (0, 0, 0, 8))
    answer = Text("  -> ", style="quiet")
    answer.append(step.answer or "no answer", style="unsure" if step.missing else "")
    if step.missing:
        answer.append(" (not everything was seen)", style="unsure")
    yield answer


def rows_of(step: PathStep, case: Case, *, last: bool) -> list[Row]:
    """The step's checks; several about members of one group share a heading."""
    rows: list[Row] = []
    for name, checks in groupby(step.checks, key=case.name_of):
        told = [_row(check, step, case, decides=last) for check in checks]
        subjects = [row for row in told if row.name != name]
        if len(subjects) > 1:
            rows.append(Row(mark=None, name=name))
        elif subjects:
            told = [replace(row, name=f"{name}: {row.name.strip()}") for row in told]
        rows += dict.fromkeys(told)
    return rows


def _row(check: Check, step: PathStep, case: Case, *, decides: bool) -> Row:
    mark = mark_of(check, step, decides=decides)
    unknown = mark is Mark.UNKNOWN
    return Row(
        mark=mark,
        name=f"  {subject_of(check)}" if check.subject else case.name_of(check),
        observed=missing_word(check, case) if unknown else _observed(check),
        limit=limit_of(check),
        margin=margin(check.margin),
        detail=_why_missing(check, case) if unknown else "gaps in the data" * check.gaps,
    )


def _observed(check: Check) -> str:
    """Nothing for a flag: its mark has said yes or no already."""
    return "" if isinstance(check.observed, bool) else figure(check.observed, check.unit)


def subject_of(check: Check) -> str:
    """`faq` for `Intent=faq`: the heading says what it is a member of."""
    return ", ".join(part.partition("=")[2] or part for part in check.subject.split(", "))


def limit_of(check: Check) -> str:
    """`limit 2,000 ms`; what was expected where there is no order; nothing for a plain flag."""
    if check.threshold is None or isinstance(check.threshold, bool):
        return ""
    threshold = figure(check.threshold, check.unit)
    word = operator_of(check.expression)
    return f"limit {threshold}" if word in {"", ">", ">=", "<", "<="} else f"{word} {threshold}"


_WORDS = {
    EvidenceState.NO_DATA: "no data",
    EvidenceState.DENIED: "denied",
    EvidenceState.FAILED: "failed",
    EvidenceState.TIMEOUT: "timed out",
    EvidenceState.STALE: "stale",
    EvidenceState.NOT_NEEDED: "not read",
}


def missing_word(check: Check, case: Case) -> str:
    """In one or two words, why the check is unknown."""
    states = [case.evidence[key].state for key in check.missing if key in case.evidence]
    words = dict.fromkeys(_WORDS[state] for state in states if state in _WORDS)
    return ", ".join(words) or "unknown"


def _why_missing(check: Check, case: Case) -> str:
    details = [case.evidence[key].detail for key in check.missing if key in case.evidence]
    return "; ".join(dict.fromkeys(detail for detail in details if detail))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Widths that hold every row of a path, so that its figures stand in columns."""

    observed: int
    limit: int
    margin: int
    narrow: bool

    @classmethod
    def fitting(cls, rows: Sequence[Row], width: int) -> _Columns:
        def widest(cells: Iterator[str], most: int) -> int:
            return min(max((cell_len(cell) for cell in cells), default=0), most)

        return cls(
            observed=widest((row.observed for row in rows), _MOST_OBSERVED),
            limit=widest((row.limit for row in rows), _MOST_LIMIT),
            margin=widest((row.margin for row in rows), 10),
            narrow=width < NARROW,
        )

    def line(self, row: Row) -> Table:
        """One check; on a narrow terminal its figures stand below its name."""
        style = STYLES[row.mark] if row.mark else ""
        strong = style if row.mark is Mark.FAIL else ""
        figures = [
            Text(row.observed, style=strong),
            Text(row.limit, style="quiet"),
            Text(row.margin, style=strong),
        ]
        grid = Table.grid(padding=(0, _GAP, 0, 0), expand=True)
        grid.add_column(width=4, no_wrap=True)
        grid.add_column(ratio=1, overflow="fold")
        cells = [Text(row.mark or "", style=style), Text(row.name)]
        if self.narrow:
            grid.add_row(*cells)
            below = Text("  ").join(cell for cell in figures if cell.plain)
            if below.plain:
                grid.add_row("", below)
            return grid
        grid.add_column(width=self.observed, justify="right", overflow="fold")
        grid.add_column(width=self.limit, overflow="fold")
        grid.add_column(width=self.margin, justify="right", no_wrap=True)
        grid.add_row(*cells, *figures)
        return grid
