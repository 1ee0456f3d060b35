"""Arguments of functions: series with windows, members of generators, columns of tables."""

from __future__ import annotations

import ast
from typing import Protocol

from mangaops.diagnose import shapes
from mangaops.diagnose.problem import Fault
from mangaops.diagnose.scope import DURATION, Scope
from mangaops.diagnose.shapes import Kind, Type
from mangaops.errors import nearest
from mangaops.model.time import parse_duration


class Checks(Protocol):
    """The part of `check.Checker` that signatures need."""

    scope: Scope
    parameters: set[str]
    evidence: set[str]
    variables: dict[str, Type]

    def type_of(self, node: ast.expr) -> Type: ...
    def want(self, node: ast.expr, *kinds: Kind) -> Type: ...


def is_series(checks: Checks, node: ast.Call) -> bool:
    first = node.args[0]
    return not isinstance(first, ast.GeneratorExp) and checks.type_of(first).kind is Kind.SERIES


def element_type(checks: Checks, node: ast.Call) -> Type:
    """The type of each element of a list or generator."""
    if isinstance(node.args[0], ast.GeneratorExp):
        return generated_type(checks, node)
    found = checks.want(node.args[0], Kind.SERIES, Kind.LIST)
    if found.kind is Kind.SERIES:
        raise Fault(node.args[0], "a list is needed here, and this is a series", "pct(s, 50)")
    return found.element or shapes.ANY


def element_node(node: ast.Call) -> ast.expr:
    """Where an error about the elements is told: at the expression, or at the list."""
    first = node.args[0]
    return first.elt if isinstance(first, ast.GeneratorExp) else first


def generated_type(checks: Checks, node: ast.Call) -> Type:
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


def column_type(checks: Checks, node: ast.Call, position: int) -> Type:
    table = checks.want(node.args[0], Kind.TABLE)
    column = column_name(node.args[position])
    if column not in table.fields:
        hint = nearest(column, table.fields) or "columns: " + ", ".join(table.fields)
        raise Fault(node.args[position], f'the table has no column "{column}"', hint)
    return table.fields[column]


def column_name(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise Fault(node, "a column is written as a text in quotes")


def check_window(checks: Checks, node: ast.Call, position: int) -> None:
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


def refuse_window(node: ast.Call, position: int) -> None:
    if len(node.args) > position:
        raise Fault(node.args[position], "only a series has a window")
