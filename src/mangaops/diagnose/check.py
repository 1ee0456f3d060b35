"""Which expressions are conditions: the admitted nodes of `ast`, with their types.

Everything that could only ever be unknown, or that Python would raise on, is
refused here with its node, so that the evaluator meets nothing it cannot decide.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from mangaops.diagnose import shapes
from mangaops.diagnose.problem import Fault
from mangaops.diagnose.scope import WINDOW_NAMES, Scope
from mangaops.diagnose.shapes import Kind, Type
from mangaops.diagnose.signatures import check_call
from mangaops.errors import nearest

_LARGEST = 10**15
"""Literals above this are typing errors; arithmetic stays exact in floats below it."""
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod)
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_SPELLED = {"true": "write `True`", "false": "write `False`", "null": "write `None`"}
_WORDS = {
    ast.Lambda: "a lambda",
    ast.JoinedStr: "an f-string",
    ast.ListComp: "a list comprehension",
    ast.SetComp: "a set comprehension",
    ast.DictComp: "a dict comprehension",
    ast.GeneratorExp: "a generator on its own",
    ast.Subscript: "`[...]` behind a value",
    ast.Dict: "a dict",
    ast.Set: "a set",
    ast.Tuple: "a tuple",
    ast.Starred: "`*` before an argument",
    ast.NamedExpr: "`:=`",
}
_REFUSED = {
    ast.ListComp: "write it as a generator inside a function: all(... for r in table)",
    ast.SetComp: "write it as a generator inside a function: all(... for r in table)",
    ast.GeneratorExp: "put it into a function: all(...), any(...), max(...), share(...)",
    ast.Subscript: "use latest(), lookup() or a generator",
    ast.Starred: "name the arguments one by one",
    ast.NamedExpr: "write `==` to compare",
}


@dataclass(slots=True, kw_only=True)
class Checker:
    """Checks one expression; `evidence` and `parameters` collect the names it mentions."""

    scope: Scope
    evidence: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    variables: dict[str, Type] = field(default_factory=dict)
    defined: dict[str, Type] = field(default_factory=dict)

    def type_of(self, node: ast.expr) -> Type:
        """The type of `node`; raises Fault at the first thing that is wrong."""
        match node:
            case ast.Constant():
                return _constant(node)
            case ast.Name():
                return self._name(node)
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return check_call(self, node)
            case ast.List():
                return self._list(node)
            case _:
                return self._operation(node)

    def _operation(self, node: ast.expr) -> Type:
        match node:
            case ast.BoolOp():
                for value in node.values:
                    self.want(value, Kind.FLAG)
                return shapes.FLAG
            case ast.UnaryOp():
                return self._unary(node)
            case ast.Compare():
                return self._compare(node)
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.IfExp():
                return self._choice(node)
            case _:
                what = _WORDS.get(type(node), "this construct")
                hint = _REFUSED.get(type(node), "")
                raise Fault(node, f"{what} is not part of the condition language", hint)

    def want(self, node: ast.expr, *kinds: Kind) -> Type:
        """The type of `node`, which must be one of `kinds`."""
        found = self.type_of(node)
        if found.kind in kinds or (found.kind is Kind.ANY and any(k in _SCALAR for k in kinds)):
            return found
        wanted = "one value" if kinds == _SCALAR else " or ".join(kind.value for kind in kinds)
        raise Fault(node, f"{wanted} is needed here, and this is {found.kind.value}", _how(found))

    def _name(self, node: ast.Name) -> Type:
        name = node.id
        if name in self.variables:
            return self.variables[name]
        if name in self.scope.evidence:
            self.evidence.add(name)
            return shapes.of_evidence(self.scope.evidence[name])
        if name in self.scope.parameters:
            self.parameters.add(name)
            return shapes.of_parameter(self.scope.parameters[name].value)
        if name in self.scope.definitions:
            return self._defined(name)
        if name in WINDOW_NAMES:
            return shapes.NUMBER
        hint = _SPELLED.get(name) or nearest(name, (*self.variables, *self.scope.names))
        raise Fault(node, f'"{name}" is neither evidence nor a parameter', hint)

    def _defined(self, name: str) -> Type:
        """A definition stands outside of every generator, so it has no variables."""
        condition = self.scope.definitions[name]
        self.evidence |= condition.evidence
        self.parameters |= condition.parameters
        if name not in self.defined:
            checker = Checker(scope=self.scope, defined=self.defined)
            self.defined[name] = checker.type_of(condition.tree)
        return self.defined[name]

    def _attribute(self, node: ast.Attribute) -> Type:
        owner = self.type_of(node.value)
        if owner.kind in {Kind.TABLE, Kind.SERIES_GROUP}:
            message = f"{owner.kind.value} has no fields of its own"
            raise Fault(node, message, "its members do: ... for r in NAME")
        if node.attr in owner.fields:
            return owner.fields[node.attr]
        message = f'{owner.kind.value} has no field "{node.attr}"'
        raise Fault(node, message, nearest(node.attr, owner.fields) or _listed(owner))

    def _list(self, node: ast.List) -> Type:
        element = shapes.ANY
        for entry in node.elts:
            inner = entry.operand if isinstance(entry, ast.UnaryOp) else entry
            if not isinstance(inner, ast.Constant):
                raise Fault(entry, "a list holds literals only")
            element = self.type_of(entry)
        kinds = {self.type_of(entry).kind for entry in node.elts}
        return shapes.list_of(element if len(kinds) == 1 else shapes.ANY)

    def _unary(self, node: ast.UnaryOp) -> Type:
        match node.op:
            case ast.Not():
                self.want(node.operand, Kind.FLAG)
                return shapes.FLAG
            case ast.USub():
                self.want(node.operand, Kind.NUMBER)
                return shapes.NUMBER
            case _:
                raise Fault(node, "this operator is not part of the condition language")

    def _arithmetic(self, node: ast.BinOp) -> Type:
        if not isinstance(node.op, _ARITHMETIC):
            raise Fault(node, "only + - * / % are part of the condition language")
        self.want(node.left, Kind.NUMBER)
        self.want(node.right, Kind.NUMBER)
        return shapes.NUMBER

    def _choice(self, node: ast.IfExp) -> Type:
        self.want(node.test, Kind.FLAG)
        first, second = self.type_of(node.body), self.type_of(node.orelse)
        for part, found in ((node.body, first), (node.orelse, second)):
            if not found.scalar:
                raise Fault(part, f"a choice is between scalars, and this is {found.kind.value}")
        return first if first.kind is second.kind else shapes.ANY

    def _compare(self, node: ast.Compare) -> Type:
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            self._pair(left, operator, right)
        return shapes.FLAG

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> None:
        match operator:
            case ast.Is() | ast.IsNot():
                self._none_test(left, right)
            case ast.In() | ast.NotIn():
                self._membership(left, right)
            case ast.Eq() | ast.NotEq():
                self._equality(left, right)
            case _:
                self.want(left, Kind.NUMBER)
                self.want(right, Kind.NUMBER)

    def _none_test(self, left: ast.expr, right: ast.expr) -> None:
        self.want(left, *_SCALAR)
        if not (isinstance(right, ast.Constant) and right.value is None):
            raise Fault(right, "`is` compares with None only", "write `==`")

    def _membership(self, left: ast.expr, right: ast.expr) -> None:
        needle = self.want(left, *_SCALAR)
        found = self.type_of(right)
        if found.kind is Kind.TEXT:
            raise Fault(right, "`in` looks into a list", "for texts: contains(text, part)")
        if found.kind is not Kind.LIST or found.element is None or not found.element.scalar:
            message = f"`in` looks into a list, and this is {found.kind.value}"
            raise Fault(right, message, _how(found))
        _refuse_mix(right, needle, found.element)

    def _equality(self, left: ast.expr, right: ast.expr) -> None:
        first, second = self.want(left, *_SCALAR), self.want(right, *_SCALAR)
        if Kind.NOTHING in {first.kind, second.kind}:
            raise Fault(right, "None is compared with `is`", "write `is None` or `is not None`")
        _refuse_mix(right, first, second)


_SCALAR = (Kind.NUMBER, Kind.TEXT, Kind.FLAG, Kind.NOTHING, Kind.ANY)


def _constant(node: ast.Constant) -> Type:
    match node.value:
        case bool():
            return shapes.FLAG
        case None:
            return shapes.NOTHING
        case str():
            return shapes.TEXT
        case int() | float() if abs(node.value) <= _LARGEST:
            return shapes.NUMBER
        case int() | float():
            raise Fault(node, "this number is too large")
        case _:
            raise Fault(node, "only numbers, texts, True, False and None can be written here")


def _refuse_mix(node: ast.expr, first: Type, second: Type) -> None:
    kinds = {first.kind, second.kind}
    if len(kinds) == 1 or kinds & {Kind.ANY, Kind.NOTHING}:
        return
    message = f"{first.kind.value} never equals {second.kind.value}"
    raise Fault(node, message, "number(text) reads a number from a text")


def _how(found: Type) -> str:
    match found.kind:
        case Kind.SERIES:
            return 'take one value of it: latest(s), max(s, "10m"), sum(s)'
        case Kind.SERIES_GROUP:
            return "go through its series: all(latest(s) > 1 for s in NAME)"
        case Kind.TABLE:
            return "take one value of it: rows(t), share(... for r in t), column(t, ...)"
        case Kind.RECORD | Kind.ROW | Kind.ITEM:
            return _listed(found)
        case Kind.LIST:
            return "take one value of it: max(list), count(list)"
        case _:
            return ""


def _listed(owner: Type) -> str:
    return "it has: " + ", ".join(f".{name}" for name in owner.fields) if owner.fields else ""
