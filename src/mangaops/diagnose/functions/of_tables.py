"""Functions of a table: rows, column, group, most_common, lookup."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from mangaops.diagnose import tables
from mangaops.diagnose.env import Env, Evaluates
from mangaops.diagnose.equality import is_redacted, of_keys
from mangaops.diagnose.values import UNKNOWN, Missing, Result, Value, bare, blocked, lift, merged
from mangaops.model.evidence import Row, Table

T = TypeVar("T")


def _rows(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    return _of_table(evaluator, node, env, lambda table: len(table.rows))


def _column(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    name = _text(node.args[1])
    return _of_table(evaluator, node, env, lambda table: tables.column_values(table, name))


def _group(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    name = _text(node.args[1])
    found = _of_table(evaluator, node, env, lambda table: _groups(evaluator, table, name))
    return _told_apart(found)


def _most_common(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    name = _text(node.args[1])

    def first(table: Table) -> object:
        found = _groups(evaluator, table, name)
        return tables.finite(found[0].key) if found and not _is_mixed(found) else UNKNOWN

    return _of_table(evaluator, node, env, first)


def _told_apart(found: Value) -> Value:
    """Rows whose keys were redacted are of one group or of several: nobody knows."""
    groups = bare(found)
    if not isinstance(groups, tuple) or not _is_mixed(groups):
        return found
    return merged(UNKNOWN, (found, of_keys(lift(found).evidence)))


def _is_mixed(groups: tuple[tables.Share, ...]) -> bool:
    hidden = [group for group in groups if is_redacted(group.key)]
    return sum(group.rows for group in hidden) > 1


def _lookup(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    """A key that no row has is unknown, not absent: the table does not speak of it."""
    table, key = evaluator.value(node.args[0], env), evaluator.value(node.args[1], env)
    state = blocked((table, key))
    held, wanted = bare(table), bare(key)
    if state is not None or not isinstance(held, Table):
        return merged(state or UNKNOWN, (table, key))
    if is_redacted(wanted):
        return merged(UNKNOWN, (table, key, of_keys(lift(key).evidence | lift(table).evidence)))
    row = _index(evaluator, held).get(wanted)
    if row is None or wanted is None:
        lost = frozenset(Missing(evidence=i, why="a key has no row") for i in lift(table).evidence)
        return merged(UNKNOWN, (table, key, Result(value=None, missing=lost)))
    return merged(tables.finite(row.get(_text(node.args[2]))), (table, key))


def _of_table(
    evaluator: Evaluates, node: ast.Call, env: Env, function: Callable[[Table], object]
) -> Value:
    found = evaluator.value(node.args[0], env)
    held = bare(found)
    if isinstance(held, Table):
        return merged(function(held), (found,))
    return merged(blocked((found,)) or UNKNOWN, (found,))


def _groups(evaluator: Evaluates, table: Table, column: str) -> tuple[tables.Share, ...]:
    """Grouped once: a generator within a generator asks again for every row."""
    return _remembered(evaluator, ("group", column), table, lambda: tables.groups(table, column))


def _index(evaluator: Evaluates, table: Table) -> Mapping[object, Row]:
    return _remembered(evaluator, ("index",), table, lambda: tables.by_key(table))


def _remembered(
    evaluator: Evaluates, what: tuple[str, ...], table: Table, make: Callable[[], T]
) -> T:
    """What was made of this very table; the memory holds the table, so its id stays its own."""
    memory = cast("dict[object, tuple[Table, T]]", evaluator.facts.memory)
    key = (*what, id(table))
    if key not in memory:
        memory[key] = (table, make())
    return memory[key][1]


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


FUNCTIONS = {
    "rows": _rows,
    "column": _column,
    "group": _group,
    "most_common": _most_common,
    "lookup": _lookup,
}
