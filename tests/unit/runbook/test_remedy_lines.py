"""Commands of remedies are checked without AWS, and as the command line would."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from mangaops.cli.remedies.words import parsed
from mangaops.model.request import GRAMMAR, REMEDIES, Kind
from mangaops.runbook.lint import lint
from mangaops.runbook.load import load_text
from support.runbook_texts import FILE, spoiled

BUSY = "{busy:count}"


def found(command: str) -> list[str]:
    line = "        command: scale-out"
    text = spoiled(line, f"        command: >-\n          {command}")
    return [f"{one.message} ({one.hint})" for one in lint(load_text(text, FILE))]


@pytest.mark.parametrize(
    "command",
    [
        f"scale-out --to {BUSY}",
        f"scale-out --to={BUSY}",
        f"set-env A={BUSY} B=x=y",
        f"set-env {BUSY}",
        f"set-parameter {BUSY} on",
        "set-parameter -- /a -x",
        "invalidate-cache --stale --rate 0.5",
        "invalidate-cache --product a --product 'b c'",
        f"route --sonnet-threshold {BUSY}",
        "rollback-prompt",
        "flash-sale-mode on",
        "request-quota sonnet --factor 3",
    ],
)
def test_what_can_be_typed_is_clean(command: str) -> None:
    assert found(command) == []


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("set-evn A=1", 'there is no remedy "set-evn" (did you mean "set-env"?)'),
        ("scale-out --two 5", 'scale-out has no option "--two" (did you mean "--to"?)'),
        ("scale-out --to", "scale-out --to needs a value (scale-out [--to VALUE])"),
        ("scale-out --to 2.5", "scale-out --to must be a whole number (scale-out [--to VALUE])"),
        ("scale-out 5", 'scale-out takes no "5" (scale-out [--to VALUE])'),
        ("set-env A", '"A" is not NAME=VALUE (set-env NAME=VALUE...)'),
        ("set-env", "set-env needs 1 argument, and 0 are given (set-env NAME=VALUE...)"),
        (
            f"set-parameter {BUSY}",
            "set-parameter needs 2 arguments, and 1 are given (set-parameter NAME VALUE)",
        ),
        ("flash-sale-mode yes", '"yes" is not on or off (flash-sale-mode on|off)'),
        ("route", "route needs --sonnet-threshold (route --sonnet-threshold VALUE)"),
        ("raise-ocu --min four", "raise-ocu --min must be a number (raise-ocu [--min VALUE])"),
        ("set-env 'A=1", "the quotes of this command are not closed ()"),
        ("restart-service --help", 'restart-service has no option "--help" (restart-service)'),
    ],
)
def test_what_cannot_be_typed_is_told_with_what_can(command: str, told: str) -> None:
    assert found(command) == [told]


@pytest.mark.parametrize("name", REMEDIES)
def test_the_grammar_is_that_of_the_command_line(name: str) -> None:
    group = type(parsed([name]).options)
    infos: list[Any] = [
        (hint.__metadata__[0], hint.__origin__)
        for hint in get_type_hints(group, include_extras=True).values()
    ]
    flags = {(*info.param_decls, info.default)[0]: typed for info, typed in infos if _named(info)}
    assert set(flags) == set(GRAMMAR[name].options)
    for flag, typed in flags.items():
        assert (typed is bool) == (GRAMMAR[name].options[flag] is Kind.FLAG)
        assert ("int" in str(typed)) == (GRAMMAR[name].options[flag] is Kind.WHOLE)
        assert ("float" in str(typed)) == (GRAMMAR[name].options[flag] is Kind.NUMBER)
    arguments = [typed for info, typed in infos if not _named(info)]
    many = any("list" in str(typed) for typed in arguments)
    assert GRAMMAR[name].most == (None if many else len(arguments))


def _named(info: Any) -> bool:
    return type(info).__name__ == "OptionInfo"
