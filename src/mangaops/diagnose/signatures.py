"""What each function of the condition language takes and gives, for the check at load."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from mangaops.diagnose import shapes
from mangaops.diagnose.arguments import (
    Checks,
    check_window,
    column_name,
    column_type,
    element_node,
    element_type,
    generated_type,
    is_series,
    refuse_window,
)
from mangaops.diagnose.problem import Fault
from mangaops.diagnose.shapes import Kind, Type
from mangaops.diagnose.slots import FORMATS
from mangaops.errors import nearest

Signature = Callable[[Checks, ast.Call], Type]


def check_call(checks: Checks, node: ast.Call) -> Type:
    """The type that a call gives; raises Fault for a wrong name, number or type of arguments."""
    if not isinstance(node.func, ast.Name):
        raise Fault(node, "only functions of the condition language can be called")
    name = node.func.id
    if name not in SIGNATURES:
        hint = _OTHERWISE.get(name) or nearest(name, SIGNATURES)
        raise Fault(node, f'there is no function "{name}"', hint)
    if node.keywords:
        raise Fault(node.keywords[0].value, f"{name}() takes no named arguments")
    least, most, signature = SIGNATURES[name]
    if not least <= len(node.args) <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        raise Fault(node, f"{name}() takes {wanted} arguments, and {len(node.args)} are given")
    return signature(checks, node)


_OTHERWISE: Mapping[str, str] = {
    "len": "rows(table) or count(list)",
    "mean": 'did you mean "avg"?',
    "p95": "write pct(series, 95)",
    "float": 'did you mean "number"?',
    "int": 'did you mean "number"?',
    "str": 'did you mean "text"?',
}


def _aggregate(checks: Checks, node: ast.Call) -> Type:
    """For min, max, avg and sum: of a series and its sub-window, or of numbers."""
    if is_series(checks, node):
        check_window(checks, node, 1)
        return shapes.NUMBER
    return _numbers(checks, node)


def _extreme(checks: Checks, node: ast.Call) -> Type:
    """For min and max: also of several numbers."""
    first = node.args[0]
    if isinstance(first, ast.GeneratorExp) or len(node.args) == 1:
        return _aggregate(checks, node)
    if checks.type_of(first).kind is Kind.SERIES:
        if len(node.args) > 2:
            raise Fault(node.args[2], "a series takes one window")
        return _aggregate(checks, node)
    return _numeric(checks, node)


def _count(checks: Checks, node: ast.Call) -> Type:
    if is_series(checks, node):
        check_window(checks, node, 1)
        return shapes.NUMBER
    if element_type(checks, node).kind is Kind.FLAG:
        raise Fault(
            element_node(node), "count() counts every member", "put the condition behind `if`"
        )
    refuse_window(node, 1)
    return shapes.NUMBER


def _numbers(checks: Checks, node: ast.Call) -> Type:
    element = element_type(checks, node)
    if element.kind not in {Kind.NUMBER, Kind.ANY}:
        message = f"numbers are needed here, and these are {element.kind.value} each"
        raise Fault(element_node(node), message)
    refuse_window(node, 1)
    return shapes.NUMBER


def _percentile(checks: Checks, node: ast.Call) -> Type:
    level = node.args[1]
    checks.want(level, Kind.NUMBER)
    fixed = level.value if isinstance(level, ast.Constant) else 0
    if isinstance(fixed, int | float) and not 0 <= fixed <= 100:
        raise Fault(level, "a percentile lies between 0 and 100")
    if is_series(checks, node):
        check_window(checks, node, 2)
        return shapes.NUMBER
    element = element_type(checks, node)
    if element.kind not in {Kind.NUMBER, Kind.ANY}:
        raise Fault(element_node(node), f"numbers are needed here, not {element.kind.value}")
    refuse_window(node, 2)
    return shapes.NUMBER


def _of_series(checks: Checks, node: ast.Call) -> Type:
    checks.want(node.args[0], Kind.SERIES)
    check_window(checks, node, 1)
    return shapes.NUMBER


def _baseline(checks: Checks, node: ast.Call) -> Type:
    series = checks.want(node.args[0], Kind.SERIES)
    if not series.baseline:
        raise Fault(node.args[0], "this metric reads no earlier days", "declare `baseline: {days}`")
    return Type(kind=Kind.SERIES, fields=series.fields)


def _quantified(checks: Checks, node: ast.Call) -> Type:
    """For all, any and share: of a generator of conditions."""
    element = generated_type(checks, node)
    if element.kind not in {Kind.FLAG, Kind.ANY}:
        raise Fault(element_node(node), f"a condition is needed here, not {element.kind.value}")
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    return shapes.NUMBER if name == "share" else shapes.FLAG


def _join(checks: Checks, node: ast.Call) -> Type:
    element = element_type(checks, node)
    if not element.scalar:
        raise Fault(element_node(node), f"join() takes texts or numbers, not {element.kind.value}")
    return shapes.TEXT


def _rows(checks: Checks, node: ast.Call) -> Type:
    checks.want(node.args[0], Kind.TABLE)
    return shapes.NUMBER


def _column(checks: Checks, node: ast.Call) -> Type:
    return shapes.list_of(column_type(checks, node, 1))


def _group(checks: Checks, node: ast.Call) -> Type:
    column_type(checks, node, 1)
    table = checks.type_of(node.args[0])
    return shapes.list_of(shapes.item_of(table, column_name(node.args[1])))


def _most_common(checks: Checks, node: ast.Call) -> Type:
    return column_type(checks, node, 1)


def _lookup(checks: Checks, node: ast.Call) -> Type:
    key = checks.want(node.args[1], Kind.NUMBER, Kind.TEXT, Kind.FLAG, Kind.ANY)
    result = column_type(checks, node, 2)
    first = next(iter(checks.type_of(node.args[0]).fields.values()), shapes.ANY)
    if Kind.ANY not in {key.kind, first.kind} and key.kind is not first.kind:
        message = f"the table's first column is {first.kind.value}, and the key {key.kind.value}"
        raise Fault(node.args[1], message)
    return result


def _numeric(checks: Checks, node: ast.Call) -> Type:
    for argument in node.args:
        checks.want(argument, Kind.NUMBER)
    return shapes.NUMBER


def _within(checks: Checks, node: ast.Call) -> Type:
    _numeric(checks, node)
    return shapes.FLAG


def _number(checks: Checks, node: ast.Call) -> Type:
    checks.want(node.args[0], Kind.TEXT, Kind.NUMBER)
    return shapes.NUMBER


def _texts(checks: Checks, node: ast.Call) -> Type:
    for argument in node.args:
        checks.want(argument, Kind.TEXT)
    return shapes.FLAG


def _known(checks: Checks, node: ast.Call) -> Type:
    before = set(checks.evidence)
    checks.evidence.clear()
    checks.type_of(node.args[0])
    variables = {n.id for n in ast.walk(node.args[0]) if isinstance(n, ast.Name)}
    mentions = checks.evidence or variables & checks.variables.keys()
    checks.evidence.update(before)
    if not mentions:
        raise Fault(node.args[0], "known() asks about evidence, and this is none")
    return shapes.FLAG


def _until(checks: Checks, node: ast.Call) -> Type:
    series = checks.want(node.args[0], Kind.SERIES)
    checks.want(node.args[1], Kind.NUMBER)
    return Type(kind=Kind.SERIES, fields=series.fields)


def _onset(checks: Checks, node: ast.Call) -> Type:
    checks.want(node.args[0], Kind.SERIES)
    checks.want(node.args[1], Kind.NUMBER)
    return shapes.NUMBER


def _text(checks: Checks, node: ast.Call) -> Type:
    checks.want(node.args[0], *_SCALARS)
    return shapes.TEXT


def _label(checks: Checks, node: ast.Call) -> Type:
    for argument in node.args[:2]:
        checks.want(argument, *_SCALARS)
    for argument in node.args[2:]:
        name = argument.value if isinstance(argument, ast.Constant) else None
        if name not in FORMATS:
            raise Fault(argument, "label() takes a format", ", ".join(filter(None, FORMATS)))
    return shapes.TEXT


_SCALARS = (Kind.NUMBER, Kind.TEXT, Kind.FLAG, Kind.NOTHING, Kind.ANY)


_MANY = 20

SIGNATURES: Mapping[str, tuple[int, int, Signature]] = {
    "min": (1, _MANY, _extreme),
    "max": (1, _MANY, _extreme),
    "avg": (1, 2, _aggregate),
    "sum": (1, 2, _aggregate),
    "count": (1, 2, _count),
    "latest": (1, 2, _of_series),
    "slope": (1, 2, _of_series),
    "rate": (1, 2, _of_series),
    "pct": (2, 3, _percentile),
    "baseline": (1, 1, _baseline),
    "until": (2, 2, _until),
    "onset": (2, 2, _onset),
    "median": (1, 1, _numbers),
    "iqr": (1, 1, _numbers),
    "stdev": (1, 1, _numbers),
    "all": (1, 1, _quantified),
    "any": (1, 1, _quantified),
    "share": (1, 1, _quantified),
    "join": (1, 1, _join),
    "rows": (1, 1, _rows),
    "column": (2, 2, _column),
    "group": (2, 2, _group),
    "most_common": (2, 2, _most_common),
    "lookup": (3, 3, _lookup),
    "age": (1, 1, _numeric),
    "seconds": (1, 1, _numeric),
    "minutes": (1, 1, _numeric),
    "hours": (1, 1, _numeric),
    "days": (1, 1, _numeric),
    "within": (3, 3, _within),
    "abs": (1, 1, _numeric),
    "round": (1, 2, _numeric),
    "number": (1, 1, _number),
    "text": (1, 1, _text),
    "label": (2, 3, _label),
    "contains": (2, 2, _texts),
    "starts_with": (2, 2, _texts),
    "known": (1, 1, _known),
}
"""Least and most arguments, and the check of their types."""
