"""Sub-windows of conditions that are longer than what is read of their series.

Such a condition is unknown for ever, whatever the numbers are. A parameter counts by its
default. A pooled metric reads its `pool`, also where that is longer than the window.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta

from mangaops.model.condition import Condition
from mangaops.model.query import MetricQuery
from mangaops.model.runbook import Runbook
from mangaops.model.time import format_duration, parse_duration

_POSITIONS = {"pct": 2, **dict.fromkeys(("min", "max", "avg", "sum", "count"), 1)}
_POSITIONS |= dict.fromkeys(("latest", "slope", "rate"), 1)
"""Of the window among the arguments of each function of a series."""


def beyond(condition: Condition, runbook: Runbook) -> Iterator[str]:
    """A message for each stretch that is longer than its evidence."""
    members = {
        loop.target.id: loop.iter
        for node in ast.walk(condition.tree)
        if isinstance(node, ast.GeneratorExp)
        for loop in node.generators
        if isinstance(loop.target, ast.Name)
    }
    for node in ast.walk(condition.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        position = _POSITIONS.get(node.func.id, len(node.args))
        if len(node.args) <= position:
            continue
        wanted = _length(node.args[position], runbook)
        read = _read(node.args[0], members, runbook)
        if wanted is None or read is None or wanted <= read[1]:
            continue
        name, length = read
        yield (
            f"{node.func.id}() looks back {format_duration(wanted)}, and of {name} "
            f"{format_duration(length)} are read"
        )


def _length(argument: ast.expr, runbook: Runbook) -> timedelta | None:
    """None for what is no window, such as the second of several numbers."""
    match argument:
        case ast.Constant(value=str(text)):
            return parse_duration(text)
        case ast.Name(id=name) if name in runbook.parameters:
            parameter = runbook.parameters[name]
            if parameter.unit == "duration" and isinstance(parameter.value, int | float):
                return timedelta(seconds=parameter.value)
    return None


def _read(
    series: ast.expr, members: dict[str, ast.expr], runbook: Runbook
) -> tuple[str, timedelta] | None:
    """The metric that a series is of, and how much of it is read."""
    match series:
        case ast.Call(args=[first, *_]):  # baseline(), until()
            return _read(first, members, runbook)
        case ast.Name(id=name) if name in runbook.evidence:
            query = runbook.evidence[name].query
            if isinstance(query, MetricQuery):
                return name, query.pool or query.window or runbook.window
        case ast.Name(id=name) if isinstance(members.get(name), ast.Name):
            return _read(members[name], {}, runbook)
    return None
