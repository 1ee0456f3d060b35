"""Text of a condition or template -> checked `Condition` or `Template`.

Total: any text at all gives one of them or a `ConditionError` with its place.
Python's own parser reads the text, so precedence, strings and numbers are those
an author knows; `check` then admits only the few constructs of the language.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    tree = _parsed(text, place, source)
    checker = Checker(scope=scope)
    try:
        _refuse_depth(tree)
        refuse(tree, checker.type_of(tree))
    except Fault as fault:
        at = _moved(place, source, text.origin(_offset(fault.node, text.text)))
        raise ConditionError(fault.message, at, fault.hint) from None
    return Condition(
        source=text.text,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A condition in one line, with single spaces; `origins` are offsets in the source."""

    text: str
    origins: Sequence[int]

    def origin(self, offset: int) -> int:
        return self.origins[min(offset, len(self.origins) - 1)]


def _one_line(source: str, place: Place) -> _Line:
    """Line breaks and indents of YAML blocks become one space, but not within quotes."""
    if len(source) > LONGEST:
        message = f"the condition has {len(source):,} characters; the limit is {LONGEST:,}"
        raise ConditionError(message, place, "split it into several nodes")
    kept: list[tuple[str, int]] = []
    quote = ""
    for offset, character in enumerate(source):
        if character == "\\" or not (character.isprintable() or character in "\n\r\t"):
            at = _moved(place, source, offset)
            raise ConditionError(f"{character!r} cannot be part of a condition", at)
        blank = character in " \n\r\t"
        if quote or not blank:
            kept.append((" " if blank else character, offset))
        elif kept and kept[-1][0] != " ":
            kept.append((" ", offset))
        quote = _quote_after(quote, character)
    while kept and kept[-1][0] == " ":
        kept.pop()
    if not kept:
        raise ConditionError("the condition is empty", place, "write an expression")
    return _Line(text="".join(c for c, _ in kept), origins=[o for _, o in kept])


def _quote_after(quote: str, character: str) -> str:
    """Which quote is open behind this character; empty for none."""
    if quote:
        return "" if character == quote else quote
    return character if character in "\"'" else ""


def _parsed(line: _Line, place: Place, source: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = ast.parse(line.text, mode="eval").body
    except SyntaxError as error:
        offset = line.origin(error.offset - 1 if error.offset else len(line.text))
        raise ConditionError(_said(error), _moved(place, source, offset)) from None
    except (ValueError, RecursionError, MemoryError, OverflowError, Warning) as error:
        raise ConditionError(f"cannot be parsed: {error}", place) from None
    rest = line.text.encode()[tree.end_col_offset or 0 :].decode(errors="replace")
    if rest.strip(" )"):
        offset = line.origin(len(line.text) - len(rest.lstrip(" )")))
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


def _offset(node: ast.AST, text: str) -> int:
    """The offset in characters; `ast` counts bytes of UTF-8."""
    column = getattr(node, "col_offset", 0)
    return len(text.encode()[:column].decode(errors="replace"))


def _moved(place: Place, source: str, offset: int) -> Place:
    """The place of a character; lines after the first are taken to start in column 1."""
    before = source[:offset]
    line = before.count("\n")
    if line == 0:
        return Place(file=place.file, line=place.line, column=place.column + offset)
    column = len(before) - before.rindex("\n")
    return Place(file=place.file, line=place.line + line, column=column)
