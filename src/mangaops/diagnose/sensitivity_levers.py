"""The numbers of a runbook that can be shifted: parameters, limits and windows.

A literal is shifted where it is a limit (a side, or a factor of a side, of `<`, `<=`, `>`,
`>=`), a window such as `"10m"`, or an argument of `minutes()` and its like. What is
compared for equality is a code or a state and no limit, a zero has no shares, and a factor
such as 1000 turns one unit into another. A parameter that is 0 is shifted nevertheless, in
steps up to what it was compared with.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias, TypeVar

from mangaops.diagnose.operators import is_number
from mangaops.diagnose.scope import DURATION
from mangaops.model.condition import Condition, Template
from mangaops.model.diagnosis import Diagnosis
from mangaops.model.runbook import Ask, Branch, Confirmation, Node, Outcome, Parameter, Runbook
from mangaops.model.time import parse_duration

_MINUTE = 60
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_LENGTHS = frozenset({"seconds", "minutes", "hours", "days"})
_CONVERTING = frozenset({60, 100, 1000, 1024, 3600, 86400})
_SHARES = frozenset({"ratio", "percent", "factor"})
"""Units of numbers that may have a fraction even where the present value has none."""
_WORDS = re.compile(r"[A-Za-z_]\w*")
_SILENT = Template(source="-", parts=("-",))


class LeverKind(StrEnum):
    PARAMETER = "parameter"
    LITERAL = "literal"


Put: TypeAlias = Callable[[Runbook, float], Runbook]
Place: TypeAlias = tuple[str, ...]
HasWhen = TypeVar("HasWhen", Branch, Confirmation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One number. A parameter has its name, a literal its place: `nodes/slow/0: "10m"`.

    A duration is in seconds. `observed` is what a value of 0 was compared with, the farthest.
    """

    name: str
    kind: LeverKind
    value: float
    unit: str = ""
    quantum: float | None = None
    least: float = 0.0
    observed: float = 0.0
    put: Put = field(compare=False, repr=False)

    def at(self, runbook: Runbook, value: float) -> Runbook:
        """The runbook with this value in place of the present one."""
        return self.put(runbook, value)


def levers(runbook: Runbook, diagnosis: Diagnosis) -> tuple[Lever, ...]:
    """What the walk to `diagnosis` can have depended on. A number that it did not mention
    changes nothing, however far it is shifted.
    """
    conditions = dict(_mentioned(runbook, diagnosis))
    names = frozenset[str]().union(*(c.parameters for c in conditions.values()))
    return (
        *(
            _of_parameter(parameter, diagnosis)
            for name, parameter in runbook.parameters.items()
            if name in names and is_number(parameter.value)
        ),
        *(lever for place, c in conditions.items() for lever in _of_literals(place, c)),
    )


def without_sentences(runbook: Runbook) -> Runbook:
    """The same tree, which says nothing: it concludes alike, and needs no evidence for its
    sentences, reports and commands.
    """
    return replace(
        runbook,
        report=(),
        trigger=replace(runbook.trigger, healthy=None),
        outcomes={name: _silent(outcome) for name, outcome in runbook.outcomes.items()},
    )


def _silent(outcome: Outcome) -> Outcome:
    return replace(
        outcome,
        cause=_SILENT,
        severity_rules=(),
        confirm=tuple(replace(one, otherwise=_SILENT) for one in outcome.confirm),
        at_most_likely=None if outcome.at_most_likely is None else _SILENT,
        report=(),
        remedies=(),
    )


def _mentioned(runbook: Runbook, diagnosis: Diagnosis) -> Iterator[tuple[Place, Condition]]:
    """The conditions of the path, by place, and the definitions that they use."""
    found = dict(_of_path(runbook, diagnosis))
    yield from found.items()
    used: set[str] = set()
    waiting: list[Condition] = list(found.values())
    while waiting:
        for name in _names(waiting.pop().tree) & runbook.definitions.keys() - used:
            used.add(name)
            waiting.append(runbook.definitions[name])
    yield from ((("define", name), c) for name, c in runbook.definitions.items() if name in used)


def _of_path(runbook: Runbook, diagnosis: Diagnosis) -> Iterator[tuple[Place, Condition]]:
    yield ("trigger",), runbook.trigger.when
    for step in diagnosis.path:
        node = runbook.nodes.get(step.node)
        if isinstance(node, Node):
            for number, branch in enumerate(node.branches):
                if branch.when is not None:
                    yield ("nodes", node.id, str(number)), branch.when
    outcome = runbook.outcomes.get(diagnosis.id)
    for number, one in enumerate(outcome.confirm if outcome else ()):
        yield ("outcomes", diagnosis.id, "confirm", str(number)), one.when


