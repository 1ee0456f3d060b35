"""The remedies as they are typed: their help, and the way between words and options.

`words_of` and `parsed` are each other's inverse: a plan holds the words that it was made
from, and a diagnosis names its remedies by the words to type.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, get_type_hints

import typer

from mangaops.cli.command import expanded
from mangaops.cli.remedies import options
from mangaops.cli.remedies.options import Options
from mangaops.cli.remedies.texts import TEXTS
from mangaops.errors import InputError, nearest
from mangaops.model.request import REMEDIES

PROGRAM = "mangaops"
_OPTIONS: Mapping[str, type[Options]] = MappingProxyType(
    {
        "rollback-prompt": options.RollbackPrompt,
        "invalidate-cache": options.InvalidateCache,
        "raise-ocu": options.RaiseOcu,
        "scale-out": options.ScaleOut,
        "set-env": options.SetEnv,
        "restart-service": options.RestartService,
        "set-parameter": options.SetParameter,
        "route": options.Route,
        "flash-sale-mode": options.FlashSaleMode,
        "prewarm-search": options.PrewarmSearch,
        "enable-invalidation": options.EnableInvalidation,
        "request-quota": options.RequestQuota,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A remedy with its options, and the words that say the same."""

    remedy: str
    options: Options

    @property
    def words(self) -> tuple[str, ...]:
        return (self.remedy, *words_of(self.options))

    @property
    def line(self) -> str:
        """What follows `mangaops`, quoted for a shell."""
        return shlex.join(self.words)


def commands(
    make: Callable[[str], Callable[..., None]], path: str, more: str
) -> Mapping[str, typer.Typer]:
    """One Typer application for each remedy, around the function that `make` gives for it.

    The function's parameter `given` becomes the remedy's own options. `path` is what is
    typed before the remedy's name, `more` is added to its help.
    """
    from mangaops.cli.command import command  # noqa: PLC0415 - not for parsing a line

    apps: dict[str, typer.Typer] = {}
    for name in REMEDIES:
        function = make(name)
        function.__name__ = name.replace("-", "_")
        function.__doc__ = f"{TEXTS[name].summary}\n\n{TEXTS[name].details}\n\n{more}"
        function.__annotations__["given"] = _OPTIONS[name]
        text = TEXTS[name]
        own = text.examples if path == PROGRAM else text.plan_examples
        examples = tuple(f"{path} {example}" for example in own)
        apps[name] = typer.Typer(add_completion=False, rich_markup_mode=None)
        command(apps[name], examples=examples)(function)
    return MappingProxyType(apps)


def words_of(given: Options) -> list[str]:
    """The options as they would be typed; those at their default are left out."""
    positional: list[str] = []
    named: list[str] = []
    hints = get_type_hints(type(given), include_extras=True)
    for field in fields(given):  # type: ignore[arg-type]  # every group is a dataclass
        value = getattr(given, field.name)
        if value is None or value == field.default:
            continue
        info = hints[field.name].__metadata__[0]
        if isinstance(info, typer.models.ArgumentInfo):
            positional += _texts(value)
            continue
        flag = (*info.param_decls, info.default)[0]  # Typer takes the first name for a default
        named += [flag] if value is True else [w for text in _texts(value) for w in (flag, text)]
    if any(text.startswith("-") for text in positional):
        return [*named, "--", *positional]  # nothing after `--` is an option
    return [*positional, *named]


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    if isinstance(value, float):
        return [f"{value:g}"]
    return [value.value if isinstance(value, StrEnum) else str(value)]


def parsed(words: Sequence[str]) -> Asked:
    """The remedy that these words ask for.

    Raises InputError where they ask for none, and Typer's own errors for wrong options.
    """
    if not words or words[0] not in REMEDIES:
        name = words[0] if words else ""
        hint = nearest(name, REMEDIES) or f"remedies: {', '.join(REMEDIES)}"
        raise InputError(f"there is no remedy `{name}`", where="REMEDY", hint=hint)
    name = words[0]

    def keep(given: Any) -> Any:
        return given

    keep.__annotations__["given"] = _OPTIONS[name]
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(name)(expanded(keep))
    given = typer.main.get_command(app).main(
        args=list(words[1:]), prog_name=f"mangaops {name}", standalone_mode=False
    )
    if not isinstance(given, _OPTIONS[name]):  # `--help` inside a line
        raise InputError(f"`{shlex.join(words)}` asks for nothing", where="REMEDY", hint="--help")
    return Asked(remedy=name, options=given)
