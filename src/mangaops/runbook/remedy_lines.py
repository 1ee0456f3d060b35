"""Commands of executable remedies, held against the grammar of `model.request`: no AWS needed.

What a slot will be is not known here: it counts as any one word, as a diagnosis quotes it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from mangaops.errors import nearest
from mangaops.model.condition import Place, Template
from mangaops.model.request import GRAMMAR, Grammar, Kind
from mangaops.model.runbook import Runbook
from mangaops.runbook.strict_yaml import parse

SLOT = "\x00"
_WRONG_VALUE = {Kind.WHOLE: "a whole number", Kind.NUMBER: "a number", Kind.SWITCH: "on or off"}


def wrong_lines(runbook: Runbook) -> Iterator[tuple[str, Place, str]]:
    """What is wrong, where, and a hint; at most one for each command."""
    document = parse(runbook.text, runbook.file)
    for outcome in runbook.outcomes.values():
        for number, remedy in enumerate(outcome.remedies):
            if remedy.command is None:
                continue
            wrong = _wrong(remedy.command)
            if wrong is not None:
                message, hint, word = wrong
                path = ("outcomes", outcome.id, "remedies", number, "command")
                yield message, _at(runbook, document.place(path), word), hint


def _at(runbook: Runbook, start: Place, word: str) -> Place:
    """The word itself where it stands in the command's first line, else its beginning."""
    line = runbook.text.splitlines()[start.line - 1]
    found = line.find(word, start.column - 1) if word and SLOT not in word else -1
    if found < 0:
        return start
    return Place(file=start.file, line=start.line, column=found + 1)


def _wrong(command: Template) -> tuple[str, str, str] | None:
    """Message, hint and the word that is wrong; None for a command that can be typed."""
    text = "".join(part if isinstance(part, str) else SLOT for part in command.parts)
    try:
        words = shlex.split(text)
    except ValueError:
        return "the quotes of this command are not closed", "", ""
    if not words or SLOT in words[0]:
        return "a command starts with the name of a remedy", _remedies(), ""
    name, *rest = words
    if name not in GRAMMAR:
        return f'there is no remedy "{name}"', nearest(name, GRAMMAR) or _remedies(), name
    return _wrong_words(name, rest)


def _remedies() -> str:
    return "remedies: " + ", ".join(GRAMMAR)


def _wrong_words(name: str, words: list[str]) -> tuple[str, str, str] | None:
    grammar = GRAMMAR[name]
    waiting = iter(words)
    arguments: list[str] = []
    seen: set[str] = set()
    for word in waiting:
        if word == "--":
            arguments += waiting
        elif not word.startswith("-") or word == "-":
            arguments.append(word)
        else:
            option, sign, value = word.partition("=")
            seen.add(option)
            if option not in grammar.options:
                hint = nearest(option, grammar.options) or _usage(name, grammar)
                return f'{name} has no option "{option}"', hint, option
            wrong = _wrong_option(grammar, option, value if sign else None, waiting)
            if wrong:
                return f"{name} {option} {wrong}", _usage(name, grammar), word
    missing = sorted(grammar.needed - seen)
    if missing:
        return f"{name} needs {missing[0]}", _usage(name, grammar), name
    return _wrong_arguments(name, grammar, arguments)


def _wrong_option(grammar: Grammar, option: str, given: str | None, waiting: Iterator[str]) -> str:
    kind = grammar.options[option]
    if kind is Kind.FLAG:
        return "" if given is None else "takes no value"
    value = next(waiting, None) if given is None else given
    if value is None:
        return "needs a value"
    return "" if _fits(kind, value) else f"must be {_WRONG_VALUE[kind]}"


def _wrong_arguments(
    name: str, grammar: Grammar, arguments: list[str]
) -> tuple[str, str, str] | None:
    least, most = grammar.least, grammar.most
    if len(arguments) < least:
        wanted = f"{least} argument{'' if least == 1 else 's'}"
        return f"{name} needs {wanted}, and {len(arguments)} are given", _usage(name, grammar), name
    if most is not None and len(arguments) > most:
        return (
            f'{name} takes no "{_shown(arguments[most])}"',
            _usage(name, grammar),
            arguments[most],
        )
    for word in arguments:
        if not _fits(grammar.argument, word):
            what = "NAME=VALUE" if grammar.argument is Kind.PAIR else _WRONG_VALUE[grammar.argument]
            return f'"{_shown(word)}" is not {what}', _usage(name, grammar), word
    return None


def _fits(kind: Kind, value: str) -> bool:
    if kind is Kind.PAIR:
        name, sign, _ = value.partition("=")
        return bool(name and sign) or SLOT in value
    if SLOT in value:
        return True
    match kind:
        case Kind.WHOLE | Kind.NUMBER:
            try:
                int(value) if kind is Kind.WHOLE else float(value)
            except ValueError:
                return False
            return True
        case Kind.SWITCH:
            return value in {"on", "off"}
        case _:
            return True


def _shown(word: str) -> str:
    return word.replace(SLOT, "{...}")


def _usage(name: str, grammar: Grammar) -> str:
    """`scale-out [--to VALUE]`."""
    options = []
    for option, kind in grammar.options.items():
        text = option if kind is Kind.FLAG else f"{option} VALUE"
        options.append(text if option in grammar.needed else f"[{text}]")
    return " ".join(filter(None, [name, grammar.words, *options]))