def _names(tree: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _is_shiftable(value: object) -> bool:
    return is_number(value) and value != 0


def _observed(parameter: Parameter, diagnosis: Diagnosis) -> float:
    """What a parameter of 0 was compared with, the farthest; 0 where nothing was."""
    checks = (*(c for step in diagnosis.path for c in step.checks), *diagnosis.confirmations)
    found = [
        float(check.observed)
        for check in checks
        if is_number(check.observed)
        and (check.threshold == 0 or parameter.name in _WORDS.findall(check.expression))
    ]
    return max(found, key=abs, default=0.0)


def _of_parameter(parameter: Parameter, diagnosis: Diagnosis) -> Lever:
    value = parameter.value
    if not isinstance(value, int | float):
        raise TypeError(f"{parameter.name} is no number")

    def put(runbook: Runbook, value: float) -> Runbook:
        parameters = {**runbook.parameters, parameter.name: replace(parameter, value=value)}
        return replace(runbook, parameters=parameters)

    whole = isinstance(value, int) and parameter.unit not in _SHARES
    quantum = _of_length(value) if parameter.unit == DURATION else 1.0 if whole else None
    return Lever(
        name=parameter.name,
        kind=LeverKind.PARAMETER,
        value=value,
        unit=parameter.unit,
        quantum=quantum,
        least=quantum or 0.0 if parameter.unit == DURATION else 0.0,
        observed=_observed(parameter, diagnosis) if value == 0 else 0.0,
        put=put,
    )


def _of_length(seconds: float) -> float:
    return _MINUTE if seconds >= _MINUTE and seconds % _MINUTE == 0 else 1.0


def _of_literals(place: Place, condition: Condition) -> Iterator[Lever]:
    seen: dict[str, int] = {}
    for literal in sorted(_literals(condition.tree), key=lambda one: (one.lineno, one.col_offset)):
        text = ast.unparse(literal)
        seen[text] = seen.get(text, 0) + 1
        again = f" ({seen[text]})" if seen[text] > 1 else ""
        yield _of_literal(place, condition, literal, f"{'/'.join(place)}: {text}{again}")


def _of_literal(place: Place, condition: Condition, literal: ast.Constant, name: str) -> Lever:
    written = literal.value
    length = parse_duration(written) if isinstance(written, str) else None
    value = length.total_seconds() if length is not None else float(written)  # type: ignore[arg-type]

    def put(runbook: Runbook, value: float) -> Runbook:
        new = f"{value:g}s" if length is not None else value
        tree = _Put(literal, new).visit(deepcopy(condition.tree))
        return _with(runbook, place, replace(condition, tree=tree))

    if length is not None:
        quantum: float | None = _of_length(value)
    else:
        quantum = 1.0 if isinstance(written, int) else None
    return Lever(
        name=name,
        kind=LeverKind.LITERAL,
        value=value,
        unit=DURATION if length is not None else "",
        quantum=quantum,
        least=quantum or 0.0 if length is not None else 0.0,
        put=put,
    )


def _literals(tree: ast.expr) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and all(isinstance(op, _ORDER) for op in node.ops):
            for side in (node.left, *node.comparators):
                yield from _factors(side)
        elif isinstance(node, ast.Call):
            named = isinstance(node.func, ast.Name) and node.func.id in _LENGTHS
            yield from (a for a in node.args if isinstance(a, ast.Constant) and _fits(a, named))


def _factors(side: ast.expr) -> Iterator[ast.Constant]:
    if isinstance(side, ast.Constant) and _is_shiftable(side.value):
        yield side
    elif isinstance(side, ast.BinOp) and isinstance(side.op, ast.Mult):
        for factor in (side.left, side.right):
            if not (isinstance(factor, ast.Constant) and factor.value in _CONVERTING):
                yield from _factors(factor)


def _fits(argument: ast.Constant, named: bool) -> bool:
    if named:
        return _is_shiftable(argument.value)
    return isinstance(argument.value, str) and bool(parse_duration(argument.value))


class _Put(ast.NodeTransformer):
    """Puts a value where a literal stands; places stay, since checks quote the source."""

    def __init__(self, literal: ast.Constant, value: str | float) -> None:
        self._at = (literal.lineno, literal.col_offset)
        self._value = value

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if (node.lineno, node.col_offset) != self._at:
            return node
        return ast.copy_location(ast.Constant(value=self._value), node)


def _with(runbook: Runbook, place: Place, condition: Condition) -> Runbook:
    """The runbook with another condition at a place of `_mentioned`."""
    match place:
        case ("trigger",):
            return replace(runbook, trigger=replace(runbook.trigger, when=condition))
        case ("define", name):
            return replace(runbook, definitions={**runbook.definitions, name: condition})
        case ("nodes", name, number):
            node = runbook.nodes[name]
            if isinstance(node, Ask):
                raise TypeError(f"{name} has no conditions")
            branches = _changed(node.branches, int(number), condition)
            return replace(runbook, nodes={**runbook.nodes, name: replace(node, branches=branches)})
        case ("outcomes", name, _, number):
            outcome = runbook.outcomes[name]
            confirm = _changed(outcome.confirm, int(number), condition)
            changed = {**runbook.outcomes, name: replace(outcome, confirm=confirm)}
            return replace(runbook, outcomes=changed)
        case _:
            raise TypeError(f"{place} is no place of a condition")


def _changed(parts: tuple[HasWhen, ...], number: int, condition: Condition) -> tuple[HasWhen, ...]:
    return tuple(
        replace(part, when=condition) if at == number else part for at, part in enumerate(parts)
    )
