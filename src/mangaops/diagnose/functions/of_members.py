"""all, any and share of a generator; aggregates of lists and generators; join."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from mangaops.diagnose import figures
from mangaops.diagnose.env import Env, Evaluates
from mangaops.diagnose.equality import attributed
from mangaops.diagnose.functions.members import Members, members_of, visited
from mangaops.diagnose.operators import guarded, is_number
from mangaops.diagnose.plain import plain_text
from mangaops.diagnose.values import (
    UNKNOWN,
    Absent,
    Missing,
    Result,
    Value,
    absent,
    bare,
    blocked,
    either,
    every,
    lift,
    merged,
    negated,
)
from mangaops.model.diagnosis import Check

MOST_CHECKS = 20
"""Members of one generator whose checks are kept; the deciding ones come first."""


def _any(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    return _quantified(evaluator, node, env, decisive=True)


def _all(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    return _quantified(evaluator, node, env, decisive=False)


def _quantified(evaluator: Evaluates, node: ast.Call, env: Env, *, decisive: bool) -> Value:
    """A member whose filter is unknown counts by what it would say if it belonged."""
    generator = _generator(node)
    members = members_of(evaluator, generator, env)
    if members.absent is not None:
        outcome: Value = merged(members.absent, (members.whole,))
        said = _Said()
    else:
        before = len(evaluator.trail)
        said = _said(evaluator, generator, members, env, decisive=decisive)
        _shorten(evaluator.trail, before, deciding=decisive)
        outcome = _over(said, members, decisive=decisive)
    if members.by_rows or not said.belong + len(said.perhaps):
        evaluator.keep(env, evaluator.text(node), outcome, (outcome,))
    return outcome


@dataclass(slots=True, kw_only=True)
class _Said:
    """What the members say, how many of them surely belong, and the filters of those
    that perhaps do.
    """

    parts: list[Value] = field(default_factory=list)
    belong: int = 0
    perhaps: list[Value] = field(default_factory=list)


def _said(
    evaluator: Evaluates, generator: ast.GeneratorExp, members: Members, env: Env, *, decisive: bool
) -> _Said:
    """A member that perhaps belongs counts as far as it says the same either way."""
    said = _Said()
    for member in visited(evaluator, generator, members, env):
        kept = bare(member.kept)
        if kept is False:
            if lift(member.kept).unseen:
                said.parts.append(merged(not decisive, (member.kept,)))
            continue
        says = attributed(evaluator.truth(generator.elt, member.env), members.whole)
        if kept is True:
            said.belong += 1
        else:
            said.perhaps.append(member.kept)
        if member.kept is not True:
            both = (member.kept, says) if decisive else (negated(member.kept), says)
            says = every(both) if decisive else either(both)
        said.parts.append(says)
        if says is decisive:
            break
    return said


def _shorten(trail: list[Check], before: int, *, deciding: bool) -> None:
    """A hundred members would hide the one that decided."""
    if len(trail) - before > MOST_CHECKS:
        told = sorted(trail[before:], key=lambda check: check.result is not deciding)
        trail[before:] = told[:MOST_CHECKS]


def _over(said: _Said, members: Members, *, decisive: bool) -> Value:
    """Over nothing `all` is unknown; `any` is false, but for a group of series, where
    nothing is a lack of data. Members that perhaps belong may turn out to be nothing.
    """
    empty_is_false = decisive and not members.of_group
    if not said.belong and not said.perhaps:
        return nothing(False if empty_is_false else UNKNOWN, said.parts, members)
    outcome = either(said.parts) if decisive else every(said.parts)
    value = bare(outcome)
    if value is (not decisive) and not said.belong and not empty_is_false:
        return merged(blocked(said.perhaps), (outcome, *said.perhaps, members.whole))
    return merged(value, (outcome, members.whole))


def nothing(value: object, parts: Sequence[Value], members: Members) -> Result:
    """Of no member at all; what was left out is then what was missing."""
    found = merged(value, (*parts, members.whole))
    if value is not UNKNOWN:
        return found
    why = "no member is left to look at"
    lost = found.unseen or frozenset(Missing(evidence=i, why=why) for i in found.evidence)
    return replace(found, missing=found.missing | lost, unseen=frozenset())


def _share(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    found = _collected(evaluator, node, env, evaluator.truth)
    if found.absent is not None:
        return merged(found.absent, found.parts)
    if not found.values:
        return nothing(UNKNOWN, found.parts, found.members)
    return merged(sum(v is True for v in found.values) / len(found.values), found.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Collected:
    """Values of the members that belong; `parts` carry the provenance of all."""

    members: Members
    values: Sequence[object]
    parts: Sequence[Value]
    absent: Absent | None
    left_out: bool


def _collected(
    evaluator: Evaluates, node: ast.Call, env: Env, ask: Callable[[ast.expr, Env], Value]
) -> _Collected:
    """An element that is absent, or may or may not belong, makes the whole absent."""
    generator = _generator(node)
    members = members_of(evaluator, generator, env)
    if members.absent is not None:
        parts: list[Value] = [members.whole]
        return _Collected(
            members=members, values=(), parts=parts, absent=members.absent, left_out=False
        )
    values: list[object] = []
    parts = [members.whole]
    unsure: list[Value] = []
    left_out = False
    for member in visited(evaluator, generator, members, env):
        if member.kept is not True:
            parts.append(member.kept)
        if bare(member.kept) is False:
            left_out = left_out or bool(lift(member.kept).unseen)
            continue
        value = attributed(ask(generator.elt, _silent(member.env)), members.whole)
        values.append(bare(value))
        unsure += [part for part in (member.kept, value) if absent(part)]
        if isinstance(value, Result):
            parts.append(value)
    return _Collected(
        members=members, values=values, parts=parts, absent=blocked(unsure), left_out=left_out
    )


def aggregate(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    """An aggregate over a generator; absent values of rows are left out, as in column()."""
    name = _name(node)
    found = _collected(evaluator, node, env, evaluator.value)
    if found.absent is not None:
        return merged(found.absent, found.parts)
    group_is_empty = found.members.of_group and not found.members.bound
    if not found.values and found.members.of_group and (name != "count" or group_is_empty):
        return nothing(UNKNOWN, found.parts, found.members)
    result = merged(_aggregated(name, found.values), found.parts)
    certain = not any(lift(p).unseen for p in found.parts if bare(p) is not False)
    return replace(result, at_least=name == "max" and found.left_out and certain)


def _figure(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    """median, iqr and stdev."""
    if isinstance(node.args[0], ast.GeneratorExp):
        return aggregate(evaluator, node, env)
    found = evaluator.value(node.args[0], env)
    return found if absent(found) else of_values(evaluator, node, env, found)


def of_values(evaluator: Evaluates, node: ast.Call, env: Env, found: Value) -> Value:
    """An aggregate over a list, or of several numbers: max(a, b, c)."""
    held = bare(found)
    if isinstance(held, tuple):
        return merged(_aggregated(_name(node), held), (found,))
    numbers = [found, *(evaluator.value(argument, env) for argument in node.args[1:])]
    state = blocked(numbers)
    value = state if state is not None else _aggregated(_name(node), [bare(n) for n in numbers])
    return merged(value, numbers)


def percentile(evaluator: Evaluates, node: ast.Call, env: Env, level: Value) -> Value:
    found = _collected(evaluator, node, env, evaluator.value)
    if found.absent is not None:
        return merged(found.absent, (*found.parts, level))
    if not found.values:
        return nothing(UNKNOWN, (*found.parts, level), found.members)
    return percentile_of(merged(tuple(found.values), found.parts), level)


def percentile_of(found: Value, level: Value) -> Value:
    """Of a list."""
    state = blocked((found, level))
    held, rank = bare(found), bare(level)
    if state is None and isinstance(held, tuple) and is_number(rank):
        numbers = _numbers(held)
        value = figures.percentile(numbers, rank) if numbers is not None else None
        return merged(guarded(value), (found, level))
    return merged(state or UNKNOWN, (found, level))


def _aggregated(name: str, values: Sequence[object]) -> object:
    if name == "count":
        return sum(value is not None for value in values)
    numbers = _numbers(values)
    if numbers is None or (values and not numbers):
        return UNKNOWN
    try:
        return guarded(_OF_NUMBERS[name](numbers))
    except OverflowError:
        return UNKNOWN


def _numbers(values: Sequence[object]) -> list[float] | None:
    """The numbers among scalars and None; None if there is anything else."""
    present = [value for value in values if value is not None]
    numbers = [float(value) for value in present if is_number(value) and abs(value) < 1e300]
    return numbers if len(numbers) == len(present) else None


def _join(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    """Sorted and each once: the order of rows means nothing to a reader."""
    if isinstance(node.args[0], ast.GeneratorExp):
        found = _collected(evaluator, node, env, evaluator.value)
        if found.absent is not None:
            return merged(found.absent, found.parts)
        return merged(_joined(found.values), found.parts)
    listed = evaluator.value(node.args[0], env)
    held = bare(listed)
    return merged(_joined(held) if isinstance(held, tuple) else held, (listed,))


def _joined(values: Sequence[object]) -> str:
    return ", ".join(sorted({plain_text(value) for value in values if value is not None}))


def _generator(node: ast.Call) -> ast.GeneratorExp:
    assert isinstance(node.args[0], ast.GeneratorExp)  # noqa: S101 - checked at load
    return node.args[0]


def _name(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _silent(env: Env) -> Env:
    return env if env.quiet else replace(env, quiet=True)


_OF_NUMBERS: dict[str, Callable[[list[float]], float | None]] = {
    "min": lambda numbers: min(numbers, default=None),
    "max": lambda numbers: max(numbers, default=None),
    "avg": figures.mean,
    "sum": math.fsum,
    "median": figures.median,
    "iqr": figures.interquartile_range,
    "stdev": figures.deviation,
}

FUNCTIONS = {
    "any": _any,
    "all": _all,
    "share": _share,
    "join": _join,
    "median": _figure,
    "iqr": _figure,
    "stdev": _figure,
}
