"""The history of stored runs: a sparkline of each series, and its changes below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from mangaops.bench.history import LEAST_RUNS, Change, Nearby, Series, finite
from mangaops.model.evidence import JSON
from mangaops.model.time import iso
from mangaops.render.bench_document import said
from mangaops.render.bench_markdown import table
from mangaops.render.bench_words import chance, change, measured
from mangaops.render.escaping import escaped, visible
from mangaops.render.figures import counted, instant
from mangaops.render.painted import painted, wrapped

SCHEMA = "mangaops.bench-history/1"
_BARS = "▁▂▃▄▅▆▇█"
_WIDEST = 100
_MOST_NAMED = 5
_COLUMNS = ("From", "Run", "Before", "After", "Change", "p", "Changed with it")


def history_document(series: Sequence[Series]) -> dict[str, JSON]:
    """Every point, so that it can be drawn. `changes` is null with too few runs, an infinite
    figure "inf".
    """
    return {"schema": SCHEMA, "series": [_series_document(one) for one in series]}


def _series_document(one: Series) -> JSON:
    return {
        "intent": one.intent,
        "metric": one.measure.value,
        "unit": one.measure.unit,
        "environment": one.environment,
        "cache": one.cache.value,
        "runs": len(one.points),
        "slower_now": _slower_now(one),
        "changes": None if one.changes is None else [_change_document(c) for c in one.changes],
        "points": [
            {
                "run": point.run,
                "at": iso(point.at),
                "value": said(point.value),
                "calls": point.calls,
                "failures": point.failures,
            }
            for point in one.points
        ],
        "left_out": [{"run": left.run, "reason": left.reason} for left in one.left_out],
    }


def _slower_now(one: Series) -> bool | None:
    """Null is not known."""
    if one.slower is not None:
        return True
    return None if one.changes is None or one.unknown else False


def _change_document(one: Change) -> JSON:
    return {
        "run": one.run,
        "at": iso(one.at),
        "after_run": one.since,
        "after_at": iso(one.since_at),
        "before": said(one.before),
        "after": said(one.after),
        "ratio": said(one.ratio),
        "p_value": one.p_value,
        "nearby": [
            {"run": near.run, "what": near.what, "before": near.before, "after": near.after}
            for near in one.nearby
        ],
        "told": list(one.told),
    }


def history_text(series: Sequence[Series], *, width: int, colour: bool) -> str:
    lines: list[str] = []
    for one in series:
        lines += ["", *_series_lines(one, width=min(width, _WIDEST), colour=colour)]
    return "".join(f"{line}\n" for line in lines[1:])


def _series_lines(one: Series, *, width: int, colour: bool) -> Iterator[str]:
    where = f"{visible(one.environment)}, " if one.environment else ""
    runs = counted(len(one.points), "run")
    head = f"{one.measure.value} of {runs}, {where}cache {one.cache.value}"
    yield f"{painted(visible(one.intent), 'strong', colour=colour)}  {head}"
    if one.points:
        yield from _spark_lines(one, width)
    if one.changes is None:
        word = painted("INCONCLUSIVE", "unsure", colour=colour)
        yield f"  {word}  {runs}, and a change is told by {LEAST_RUNS} at least"
    elif not one.changes and not one.unknown:
        yield f"  {painted('no change', 'fine', colour=colour)}"
    for found in one.changes or ():
        yield from _change_lines(found, one, width=width, colour=colour)
    if one.unknown:
        word = painted("INCONCLUSIVE", "unsure", colour=colour)
        yield f"  {word}  {_unknown_words(one)}"
    yield from _left_out_lines(one, width)


def _unknown_words(one: Series) -> str:
    return f"the present level is not known: {one.unknown} of the newest runs have no figure"


def _spark_lines(one: Series, width: int) -> Iterator[str]:
    """The series as bars, the changes marked below; neighbours share a bar where it is long."""
    figures = [point.value for point in one.points]
    values = finite(figures)
    room = max(20, width - 2)
    size = -(-len(values) // room)
    groups = [values[start : start + size] for start in range(0, len(values), size)]
    means = [sum(group) / len(group) for group in groups]
    least = min(means)
    span = max(means) - least or 1.0
    yield "  " + "".join(_BARS[min(7, int((mean - least) / span * 8))] for mean in means)
    if one.changes:
        marks = {found.index // size for found in one.changes}
        yield ("  " + "".join("^" if i in marks else " " for i in range(len(means)))).rstrip()
    unit = one.measure.unit
    first, last = one.points[0].at, one.points[-1].at
    low, high = measured(min(figures), unit), measured(max(figures), unit)
    yield f"  {low} to {high}, {_span(first, last)}"


def _span(first: object, last: object) -> str:
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _change_lines(found: Change, one: Series, *, width: int, colour: bool) -> Iterator[str]:
    word, style = _word(found, one)
    unit = one.measure.unit
    levels = f"{measured(found.before, unit)} -> {measured(found.after, unit)}"
    told = f"{levels}, {change(found.ratio)}, {chance(found.p_value)}"
    yield f"  {painted(word, style, colour=colour)}  {instant(found.at)}  {told}"
    between = (
        f"from run {found.run} on; the run before it is {found.since} ({instant(found.since_at)})"
    )
    yield from wrapped(visible(between), width=width, indent=4)
    if inf in {found.before, found.after}:
        yield from wrapped("infinite: so many calls failed", width=width, indent=4)
    yield from wrapped(_nearby_words(found), width=width, indent=4, hanging=2)
    for told in found.told:
        yield from wrapped(visible(told), width=width, indent=4, hanging=2)


def _word(found: Change, one: Series) -> tuple[str, str]:
    worse, better = ("MORE", "fewer") if one.measure.unit == "tokens" else ("SLOWER", "faster")
    if found.worse:
        return worse, "fail" if found is one.slower else "unsure"
    return better, "fine"


def _nearby_words(found: Change) -> str:
    if not found.nearby:
        return "changed with it: nothing that the runs tell of"
    return "changed with it: " + "; ".join(_near(one, found) for one in found.nearby)


def _near(one: Nearby, found: Change) -> str:
    where = "" if one.run == found.run else f" (from run {one.run} on)"
    return visible(f"{one.what} {one.before or 'none'} -> {one.after or 'none'}{where}")


def _left_out_lines(one: Series, width: int) -> Iterator[str]:
    if not one.left_out:
        return
    named = [f"{left.run} ({left.reason})" for left in one.left_out[:_MOST_NAMED]]
    more = len(one.left_out) - len(named)
    told = ", ".join(named) + (f" and {more} more" if more else "")
    yield from wrapped(visible(f"left out: {told}"), width=width, indent=2, hanging=2)


def history_markdown(series: Sequence[Series]) -> str:
    lines = []
    for one in series:
        lines += [f"### {escaped(one.intent)}: {one.measure.value}", ""]
        where = f"{one.environment}, " if one.environment else ""
        lines += [
            escaped(f"{counted(len(one.points), 'run')}, {where}cache {one.cache.value}."),
            "",
        ]
        lines += _table(one)
    return "".join(f"{line}\n" for line in lines)


def _table(one: Series) -> Iterator[str]:
    if one.changes is None:
        yield f"INCONCLUSIVE: at least {LEAST_RUNS} runs are needed to tell a change."
    elif not one.changes:
        if not one.unknown:
            yield "No change."
    else:
        yield from table(_COLUMNS, (_cells(found, one.measure.unit) for found in one.changes))
    if one.unknown:
        yield f"INCONCLUSIVE: {_unknown_words(one)}."
    yield ""


def _cells(found: Change, unit: str) -> tuple[str, ...]:
    near = "; ".join([*(_near(each, found) for each in found.nearby), *found.told]) or "-"
    return (
        instant(found.at),
        found.run,
        measured(found.before, unit),
        measured(found.after, unit),
        change(found.ratio),
        chance(found.p_value),
        near,
    )
