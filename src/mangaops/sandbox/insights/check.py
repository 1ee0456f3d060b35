"""Rules beyond syntax. Every breach is a `MalformedQuery` with the place of the culprit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from mangaops.sandbox.insights.aggregates import AGGREGATES
from mangaops.sandbox.insights.functions import FUNCTIONS
from mangaops.sandbox.insights.query import (
    Binary,
    Call,
    Column,
    Command,
    Dedup,
    Display,
    Expression,
    Field,
    Fields,
    Filter,
    Limit,
    Literal,
    MalformedQuery,
    Match,
    Parse,
    Period,
    Query,
    Sort,
    Span,
    Stats,
    Unary,
)

MAX_STATS = 10
_PERIOD_AT = {"bin": 0, "datefloor": 1, "dateceil": 1}


def check_query(query: Query) -> None:
    """Raises for the first breach in reading order."""
    _check_order(query.commands)
    scope = _Scope()
    for command in query.commands:
        _check_command(command, scope)


@dataclass(slots=True)
class _Scope:
    """Which names exist. Before the first stats any field may; after it only its outputs."""

    outputs: set[str] | None = None
    defined: set[str] = field(default_factory=set)

    def use(self, name: str, span: Span) -> None:
        if self.outputs is not None and name not in self.outputs:
            raise _malformed(f"Unknown symbols found in or after stats: {name}", span)

    def define(self, name: str, span: Span) -> None:
        if name in self.defined:
            raise _malformed(f"Ephemeral field is already defined: {name}", span)
        self.defined.add(name)
        if self.outputs is not None:
            self.outputs.add(name)


def _malformed(message: str, span: Span) -> MalformedQuery:
    return MalformedQuery(message, start=span.start, end=span.end)


def _check_order(commands: Sequence[Command]) -> None:
    stats = [index for index, command in enumerate(commands) if isinstance(command, Stats)]
    if len(stats) > MAX_STATS:
        message = f"a query can have at most {MAX_STATS} stats commands"
        raise _malformed(message, commands[stats[MAX_STATS]].span)
    deduped = False
    for index, command in enumerate(commands):
        if deduped and not isinstance(command, Limit):
            raise _malformed("dedup can only be followed by limit", command.span)
        deduped = deduped or isinstance(command, Dedup)
        if len(stats) > 1 and index < stats[-1] and isinstance(command, Sort | Limit):
            raise _malformed("sort and limit must come after the last stats", command.span)


def _check_command(command: Command, scope: _Scope) -> None:  # noqa: C901 - one per kind
    match command:
        case Fields(columns=columns):
            _check_fields(columns, scope)
        case Filter(condition=condition):
            _check_expression(condition, scope)
        case Parse(source=source, names=names, span=span):
            _check_expression(source, scope)
            for name in names:
                scope.define(name, span)
        case Stats():
            _check_stats(command, scope)
        case Sort(keys=keys):
            for key in keys:
                if scope.outputs is None or key.text not in scope.outputs:
                    _check_expression(key.expression, scope)
        case Display(names=names, span=span) | Dedup(names=names, span=span):
            for name in names:
                scope.use(name, span)
        case Limit():
            pass


def _check_fields(columns: Iterable[Column], scope: _Scope) -> None:
    for column in columns:
        _check_expression(column.expression, scope)
        if column.aliased:
            scope.define(column.name, column.span)
        else:
            scope.defined.add(column.name)


def _check_stats(stats: Stats, scope: _Scope) -> None:
    outputs = _Scope()
    for column in stats.by:
        _check_expression(column.expression, scope)
        outputs.define(column.name, column.span)
    for column in stats.aggregates:
        calls = tuple(aggregates_in(column.expression))
        _check_over_aggregates(column.expression, scope)
        if not calls:
            raise _malformed("stats needs an aggregate function in each column", column.span)
        outputs.define(column.name, column.span)
    scope.outputs = set(outputs.defined)
    scope.defined = set(outputs.defined)


def _check_over_aggregates(expression: Expression, scope: _Scope) -> None:
    """Outside its aggregates, a column of stats has only literals, operators and functions."""
    if isinstance(expression, Call) and expression.name in AGGREGATES:
        _check_aggregate(expression, scope)
        return
    if isinstance(expression, Field):
        message = f"Unknown symbols found in or after stats: {expression.name}"
        raise _malformed(message, expression.span)
    if isinstance(expression, Call):
        _check_function(expression)
    for part in _parts(expression):
        _check_over_aggregates(part, scope)


def _check_aggregate(call: Call, scope: _Scope) -> None:
    aggregate = AGGREGATES[call.name]
    if not aggregate.least <= len(call.arguments) <= aggregate.most:
        raise _malformed(f"Invalid arguments for function: {call.text}", call.span)
    if call.name == "pct":
        rank = call.arguments[1]
        value = rank.value if isinstance(rank, Literal) else None
        if not isinstance(value, int | float) or not 0 <= value <= 100:
            raise _malformed("pct takes a field and a number from 0 to 100", rank.span)
    for argument in call.arguments:
        _check_expression(argument, scope)


def _check_expression(expression: Expression, scope: _Scope) -> None:
    """An expression over one row: no aggregates, known functions, names that exist."""
    match expression:
        case Field(name=name, span=span):
            scope.use(name, span)
        case Period(span=span):
            raise _malformed("a period is only an argument of bin, datefloor and dateceil", span)
        case Call() if expression.name in AGGREGATES:
            message = f"aggregate function {expression.name} is only known in stats"
            raise _malformed(message, expression.span)
        case Call():
            _check_function(expression)
            if expression.name == "bin":
                scope.use("@timestamp", expression.span)
        case _:
            pass
    for part in _parts(expression):
        if not (isinstance(expression, Call) and isinstance(part, Period)):
            _check_expression(part, scope)


def _check_function(call: Call) -> None:
    function = FUNCTIONS.get(call.name)
    if function is None:
        name = call.text.partition("(")[0].strip()
        span = Span(start=call.span.start, end=call.span.start + len(name))
        raise _malformed(f"No such function: {name}", span)
    count = len(call.arguments)
    periods = [i for i, argument in enumerate(call.arguments) if isinstance(argument, Period)]
    expected = [_PERIOD_AT[call.name]] if call.name in _PERIOD_AT else []
    too_many = function.most is not None and count > function.most
    if count < function.least or too_many or periods != expected:
        raise _malformed(f"Invalid arguments for function: {call.text}", call.span)


def _parts(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case Call(arguments=arguments):
            return arguments
        case Unary(operand=operand) | Match(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case _:
            return ()


def aggregates_in(expression: Expression) -> Iterator[Call]:
    """The aggregate calls of a column of stats, outermost first."""
    if isinstance(expression, Call) and expression.name in AGGREGATES:
        yield expression
        return
    for part in _parts(expression):
        yield from aggregates_in(part)
