"""Expressions of a query in DuckDB's SQL: what `evaluate.py` computes, or NotInSql."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mangaops.sandbox.insights.query import (
    Binary,
    Call,
    Expression,
    Field,
    Literal,
    Match,
    Period,
    Unary,
)
from mangaops.sandbox.insights.sql_patterns import contains, matches
from mangaops.sandbox.insights.sql_values import (
    Kind,
    NotInSql,
    Sql,
    boolean,
    column,
    computed,
    json_text,
    moment,
    raw,
    sure,
)
from mangaops.sandbox.insights.values import number

_EXACT = 2**53
_SWAPPED: Mapping[str, str] = MappingProxyType(
    {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
)


@dataclass(slots=True)
class Scope:
    """What names mean: members of the record, or what earlier commands computed.

    `members` maps names to members, `time` is the milliseconds of the event.
    """

    members: Mapping[str, str]
    time: str
    computed: dict[str, Sql] = field(default_factory=dict)

    def named(self, name: str) -> Sql:
        if name in self.computed:
            return self.computed[name]
        if name == "@timestamp":
            return moment(self.time)
        if name in self.members:
            return raw(column(self.members[name]))
        raise NotInSql(name)


def in_sql(expression: Expression, scope: Scope) -> Sql:  # noqa: C901, PLR0911 - one per kind
    """The expression over one record; raises NotInSql."""
    match expression:
        case Literal(value=int() | float() as value):
            return computed(_literal(value))
        case Field(name=name):
            return scope.named(name)
        case Call():
            return _call(expression, scope)
        case Unary(operator="not", operand=operand):
            return boolean(f"NOT {in_sql(operand, scope).truth}")
        case Unary(operand=operand):
            return computed(f"(-({in_sql(operand, scope).number}))")
        case Binary():
            return _binary(expression, scope)
        case Match(operand=operand, pattern=pattern, negated=negated):
            text = in_sql(operand, scope)
            held = f"coalesce({matches(text, pattern)}, false)"
            return boolean(f"{text.present} AND NOT {held}" if negated else held)
        case Literal() | Period():
            raise NotInSql(str(expression))


def _literal(value: float) -> str:
    if not abs(value) < _EXACT:
        raise NotInSql(str(value))
    return f"({value!r}::DOUBLE)"


def _binary(binary: Binary, scope: Scope) -> Sql:
    operator, left, right = binary.operator, binary.left, binary.right
    if operator in {"and", "or"}:
        sides = in_sql(left, scope).truth, in_sql(right, scope).truth
        return boolean(f"{sides[0]} {operator.upper()} {sides[1]}")
    if operator in {"in", "not in"} and isinstance(right, Literal):
        return _among(in_sql(left, scope), right, negated=operator == "not in")
    if operator not in _SWAPPED:
        return _arithmetic(operator, in_sql(left, scope).number, in_sql(right, scope).number)
    if isinstance(right, Literal):
        return _compared(operator, in_sql(left, scope), right)
    if isinstance(left, Literal):
        return _compared(_SWAPPED[operator], in_sql(right, scope), left)
    raise NotInSql("two fields")


def _arithmetic(operator: str, left: str, right: str) -> Sql:
    match operator:
        case "+" | "-" | "*":
            return computed(sure(f"(({left}) {operator} ({right}))"))
        case "/":
            return computed(sure(f"(({left}) / nullif({right}, 0))"))
        case _:
            raise NotInSql(operator)


def _compared(operator: str, value: Sql, literal: Literal) -> Sql:
    if isinstance(literal.value, tuple):
        raise NotInSql("a list")
    if operator in {"=", "!="}:
        equal = _equal(value, literal.value)
        return boolean(equal if operator == "=" else f"{value.present} AND NOT {equal}")
    if isinstance(literal.value, str):
        raise NotInSql("the order of texts")
    return boolean(f"coalesce({value.number} {operator} {_literal(literal.value)}, false)")


def _equal(value: Sql, constant: float | str) -> str:
    """Never NULL. A text that is no number equals texts alone, but for the names of flags."""
    as_number = number(constant)
    if as_number is not None:
        return f"coalesce({value.number} = {_literal(as_number)}, false)"
    text = str(constant)
    match value.kind:
        case Kind.RAW:
            flag = f" OR {value.output} = '{text}'" if text in {"true", "false"} else ""
            return f"coalesce({value.output} = {json_text(text)}{flag}, false)"
        case Kind.FLAG:
            return {"true": value.output, "false": f"(NOT {value.output})"}.get(text, "false")
        case Kind.NUMBER:
            return "false"
        case Kind.INSTANT:
            raise NotInSql("an instant's text")


def _among(value: Sql, choices: Literal, *, negated: bool) -> Sql:
    values = choices.value if isinstance(choices.value, tuple) else (choices.value,)
    found = " OR ".join(_equal(value, one) for one in values) or "false"
    return boolean(f"{value.present} AND {'NOT ' if negated else ''}({found})")


def _call(call: Call, scope: Scope) -> Sql:
    compile_call = _CALLS.get(call.name)
    if compile_call is None:
        raise NotInSql(call.name)
    return compile_call(call, scope)


def _bin(call: Call, scope: Scope) -> Sql:
    period = call.arguments[0]
    if not isinstance(period, Period):
        raise NotInSql("bin")
    at = scope.named("@timestamp")
    if at.kind is not Kind.INSTANT:
        raise NotInSql("bin of another time")
    return moment(f"({at.output} - {at.output} % {period.milliseconds})")


def _strcontains(call: Call, scope: Scope) -> Sql:
    part = call.arguments[1]
    if not (isinstance(part, Literal) and isinstance(part.value, str)):
        raise NotInSql("strcontains")
    return computed(f"({contains(in_sql(call.arguments[0], scope), part.value)})::INT::DOUBLE")


def _ispresent(call: Call, scope: Scope) -> Sql:
    return boolean(in_sql(call.arguments[0], scope).present)


def _isempty(call: Call, scope: Scope) -> Sql:
    value = in_sql(call.arguments[0], scope)
    if value.kind is not Kind.RAW:
        raise NotInSql("isempty")
    return boolean(f"NOT {value.present} OR {value.output} = '\"\"'")


def _extreme(call: Call, scope: Scope) -> Sql:
    """`least` and `greatest` of numbers that are all there."""
    numbers = [in_sql(argument, scope).number for argument in call.arguments]
    absent = " OR ".join(f"{one} IS NULL" for one in numbers)
    return computed(f"CASE WHEN NOT ({absent}) THEN {call.name}({', '.join(numbers)}) END")


def _coalesce(call: Call, scope: Scope) -> Sql:
    """The first that is there of members and constants."""
    texts = []
    for argument in call.arguments:
        if isinstance(argument, Literal):
            texts.append(_constant(argument))
        else:
            value = in_sql(argument, scope)
            if value.kind is not Kind.RAW:
                raise NotInSql("coalesce of what is computed")
            texts.append(f"CASE WHEN {value.present} THEN {value.output} END")
    return raw(f"coalesce({', '.join(texts)})")


def _constant(literal: Literal) -> str:
    if isinstance(literal.value, str):
        return json_text(literal.value)
    if isinstance(literal.value, tuple):
        raise NotInSql("a list")
    return f"'{literal.value!r}'"


_CALLS: Mapping[str, Callable[[Call, Scope], Sql]] = MappingProxyType(
    {
        "bin": _bin,
        "strcontains": _strcontains,
        "ispresent": _ispresent,
        "isempty": _isempty,
        "coalesce": _coalesce,
        "greatest": _extreme,
        "least": _extreme,
    }
)
