"""One condition -> the text of each condition that is a little different.

    >  becomes >= and <=      >=  becomes > and <       (and the same for < and <=)
    == becomes !=             in  becomes not in        is  becomes is not
    and becomes or            all becomes any           not is left out
    min, max, latest become avg, avg becomes max, a percentile becomes the median
    numbers and lengths of time become those beside them (figures.py)

Left out is what cannot conclude anything else: the digits of `round`, and the statistic or
sub-window of a metric that is read as one pooled value.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mangaops.model.condition import Condition
from mangaops.model.time import parse_duration
from mangaops.testing.mutants.figures import half_and_double, nearby, spelled, written
from mangaops.testing.mutants.mutant import MutantKind

_EXACT = "add a test with a value that is exactly the limit"
_OTHERWISE = "add a test that says what must come out where this does not hold"
_ONE_SIDE = "add a test in which one of the sides holds and the other does not"
_OPERATORS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: ("not in", ("in",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: ("is not", ("is",)),
}
_STATISTICS = {"min": "avg", "max": "avg", "latest": "avg", "avg": "max"}
_OF_SERIES = frozenset({"min", "max", "avg", "sum", "count", "latest", "slope", "rate", "pct"})
_LENGTHS = frozenset({"seconds", "minutes", "hours", "days"})
_MEDIAN, _HIGH = 50, 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """`label` is what an id says of it: `> becomes <=`. `source` is the whole condition."""

    label: str
    kind: MutantKind
    source: str
    hint: str


def edits(condition: Condition, pooled: Callable[[str], bool]) -> Iterator[Edit]:
    """Every edit, in the order of the text. `pooled` says it of evidence by its id."""
    text = _Text(condition, pooled)
    nodes = [node for node in ast.walk(condition.tree) if isinstance(node, ast.expr)]
    for node in sorted(nodes, key=lambda one: (one.col_offset, -(one.end_col_offset or 0))):
        yield from text.of(node)


class _Text:
    """A condition's text, cut at the places of its nodes; `ast` counts bytes of UTF-8."""

    def __init__(self, condition: Condition, pooled: Callable[[str], bool]) -> None:
        self._bytes = condition.source.encode()
        self._pooled = pooled
        self._loops = _loops(condition.tree)
        self._untouched = _untouched(condition.tree)

    def of(self, node: ast.expr) -> Iterator[Edit]:
        if id(node) in self._untouched:
            return
        match node:
            case ast.Compare():
                yield from self._comparison(node)
            case ast.BoolOp():
                yield self._logic(node)
            case ast.UnaryOp(op=ast.Not()):
                rest = self._without_not(node)
                label = "loses its not"
                yield Edit(label=label, kind=MutantKind.LOGIC, source=rest, hint=_OTHERWISE)
            case ast.Call(func=ast.Name() as function):
                yield from self._call(node, function)
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                yield from self._number(node, value)
            case _:
                return

    def _without_not(self, node: ast.UnaryOp) -> str:
        """A bracket between `not` and its operand stays."""
        start, end = node.col_offset, node.operand.col_offset
        gap = self._bytes[start:end].removeprefix(b"not").lstrip()
        return self._cut(start, end, gap)

    def _comparison(self, node: ast.Compare) -> Iterator[Edit]:
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            was, others = _OPERATORS[type(operator)]
            for become in others:
                hint = _EXACT if was.strip("=") == become.strip("=") != "" else _OTHERWISE
                source = self._between(left, right, was, become)
                label = f"{was} becomes {become}"
                yield Edit(label=label, kind=MutantKind.COMPARISON, source=source, hint=hint)

    def _logic(self, node: ast.BoolOp) -> Edit:
        was, become = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        data = self._bytes
        pairs = list(zip(node.values, node.values[1:], strict=False))
        for left, right in reversed(pairs):
            data = _replaced(data, left.end_col_offset or 0, right.col_offset, was, become)
        label = f"{was} becomes {become}"
        return Edit(label=label, kind=MutantKind.LOGIC, source=data.decode(), hint=_ONE_SIDE)

    def _call(self, node: ast.Call, function: ast.Name) -> Iterator[Edit]:
        name = function.id
        if name in {"all", "any"}:
            become = "any" if name == "all" else "all"
            hint = "add a test in which it holds of some and not of others"
            yield self._named(function, become, MutantKind.LOGIC, hint)
        if name in _LENGTHS and isinstance(node.args[0], ast.Constant):
            yield from self._length_in_units(node.args[0])
        if name not in _OF_SERIES or self._one_value(node.args[0]):
            return
        if name in _STATISTICS:
            hint = "add a test whose values differ enough to tell the statistics apart"
            yield self._named(function, _STATISTICS[name], MutantKind.STATISTIC, hint)
        if name == "pct":
            yield from self._percentile(node.args[1])
        for argument in node.args[1:]:
            yield from self._window(argument)

    def _named(self, function: ast.Name, become: str, kind: MutantKind, hint: str) -> Edit:
        source = self._cut(function.col_offset, function.end_col_offset or 0, become.encode())
        return Edit(label=f"{function.id} becomes {become}", kind=kind, source=source, hint=hint)

    def _percentile(self, level: ast.expr) -> Iterator[Edit]:
        if not isinstance(level, ast.Constant) or not isinstance(level.value, int | float):
            return
        become = _HIGH if level.value == _MEDIAN else _MEDIAN
        hint = "add a test whose values differ enough to tell the percentiles apart"
        label = f"percentile {level.value} becomes {become}"
        source = self._cut(level.col_offset, level.end_col_offset or 0, str(become).encode())
        yield Edit(label=label, kind=MutantKind.STATISTIC, source=source, hint=hint)

    def _window(self, argument: ast.expr) -> Iterator[Edit]:
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            return
        length = parse_duration(argument.value)
        if length is None:
            return
        for other in half_and_double(length):
            text = spelled(other)
            source = self._cut(
                argument.col_offset, argument.end_col_offset or 0, f'"{text}"'.encode()
            )
            hint = f"add a test that changes between {text} and {spelled(length)} ago"
            label = f"{spelled(length)} becomes {text}"
            yield Edit(label=label, kind=MutantKind.LENGTH, source=source, hint=hint)

    def _length_in_units(self, node: ast.Constant) -> Iterator[Edit]:
        value = node.value
        if not isinstance(value, int | float):
            return
        for other in (value / 2, value * 2):
            hint = f"add a test with a time between {other:g} and {value:g}"
            source = self._cut(node.col_offset, node.end_col_offset or 0, f"{other:g}".encode())
            label = f"{value:g} becomes {other:g}"
            yield Edit(label=label, kind=MutantKind.LENGTH, source=source, hint=hint)

    def _number(self, node: ast.Constant, value: float) -> Iterator[Edit]:
        for other in nearby(value):
            text = written(other)
            source = self._cut(node.col_offset, node.end_col_offset or 0, text.encode())
            hint = f"add a test with a value between {written(value)} and {text}"
            label = f"{written(value)} becomes {text}"
            yield Edit(label=label, kind=MutantKind.THRESHOLD, source=source, hint=hint)

    def _one_value(self, argument: ast.expr) -> bool:
        """Is it a metric read as one pooled value, which every statistic leaves as it is?"""
        if not isinstance(argument, ast.Name):
            return False
        return self._pooled(self._loops.get(argument.id, argument.id))

    def _between(self, left: ast.expr, right: ast.expr, was: str, become: str) -> str:
        start, end = left.end_col_offset or 0, right.col_offset
        return _replaced(self._bytes, start, end, was, become).decode()

    def _cut(self, start: int, end: int, become: bytes) -> str:
        return (self._bytes[:start] + become + self._bytes[end:]).decode()


def _replaced(data: bytes, start: int, end: int, was: str, become: str) -> bytes:
    """The operator between two nodes, among brackets and blanks, becomes another one."""
    gap = data[start:end].replace(was.encode(), become.encode(), 1)
    return data[:start] + gap + data[end:]


def _loops(tree: ast.expr) -> dict[str, str]:
    """The variable of each generator, with the name of what it goes through."""
    return {
        loop.target.id: loop.iter.id
        for loop in ast.walk(tree)
        if isinstance(loop, ast.comprehension)
        and isinstance(loop.target, ast.Name)
        and isinstance(loop.iter, ast.Name)
    }


def _untouched(tree: ast.expr) -> set[int]:
    """Numbers that are no thresholds: those that other edits change, and digits of `round`."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in {"round", "pct"}:
                found |= {id(argument) for argument in node.args[1:]}
            if node.func.id in _LENGTHS:
                found |= {id(argument) for argument in node.args[:1]}
    return found
