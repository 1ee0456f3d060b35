"""What a condition could say when some evidence cannot be read: all its possible answers.

Nothing is evaluated: evidence that can be read may turn out to be anything, unknown
included, and evidence that is `missing` is unknown. So the answers are never too few
(a possible one is never left out), and with more missing evidence never more. Known cost:
two conditions that exclude each other are taken for independent.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import reduce
from itertools import pairwise, product
from typing import NamedTuple, TypeAlias

from mangaops.diagnose.operators import comparison
from mangaops.model.runbook import ParameterValue, Runbook


class Sight(Enum):
    """What is seen of a value: all, or all but what was left out, or nothing."""

    SEEN = "seen"
    PARTLY = "partly"
    UNSEEN = "unseen"


class Said(NamedTuple):
    """One possible answer. Not `sure`: it rests on something that `known()` said no about."""

    truth: bool | None
    sure: bool


Sights: TypeAlias = frozenset[Sight]
Answers: TypeAlias = frozenset[Said]
Bound: TypeAlias = Mapping[str, Sights]
"""The variables of the generators around."""

YES, NO, UNKNOWN = Said(True, True), Said(False, True), Said(None, False)
_SEEN: Sights = frozenset({Sight.SEEN})
_UNSEEN: Sights = frozenset({Sight.UNSEEN})
_ANY: Sights = _SEEN | _UNSEEN
_NOTHING: Bound = {}
_EMPTY_IS_ZERO = frozenset({"sum", "count", "join"})
_CONDITIONS = (ast.Compare, ast.BoolOp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighted:
    """Over a runbook and the ids of its evidence that cannot be read.

    `settled`: its parameters have the values that they have now, not any that `--set` or
    another environment could give.
    """

    runbook: Runbook
    missing: frozenset[str]
    settled: bool = False
    memory: dict[str, Sights] = field(default_factory=dict, compare=False, repr=False)

    def answers(  # noqa: PLR0911 - one for each kind of node
        self, node: ast.expr, bound: Bound = _NOTHING
    ) -> Answers:
        """Every answer that the condition could have."""
        match node:
            case ast.BoolOp():
                joined = _or if isinstance(node.op, ast.Or) else _and
                return reduce(_each(joined), (self.answers(part, bound) for part in node.values))
            case ast.UnaryOp(op=ast.Not()):
                return frozenset(map(_not, self.answers(node.operand, bound)))
            case ast.Compare():
                return self._compared(node, bound)
            case ast.IfExp():
                return self._either_answer(node, bound)
            case ast.Constant(value=bool() as truth):
                return frozenset({YES if truth else NO})
            case ast.Call():
                return self._called(node, bound)
            case ast.Name() if self._is_condition(node, bound):
                return self.answers(self.runbook.definitions[node.id].tree)
            case _:
                return _answers(self.sights(node, bound))

    def _compared(self, node: ast.Compare, bound: Bound) -> Answers:
        fixed = self._fixed(node, bound) if self.settled else None
        if fixed:
            return fixed
        sides = [self.sights(side, bound) for side in (node.left, *node.comparators)]
        return reduce(_each(_and), (_answers(_all(pair)) for pair in pairwise(sides)))

    def _fixed(self, node: ast.Compare, bound: Bound) -> Answers:
        """What a comparison of parameters and constants says; empty for any other."""
        sides = [self._constant(side, bound) for side in (node.left, *node.comparators)]
        if None in sides:
            return frozenset()
        pairs = zip(node.ops, pairwise(sides), strict=True)
        said = [comparison(op, left, right) for op, (left, right) in pairs]
        if any(not isinstance(one, bool) for one in said):
            return frozenset({UNKNOWN})
        return frozenset({YES if all(said) else NO})

    def _constant(self, node: ast.expr, bound: Bound) -> ParameterValue:
        match node:
            case ast.Constant(value=bool() | int() | float() | str() as value):
                return value
            case ast.Name(id=name) if name not in bound and name in self.runbook.parameters:
                return self.runbook.parameters[name].value
            case _:
                return None

    def sights(self, node: ast.expr, bound: Bound = _NOTHING) -> Sights:
        """What could be seen of the value."""
        match node:
            case ast.Name():
                return self._named(node.id, bound)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return _sights(self.answers(node, bound))
            case ast.Call():
                return self._value(node, bound)
            case ast.IfExp():
                return self._either_sight(node, bound)
            case _:
                parts = [part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)]
                return _all(self.sights(part, bound) for part in parts)

    def _named(self, name: str, bound: Bound) -> Sights:
        if name in bound:
            return bound[name]
        if name in self.runbook.evidence:
            return _UNSEEN if name in self.missing else _ANY
        if name in self.runbook.definitions:
            if name not in self.memory:
                self.memory[name] = self.sights(self.runbook.definitions[name].tree)
            return self.memory[name]
        return _SEEN

    def _is_condition(self, node: ast.Name, bound: Bound) -> bool:
        definition = self.runbook.definitions.get(node.id)
        return (
            node.id not in bound
            and definition is not None
            and isinstance(definition.tree, _CONDITIONS)
        )

    def _called(self, node: ast.Call, bound: Bound) -> Answers:
        match node:
            case ast.Call(func=ast.Name(id="known")):
                return frozenset(map(_known, self.sights(node.args[0], bound)))
            case ast.Call(func=ast.Name(id="any" | "all" as name)):
                return self._quantified(node, bound, decisive=name == "any")
            case _:
                return _answers(self._value(node, bound))

    def _quantified(self, node: ast.Call, bound: Bound, *, decisive: bool) -> Answers:
        """Over nothing `all` is unknown, and `any` of rows is false."""
        generator = node.args[0]
        assert isinstance(generator, ast.GeneratorExp)  # noqa: S101 - checked at load
        loop = generator.generators[0]
        source = self.sights(loop.iter, bound)
        if source == _UNSEEN:
            return frozenset({UNKNOWN})
        inner = self._inner(loop, source, bound)
        kept = self._kept(loop, inner)
        says = self.answers(generator.elt, inner)
        if decisive:
            return frozenset({NO, UNKNOWN}) | _each(_and)(kept, says)
        dropped = frozenset(map(_not, kept))
        return frozenset({UNKNOWN}) | _each(_or)(dropped, says)

    def _inner(self, loop: ast.comprehension, source: Sights, bound: Bound) -> Bound:
        name = loop.target.id if isinstance(loop.target, ast.Name) else ""
        return {**bound, name: _SEEN if source == _SEEN else _ANY}

    def _kept(self, loop: ast.comprehension, inner: Bound) -> Answers:
        return reduce(
            _each(_and), (self.answers(each, inner) for each in loop.ifs), frozenset({YES})
        )

    def _value(self, node: ast.Call, bound: Bound) -> Sights:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in {"known", "any", "all"}:
            return _sights(self._called(node, bound))
        first, *rest = node.args or [ast.Constant(value=0)]
        if not isinstance(first, ast.GeneratorExp):
            return _all(self.sights(part, bound) for part in (first, *rest))
        others = (self.sights(part, bound) for part in rest)
        return _all([self._aggregated(name, first, bound), *others])

    def _aggregated(self, name: str, generator: ast.GeneratorExp, bound: Bound) -> Sights:
        """Members that a filter leaves out for want of evidence leave a doubt behind."""
        loop = generator.generators[0]
        source = self.sights(loop.iter, bound)
        if source == _UNSEEN:
            return source
        inner = self._inner(loop, source, bound)
        members = self.sights(generator.elt, inner)
        found = set(source if name in _EMPTY_IS_ZERO else source & _UNSEEN)
        for kept in self._kept(loop, inner):
            if kept.truth is None:
                found.add(Sight.UNSEEN)
            elif kept.truth:
                found |= members if kept.sure else _all([members, frozenset({Sight.PARTLY})])
            elif not kept.sure:
                found |= {Sight.PARTLY, Sight.SEEN}
        return frozenset(found) or _UNSEEN

    def _either_answer(self, node: ast.IfExp, bound: Bound) -> Answers:
        found: set[Said] = set()
        for test in self.answers(node.test, bound):
            if test.truth is None:
                found.add(UNKNOWN)
                continue
            chosen = self.answers(node.body if test.truth else node.orelse, bound)
            found |= {Said(one.truth, one.sure and test.sure) for one in chosen}
        return frozenset(found)

    def _either_sight(self, node: ast.IfExp, bound: Bound) -> Sights:
        found: set[Sight] = set()
        for test in self.answers(node.test, bound):
            seen = _sights(frozenset({test}))
            if test.truth is not None:
                chosen = node.body if test.truth else node.orelse
                seen = _all([seen, self.sights(chosen, bound)])
            found |= seen
        return frozenset(found)


def _all(parts: Iterable[Sights]) -> Sights:
    """Of a value that is made of all of these."""
    return reduce(_both, parts, _SEEN)


def _both(left: Sights, right: Sights) -> Sights:
    order = (Sight.SEEN, Sight.PARTLY, Sight.UNSEEN)
    return frozenset(max(pair, key=order.index) for pair in product(left, right))


_ANSWERS: Mapping[Sight, Answers] = {
    Sight.SEEN: frozenset({YES, NO}),
    Sight.PARTLY: frozenset({Said(True, False), Said(False, False)}),
    Sight.UNSEEN: frozenset({UNKNOWN}),
}


def _answers(sights: Sights) -> Answers:
    return frozenset[Said]().union(*(_ANSWERS[one] for one in sights))


def _sights(answers: Answers) -> Sights:
    return frozenset(
        Sight.UNSEEN if one.truth is None else Sight.SEEN if one.sure else Sight.PARTLY
        for one in answers
    )


def _known(sight: Sight) -> Said:
    """A no rests on what was not seen."""
    return Said(sight is not Sight.UNSEEN, sight is Sight.SEEN)


def _not(said: Said) -> Said:
    return said if said.truth is None else Said(not said.truth, said.sure)


def _or(left: Said, right: Said) -> Said:
    """The surest part that decides; else all must be known."""
    deciding = [one for one in (left, right) if one.truth]
    if deciding:
        return Said(True, any(one.sure for one in deciding))
    if left.truth is None or right.truth is None:
        return UNKNOWN
    return Said(False, left.sure and right.sure)


def _and(left: Said, right: Said) -> Said:
    return _not(_or(_not(left), _not(right)))


def _each(join: Callable[[Said, Said], Said]) -> Callable[[Answers, Answers], Answers]:
    def joined(left: Answers, right: Answers) -> Answers:
        return frozenset(join(*pair) for pair in product(left, right))

    return joined
