"""What each function of the condition language takes and gives, for the check at load."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Protocol

from mangaops.diagnose import shapes
from mangaops.diagnose.problem import Fault
from mangaops.diagnose.scope import DURATION, Scope, nearest
from mangaops.diagnose.shapes import Kind, Type
from mangaops.diagnose.slots import FORMATS
from mangaops.model.time import parse_duration


class Checks(Protocol):
    """The part of `check.Checker` that signatures need."""

    scope: Scope
    parameters: set[str]
    evidence: set[str]
    variables: dict[str, Type]

    def type_of(self, node: ast.expr) -> Type: ...
    def want(self, node: ast.expr, *kinds: Kind) -> Type: ...


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
    if _is_series(checks, node):
        _window(checks, node, 1)
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
    if _is_series(checks, node):
        _window(checks, node, 1)
        return shapes.NUMBER
    if _elements(checks, node).kind is Kind.FLAG:
        raise Fault(_element(node), "count() counts every member", "put the condition behind `if`")
    _no_window(node, 1)
    return shapes.NUMBER


def _numbers(checks: Checks, node: ast.Call) -> Type:
    element = _elements(checks, node)
    if element.kind not in {Kind.NUMBER, Kind.ANY}:
        message = f"numbers are needed here, and these are {element.kind.value} each"
        raise Fault(_element(node), message)
    _no_window(node, 1)
    return shapes.NUMBER


def _percentile(checks: Checks, node: ast.Call) -> Type:
    level = node.args[1]
    checks.want(level, Kind.NUMBER)
    fixed = level.value if isinstance(level, ast.Constant) else 0
    if isinstance(fixed, int | float) and not 0 <= fixed <= 100:
        raise Fault(level, "a percentile lies between 0 and 100")
    if _is_series(checks, node):
        _window(checks, node, 2)
        return shapes.NUMBER
    element = _elements(checks, node)
    if element.kind not in {Kind.NUMBER, Kind.ANY}:
        raise Fault(_element(node), f"numbers are needed here, not {element.kind.value}")
    _no_window(node, 2)
    return shapes.NUMBER


def _of_series(checks: Checks, node: ast.Call) -> Type:
    checks.want(node.args[0], Kind.SERIES)
    _window(checks, node, 1)
    return shapes.NUMBER


def _baseline(checks: Checks, node: ast.Call) -> Type:
    series = checks.want(node.args[0], Kind.SERIES)
    if not series.baseline:
        raise Fault(node.args[0], "this metric reads no earlier days", "declare `baseline: {days}`")
    return Type(kind=Kind.SERIES, fields=series.fields)


def _quantified(checks: Checks, node: ast.Call) -> Type:
    """For all, any and share: of a generator of conditions."""
    element = _generator(checks, node)
    if element.kind not in {Kind.FLAG, Kind.ANY}:
        raise Fault(_element(node), f"a condition is needed here, not {element.kind.value}")
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    return shapes.NUMBER if name == "share" else shapes.FLAG


def _join(checks: Checks, node: ast.Call) -> Type:
    element = _elements(checks, node)
    if not element.scalar:
        raise Fault(_element(node), f"join() takes texts or numbers, not {element.kind.value}")
    return shapes.TEXT


def _rows(checks: Checks, node: ast.Call) -> Type:
    checks.want(node.args[0], Kind.TABLE)
    return shapes.NUMBER


def _column(checks: Checks, node: ast.Call) -> Type:
    return shapes.list_of(_column_type(checks, node, 1))


def _group(checks: Checks, node: ast.Call) -> Type:
    _column_type(checks, node, 1)
    table = checks.type_of(node.args[0])
    return shapes.list_of(shapes.item_of(table, _column_name(node.args[1])))


def _most_common(checks: Checks, node: ast.Call) -> Type:
    return _column_type(checks, node, 1)


def _lookup(checks: Checks, node: ast.Call) -> Type:
    key = checks.want(node.args[1], Kind.NUMBER, Kind.TEXT, Kind.FLAG, Kind.ANY)
    result = _column_type(checks, node, 2)
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


def _is_series(checks: Checks, node: ast.Call) -> bool:
    first = node.args[0]
    return not isinstance(first, ast.GeneratorExp) and checks.type_of(first).kind is Kind.SERIES


def _elements(checks: Checks, node: ast.Call) -> Type:
    """The type of each element of a list or generator."""
    if isinstance(node.args[0], ast.GeneratorExp):
        return _generator(checks, node)
    found = checks.want(node.args[0], Kind.SERIES, Kind.LIST)
    if found.kind is Kind.SERIES:
        raise Fault(node.args[0], "a list is needed here, and this is a series", "pct(s, 50)")
    return found.element or shapes.ANY


def _element(node: ast.Call) -> ast.expr:
    """Where an error about the elements is told: at the expression, or at the list."""
    first = node.args[0]
    return first.elt if isinstance(first, ast.GeneratorExp) else first


def _generator(checks: Checks, node: ast.Call) -> Type:
    generator = node.args[0]
    if not isinstance(generator, ast.GeneratorExp):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        message = f"{name}() takes a generator"
        raise Fault(generator, message, f"{name}(... for x in NAME)")
    if len(generator.generators) != 1 or generator.generators[0].is_async:
        raise Fault(generator.elt, "a generator has exactly one `for`")
    loop = generator.generators[0]
    source = checks.type_of(loop.iter)
    name = _variable(checks, loop.target)
    checks.variables[name] = _member(loop.iter, source)
    try:
        for condition in loop.ifs:
            checks.want(condition, Kind.FLAG)
        return checks.type_of(generator.elt)
    finally:
        del checks.variables[name]


def _variable(checks: Checks, target: ast.expr) -> str:
    if not isinstance(target, ast.Name):
        raise Fault(target, "a generator has one plain variable")
    if target.id in checks.variables or target.id in checks.scope.names:
        raise Fault(target, f'the name "{target.id}" is taken', "use a short one such as s or r")
    return target.id


def _member(node: ast.expr, source: Type) -> Type:
    match source.kind:
        case Kind.TABLE:
            return shapes.row_of(source)
        case Kind.SERIES_GROUP:
            return shapes.series_of(source)
        case Kind.LIST:
            return source.element or shapes.ANY
        case _:
            hint = "only tables, groups of series, group() and lists have members"
            raise Fault(node, f"{source.kind.value} has no members to go through", hint)


def _column_type(checks: Checks, node: ast.Call, position: int) -> Type:
    table = checks.want(node.args[0], Kind.TABLE)
    column = _column_name(node.args[position])
    if column not in table.fields:
        hint = nearest(column, table.fields) or "columns: " + ", ".join(table.fields)
        raise Fault(node.args[position], f'the table has no column "{column}"', hint)
    return table.fields[column]


def _column_name(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise Fault(node, "a column is written as a text in quotes")


def _window(checks: Checks, node: ast.Call, position: int) -> None:
    """The optional sub-window: `"10m"`, or a parameter of unit duration."""
    if len(node.args) <= position:
        return
    argument = node.args[position]
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        length = parse_duration(argument.value)
        if length is None or length.total_seconds() <= 0:
            raise Fault(argument, f'"{argument.value[:40]}" is no duration', 'write "10m" or "2h"')
        return
    if isinstance(argument, ast.Name) and argument.id in checks.scope.parameters:
        checks.type_of(argument)
        if checks.scope.parameters[argument.id].unit == DURATION:
            return
        raise Fault(argument, f'parameter "{argument.id}" is no duration', "give it unit: duration")
    checks.type_of(argument)
    raise Fault(argument, "a window is a duration", 'write "10m" or name a duration parameter')


def _no_window(node: ast.Call, position: int) -> None:
    if len(node.args) > position:
        raise Fault(node.args[position], "only a series has a window")


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
