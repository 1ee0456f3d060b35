"""How a command shows its help, and how groups of options become a command's options.

A group is a frozen dataclass whose fields are annotated as Typer options
(`options.py`). A command takes the group as one argument; `expanded` gives Typer a
signature with the group's fields in its place, so that no command repeats them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, cast, get_type_hints

import typer
from typer.core import TyperCommand

from mangaops.cli.group import write_examples, write_text


class Command(TyperCommand):
    """Help in the order in which it is needed: what for, examples, usage, details, options."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        summary, _, details = (self.help or "").partition("\n\n")
        write_text(formatter, summary)
        write_examples(formatter, self.epilog)
        self.format_usage(ctx, formatter)
        write_text(formatter, details)
        self._write_options(ctx, formatter)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Required arguments as everybody writes them: `RUNBOOK`, not `{RUNBOOK}`."""
        return [re.sub(r"[{}]", "", piece) for piece in super().collect_usage_pieces(ctx)]

    def _write_options(self, ctx: Any, formatter: Any) -> None:
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        last: tuple[str, str] | None = None
        for param in cast("list[Any]", self.get_params(ctx)):
            record = param.get_help_record(ctx)
            if record is None:
                continue
            if param.param_type_name == "argument":
                sections["Arguments"].append((param.display_name_raw, param.help or ""))
                continue
            told = (record[0], record[1].replace("  [", " ["))
            if param.name == "help":
                last = told
                continue
            panel = getattr(param, "rich_help_panel", None) or "Options"
            sections.setdefault(panel, []).append(told)
        if last:
            sections[list(sections)[-1]].append(last)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records, col_max=26)


def command(
    app: typer.Typer, *, examples: Sequence[str], name: str | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command whose help starts with `examples`; its docstring is the rest."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        expand = expanded(function)
        app.command(name, cls=Command, epilog="\n".join(examples))(expand)
        return function

    return register


def expanded(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with every parameter that is a group of options replaced by its fields."""
    hints = get_type_hints(function, include_extras=True)
    hints.pop("return", None)
    groups = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in groups:
            parameters += _fields_as_parameters(groups[parameter.name])
        else:
            parameters.append(parameter.replace(annotation=hints[parameter.name]))
    ordered = sorted(parameters, key=lambda p: p.default is not inspect.Parameter.empty)

    def called(**given: Any) -> Any:
        return function(**_gathered(groups, given))

    called.__name__, called.__doc__ = function.__name__, function.__doc__
    called.__signature__ = inspect.Signature(ordered)  # type: ignore[attr-defined]
    called.__annotations__ = {p.name: p.annotation for p in ordered}
    return called


def _fields_as_parameters(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]


def _gathered(groups: Mapping[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The call's arguments with each group built from its own fields."""
    arguments = dict(given)
    for name, group in groups.items():
        own = {field.name: arguments.pop(field.name) for field in fields(group)}
        arguments[name] = group(**own)
    return arguments
