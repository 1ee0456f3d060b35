"""Text of a condition or template -> checked `Condition` or `Template`.

Total: any text at all gives one of them or a `ConditionError` with its place.
Python's own parser reads the text, so precedence, strings and numbers are those
an author knows; `check` then admits only the few constructs of the language.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from functools import partial

from mangaops.diagnose.check import Checker
from mangaops.diagnose.problem import ConditionError, Fault
from mangaops.diagnose.scope import Scope
from mangaops.diagnose.shapes import Kind, Type
from mangaops.diagnose.slots import split_slots
from mangaops.model.condition import Condition, Place, Slot, Template

__all__ = ["ConditionError", "parse_condition", "parse_definition", "parse_template"]

LONGEST = 4_000
"""Characters; the longest condition of the shipped runbooks has about 150."""
DEEPEST = 60
"""Levels of nesting; keeps the recursive check and evaluation far from Python's limit."""


def parse_condition(source: str, place: Place, scope: Scope, *, flag: bool = True) -> Condition:
    """Parse and check `source`, whose first character stands at `place`.

    `flag` demands an expression that is true or false; slots of templates take any
    scalar. Raises ConditionError, with the exact place, for everything else.
    """
    return _checked(source, place, scope, partial(_refuse_result, flag=flag))


def parse_definition(source: str, place: Place, scope: Scope) -> Condition:
    """A named expression (`define:`): of any type, also a list or a series.

    `scope` holds the definitions before this one, never itself.
    """
    return _checked(source, place, scope, _accept)


def _checked(
    source: str, place: Place, scope: Scope, refuse: Callable[[ast.expr, Type], None]
) -> Condition:
    text = _one_line(source, place)
    tree = _parsed(text, source, place)
    checker = Checker(scope=scope)
    try:
        _refuse_depth(tree)
        refuse(tree, checker.type_of(tree))
    except Fault as fault:
        position = _position(fault.node, text)
        raise ConditionError(fault.message, _moved(place, source, position), fault.hint) from None
    return Condition(
        source=" ".join(source.split()),
        tree=tree,
        place=place,
        evidence=frozenset(checker.evidence),
        parameters=frozenset(checker.parameters),
    )


def parse_template(source: str, place: Place, scope: Scope) -> Template:
    """Parse text with `{expression:format}` slots; `{{` and `}}` stand for braces."""
    parts: list[str | Slot] = []
    for part in split_slots(source, place):
        if isinstance(part, str):
            parts.append(part)
            continue
        at = _moved(place, source, part.start)
        condition = parse_condition(part.expression, at, scope, flag=False)
        parts.append(Slot(condition=condition, format=part.format))
    return Template(source=source, parts=tuple(parts))


def _one_line(source: str, place: Place) -> str:
    """Line breaks of YAML blocks become spaces, so that every offset stays as it was."""
    if len(source) > LONGEST:
        message = f"the condition has {len(source):,} characters; the limit is {LONGEST:,}"
        raise ConditionError(message, place, "split it into several nodes")
    for offset, character in enumerate(source):
        if character == "\\" or (not character.isprintable() and character not in "\n\r\t"):
            at = _moved(place, source, offset)
            raise ConditionError(f"{character!r} cannot be part of a condition", at)
    text = "".join(" " if character in "\n\r\t" else character for character in source)
    if not text.strip():
        raise ConditionError("the condition is empty", place, "write an expression")
    return text


def _parsed(text: str, source: str, place: Place) -> ast.expr:
    """The expression, with column offsets that count from the start of `text`."""
    lead = len(text) - len(text.lstrip())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(text.lstrip(), mode="eval").body
    except SyntaxError as error:
        offset = min(max((error.offset or 1) - 1, 0) + lead, max(len(text) - 1, 0))
        raise ConditionError(_said(error), _moved(place, source, offset)) from None
    except (ValueError, RecursionError, MemoryError, OverflowError, Warning) as error:
        raise ConditionError(f"cannot be parsed: {error}", place) from None
    body = text.lstrip().encode()
    rest = body[tree.end_col_offset or 0 :].decode(errors="replace")
    if rest.strip(" )"):
        offset = len(text) - len(rest.lstrip(" )"))
        raise ConditionError("unexpected text after the condition", _moved(place, source, offset))
    return tree


def _said(error: SyntaxError) -> str:
    message = (error.msg or "invalid syntax").split(". ")[0].removesuffix("?")
    return f"not an expression: {message}"


def _refuse_depth(tree: ast.expr) -> None:
    """Walk without recursion, since the depth is what is in doubt."""
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise Fault(tree, "the condition is nested too deeply", "split it into several nodes")


def _accept(_tree: ast.expr, _result: Type) -> None:
    """Nothing is refused."""


def _refuse_result(tree: ast.expr, result: Type, *, flag: bool) -> None:
    if flag and result.kind not in {Kind.FLAG, Kind.ANY}:
        message = f"this is {result.kind.value}, not a condition"
        raise Fault(tree, message, "compare it with something, as in `... > 0`")
    shown = result.element if result.kind is Kind.LIST and result.element else result
    if not flag and not shown.scalar:
        message = f"{result.kind.value} cannot be shown in a sentence"
        raise Fault(tree, message, "apply a function such as latest() or rows()")


def _position(node: ast.AST, text: str) -> int:
    """The offset in characters; `ast` counts bytes of UTF-8 from the first non-blank."""
    lead = len(text) - len(text.lstrip())
    column = getattr(node, "col_offset", 0)
    return lead + len(text.lstrip().encode()[:column].decode(errors="replace"))


def _moved(place: Place, source: str, offset: int) -> Place:
    """The place of a character; lines after the first are taken to start in column 1."""
    before = source[:offset]
    line = before.count("\n")
    if line == 0:
        return Place(file=place.file, line=place.line, column=place.column + offset)
    column = len(before) - before.rindex("\n")
    return Place(file=place.file, line=place.line + line, column=column)
