"""How far each number of a runbook can be shifted, as text, Markdown and JSON.

Values are told as they would be typed behind `--set`: `1956`, `0.1128`, `23m`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from mangaops.diagnose.sensitivity import (
    Conclusion,
    End,
    Flip,
    Lever,
    LeverKind,
    Sensitivity,
    Shifted,
    Turn,
)
from mangaops.diagnose.sensitivity_search import FARTHEST, RESOLUTION, STEPS
from mangaops.model.diagnosis import Verdict
from mangaops.model.evidence import JSON, Row
from mangaops.model.time import format_duration
from mangaops.render.figures import margin
from mangaops.render.grid import grid_markdown
from mangaops.render.screen import WIDEST, prose, to_text, typed_line

COLUMNS = ("number", "now", "stable from", "to", "beyond")
_STEP = round((FARTHEST ** (1 / STEPS) - 1) * 100)
_METHOD = (
    f"Looked at from a quarter to {FARTHEST:g} times the present value and at 0, in steps of "
    f"{_STEP} %; a change that comes and goes within one step is not seen. Ends are exact for "
    f"whole numbers, else within {RESOLUTION:.1%}."
).replace("%.", " %.")


def sensitivity_text(found: Sensitivity, *, run: str, width: int, colour: bool) -> str:
    """A table, the most sensitive number first, and what flips first over all."""
    parts: list[RenderableType] = [
        prose(f"{_concluded(found.conclusion)} (run {run})", "strong"),
        Text(""),
        *(
            [_table(found)]
            if found.shifted
            else [prose("No number that can be shifted decides it.")]
        ),
        *(
            [Text("  .. nothing changed as far as was looked", style="quiet")]
            if found.shifted
            else []
        ),
        Text(""),
        *(prose(line) for line in _conclusions(found)),
        prose(_METHOD, "quiet"),
        Text(""),
        typed_line("next:", f"mangaops runbook test-from {run}"),
    ]
    return to_text(Group(*parts), width=min(width, WIDEST), colour=colour)


def sensitivity_markdown(found: Sensitivity, *, run: str) -> str:
    rows = [_row(one) for one in found.shifted]
    lines = [f"- {line}" for line in (*_conclusions(found), _METHOD)]
    table = grid_markdown(COLUMNS, rows, {}) + "\n" if rows else ""
    return f"## {_concluded(found.conclusion)} (run `{run}`)\n\n{table}" + "\n".join(lines) + "\n"


def sensitivity_document(found: Sensitivity, *, run: str, runbook: str) -> dict[str, JSON]:
    """`mangaops.sensitivity/1`. Durations are in seconds; `until` is the farthest value that
    was looked at and changes nothing, `at` the first that does.
    """
    return {
        "schema": "mangaops.sensitivity/1",
        "run": run,
        "runbook": runbook,
        "conclusion": _conclusion(found.conclusion),
        "first": _flip(found.first),
        "first_other_diagnosis": _flip(found.first_other),
        "numbers": [
            {
                "name": one.lever.name,
                "kind": one.lever.kind.value,
                "value": one.lever.value,
                "unit": one.lever.unit,
                "below": _end_document(one, one.range.below),
                "above": _end_document(one, one.range.above),
            }
            for one in found.shifted
        ],
        "not_shifted": list(found.read_with),
        "resolution": {"farthest": FARTHEST, "steps": STEPS, "relative": RESOLUTION},
    }


def value_text(lever: Lever, value: float) -> str:
    """As `--set` takes it."""
    if lever.unit == "duration":
        return format_duration(timedelta(seconds=value))
    return f"{value:.6g}" if abs(value) < 10**6 else f"{value:.0f}"


def _table(found: Sensitivity) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    table.add_column(COLUMNS[0], overflow="fold", max_width=30)
    for name in COLUMNS[1:4]:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(COLUMNS[4], overflow="fold")
    for one in found.shifted:
        table.add_row(*(Text(str(cell or "")) for cell in _row(one).values()))
    return table


def _row(one: Shifted) -> Row:
    lever, ends = one.lever, (one.range.below, one.range.above)
    low, high = (_stable(lever, end) for end in ends)
    cells = (lever.name, value_text(lever, lever.value), low, high, "; ".join(_beyond(one)) or None)
    return dict(zip(COLUMNS, cells, strict=True))


def _stable(lever: Lever, end: Turn | End) -> str:
    if isinstance(end, End):
        return f"{value_text(lever, end.looked)} .."
    return value_text(lever, end.last)


def _beyond(one: Shifted) -> Iterator[str]:
    for word, end in (("below", one.range.below), ("above", one.range.above)):
        if isinstance(end, Turn):
            yield f"{word}: {_became(end.becomes)}"


def _became(conclusion: Conclusion) -> str:
    if conclusion.needs:
        return f"unknown: needs {', '.join(conclusion.needs)}, not read"
    if conclusion.unknown:
        return f"unknown: asks {conclusion.question}, not answered"
    if conclusion.verdict is Verdict.NONE:
        return conclusion.id
    return f"{conclusion.id} {conclusion.verdict}"


def _conclusions(found: Sensitivity) -> Iterator[str]:
    first, other = found.first, found.first_other
    if first is None:
        yield "first to flip: none of them"
    else:
        yield f"first to flip: {_flipped(first)}"
        if other is not None and other != first:
            yield f"first to another diagnosis: {_flipped(other)}"
    zeros = [one.lever.name for one in found.shifted if one.lever.value == 0]
    if zeros:
        yield f"0 has no shares; shifted up to what was observed: {', '.join(zeros)}"
    if found.read_with:
        names = ", ".join(found.read_with)
        yield f"not shifted, since evidence was read with them: {names}"


def _flipped(flip: Flip) -> str:
    lever = flip.lever
    then = value_text(lever, flip.turn.at)
    named = lever.name  # a literal's name ends with its value
    if lever.kind is LeverKind.PARAMETER:
        named += f" {value_text(lever, lever.value)}"
    share = "" if flip.shift is None else f" ({margin(flip.shift)})"
    return f"{named} -> {then}{share}: {_became(flip.turn.becomes)}"


def _concluded(conclusion: Conclusion) -> str:
    return f"{_became(conclusion)}: how far each number can be shifted"


def _flip(flip: Flip | None) -> JSON:
    if flip is None:
        return None
    return {
        "name": flip.lever.name,
        "from": flip.lever.value,
        "to": flip.turn.at,
        "shift": flip.shift,
        "becomes": _conclusion(flip.turn.becomes),
    }


def _end_document(one: Shifted, end: Turn | End) -> JSON:
    if isinstance(end, End):
        return {"until": end.looked, "at": None, "shift": None, "becomes": None}
    return {
        "until": end.last,
        "at": end.at,
        "shift": one.shift(end),
        "becomes": _conclusion(end.becomes),
    }


def _conclusion(conclusion: Conclusion) -> JSON:
    """`id` is null where it is not known."""
    return {
        "id": conclusion.id or None,
        "verdict": None if conclusion.unknown else conclusion.verdict.value,
        "needs": list(conclusion.needs),
        "question": conclusion.question or None,
    }
