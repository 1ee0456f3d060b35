"""What a generator goes through: rows, series, items of group(), or a plain list.

Filters decide who belongs. One that is false drops the member; one that is false only
because something was not there (`known(s)`) drops it too, and the result remembers
whom it left out, since with that member it might have been another one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mangaops.diagnose.env import Env, Evaluates
from mangaops.diagnose.equality import attributed
from mangaops.diagnose.functions.subjects import labelled
from mangaops.diagnose.tables import Share
from mangaops.diagnose.values import (
    PENDING,
    UNKNOWN,
    Absent,
    Result,
    Value,
    bare,
    every,
    lift,
    merged,
)
from mangaops.model.evidence import SeriesGroup, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`kept` is the truth of the filters; `env` has the variable bound to this member."""

    kept: Value
    env: Env


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """`whole` is what is gone through, with its provenance. `absent` says why there are none.

    `of_group`: they are series, so that none at all is a lack of data.
    `by_rows`: they are rows of a table, whose checks would be too many.
    """

    whole: Value
    absent: Absent | None = None
    bound: Sequence[tuple[Value, str]] = ()
    of_group: bool = False
    by_rows: bool = False


def members_of(evaluator: Evaluates, generator: ast.GeneratorExp, env: Env) -> Members:
    whole = evaluator.value(generator.generators[0].iter, env)
    held = bare(whole)
    match held:
        case Absent():
            return Members(whole=_needing(evaluator, generator, whole), absent=held)
        case SeriesGroup():
            series = [(merged(one, (whole,)), labelled(env.subject, one)) for one in held.series]
            return Members(whole=whole, bound=series, of_group=True)
        case Table():
            around = merged(held, (whole, *_items(env)))
            return Members(whole=around, bound=[(row, "") for row in held.rows], by_rows=True)
        case tuple():
            return _listed(held, whole, env)
        case _:
            return Members(whole=whole, absent=UNKNOWN)


def _listed(held: tuple[object, ...], whole: Value, env: Env) -> Members:
    """Items of group() are recorded one by one, unless rows are gone through around them."""
    if not held or not isinstance(held[0], Share):
        return Members(whole=whole, bound=[(entry, "") for entry in held], by_rows=True)
    if env.quiet:
        return Members(whole=whole, bound=[(item, "") for item in held])
    items = [(merged(item, (whole,)), labelled(env.subject, item)) for item in held]
    return Members(whole=whole, bound=items)


def _needing(evaluator: Evaluates, node: ast.expr, whole: Value) -> Value:
    """While the members are pending, all else that their checks mention may as well be read."""
    result = lift(whole)
    if result.value is not PENDING:
        return whole
    mentioned: set[str] = set()
    runbook = evaluator.facts.runbook
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in runbook.evidence:
            mentioned.add(part.id)
        elif isinstance(part, ast.Name) and part.id in runbook.definitions:
            mentioned |= runbook.definitions[part.id].evidence
    return merged(PENDING, (result, Result(value=None, pending=evaluator.facts.unread(mentioned))))


def visited(
    evaluator: Evaluates, generator: ast.GeneratorExp, members: Members, env: Env
) -> Iterator[Member]:
    """Each member with its filters decided. One dict of variables serves all of them."""
    loop = generator.generators[0]
    name = loop.target.id if isinstance(loop.target, ast.Name) else ""
    quiet = env.quiet or members.by_rows
    variables = {**env.variables}
    if members.by_rows:
        variables |= {key: bare(held) for key, held in variables.items() if _is_item(held)}
    inner = Env(variables=variables, subject=env.subject, quiet=quiet)
    for value, subject in members.bound:
        variables[name] = value
        if subject:
            inner = Env(variables=variables, subject=subject, quiet=quiet)
        kept = attributed(_kept(evaluator, loop.ifs, inner), members.whole)
        yield Member(kept=kept, env=inner)


def _items(env: Env) -> Iterator[Value]:
    """Items of group() around these rows. The whole takes their provenance over once,
    so that each of thousands of rows can be compared with a plain item.
    """
    return (held for held in env.variables.values() if _is_item(held))


def _is_item(held: Value) -> bool:
    return isinstance(held, Result) and isinstance(held.value, Share)


def _kept(evaluator: Evaluates, filters: Sequence[ast.expr], env: Env) -> Value:
    parts: list[Value] = []
    for condition in filters:
        part = evaluator.truth(condition, _silent(env))
        parts.append(part)
        if bare(part) is False:
            _tell_unseen(evaluator, condition, part, env)
            break
    if not parts:
        return True
    return parts[0] if len(parts) == 1 else every(parts)


def _tell_unseen(evaluator: Evaluates, condition: ast.expr, part: Value, env: Env) -> None:
    """Filters say who is asked, not what was found; only a member left unseen is told."""
    if lift(part).unseen:
        evaluator.keep(env, evaluator.text(condition), part, (part,))


def _silent(env: Env) -> Env:
    return env if env.quiet else Env(variables=env.variables, subject=env.subject, quiet=True)
