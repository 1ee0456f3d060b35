"""What each remedy takes, typed: options as groups, and the request that they are.

One definition serves `mangaops REMEDY` and `mangaops plan REMEDY`. `request` reads what
has to be read from files, and nothing else. No argument is required by Typer, since
`--run RUN` may bring it; what is missing after all is told by `request`.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

import typer

from mangaops.cli import completion
from mangaops.errors import InputError
from mangaops.model import request

if TYPE_CHECKING:
    from mangaops.model.settings import Environment

T = TypeVar("T")
_MOST_QUERY_BYTES = 16 * 1024 * 1024


class Options(Protocol):
    """A group of options that is a request, in this environment."""

    def request(self, environment: Environment) -> request.Request: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackPrompt:
    intent: Annotated[
        str | None,
        typer.Argument(
            metavar="INTENT",
            autocompletion=completion.intents,
            help="Default: that of the last diagnosis.",
        ),
    ] = None
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="VERSION", help="Default: the version that was active before."
        ),
    ] = None

    def request(self, environment: Environment) -> request.Request:
        del environment
        return request.RollbackPrompt(intent=self.intent or "", to=self.to or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidateCache:
    genre: Annotated[
        str | None, typer.Option("--genre", metavar="G", help="The answers of this genre.")
    ] = None
    products: Annotated[
        list[str] | None,
        typer.Option("--product", metavar="ID", help="Answers that list it; repeatable."),
    ] = None
    pattern: Annotated[
        str | None, typer.Option("--pattern", metavar="P", help="Keys that match, as in SCAN.")
    ] = None
    stale: Annotated[
        bool, typer.Option("--stale", help="Answers that list a product that is sold out.")
    ] = False
    rate: Annotated[
        float, typer.Option("--rate", metavar="N", min=0.0, help="Keys per second; 0: no limit.")
    ] = 100.0

    def request(self, environment: Environment) -> request.Request:
        del environment
        return request.InvalidateCache(
            genre=self.genre or "",
            products=tuple(self.products or ()),
            pattern=self.pattern or "",
            stale=self.stale,
            rate=self.rate,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseOcu:
    minimum: Annotated[
        float | None,
        typer.Option("--min", metavar="N", help="Default: the next legal value above the present."),
    ] = None

    def request(self, environment: Environment) -> request.Request:
        del environment
        return request.RaiseOcu(minimum=self.minimum)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleOut:
    to: Annotated[
        int | None,
        typer.Option("--to", metavar="N", min=1, help="Tasks. Default: twice as many as now."),
    ] = None

    def request(self, environment: Environment) -> request.Request:
        del environment
        return request.ScaleOut(to=self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEnv:
    variables: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE", help="Variables of the container."),
    ] = None

    def request(self, environment: Environment) -> request.Request:
        del environment
        return request.SetEnv(variables=tuple(map(self._pair, _needed(self.variables, "set-env"))))

    @staticmethod
    def _pair(text: str) -> tuple[str, str]:
        name, sign, value = text.partition("=")
        if not sign or not name:
            hint = "for example mangaops set-env CHUNK_BATCH_SIZE=1"
            raise InputError(f"`{text}` is not NAME=VALUE", where="set-env", hint=hint)
        return name, value


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartService:
    """No options of its own."""

    def request(self, environment: Environment) -> request.Request:
        del environment
        return request.RestartService()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetParameter:
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Path of an SSM parameter.")
    ] = None
    value: Annotated[str | None, typer.Argument(metavar="VALUE", help="What it is to be.")] = None

    def request(self, environment: Environment) -> request.Request:
        del environment
        name, value = (_needed(text, "set-parameter") for text in (self.name, self.value))
        return request.SetParameter(name=name, value=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    threshold: Annotated[
        str | None,
        typer.Option(
            "--sonnet-threshold",
            metavar="X",
            help="Complexity from 0 to 1 above which sonnet answers.",
        ),
    ] = None

    def request(self, environment: Environment) -> request.Request:
        name = environment.resources["router_threshold_parameter"]
        return request.SetParameter(name=name, value=_needed(self.threshold, "route"))


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlashSaleMode:
    mode: Annotated[Switch | None, typer.Argument(metavar="on|off", help="on or off.")] = None

    def request(self, environment: Environment) -> request.Request:
        name = environment.resources["flash_sale_parameter"]
        return request.SetParameter(name=name, value=_needed(self.mode, "flash-sale-mode").value)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrewarmSearch:
    queries: Annotated[
        Path | None,
        typer.Option(
            "--queries", metavar="FILE", help="One JSON body a line. Default: made-up vectors."
        ),
    ] = None
    rate: Annotated[
        float, typer.Option("--rate", metavar="N", min=0.1, max=100.0, help="Queries per second.")
    ] = 5.0
    count: Annotated[
        int, typer.Option("--count", metavar="N", min=1, max=10_000, help="Queries in all.")
    ] = 50

    def request(self, environment: Environment) -> request.Request:
        del environment
        text = _text_of(self.queries) if self.queries else ""
        return request.PrewarmSearch(queries=text, rate=self.rate, count=self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableInvalidation:
    """No options of its own."""

    def request(self, environment: Environment) -> request.Request:
        del environment
        return request.EnableInvalidation()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestQuota:
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="MODEL",
            autocompletion=completion.models,
            help="sonnet, haiku, or the id of a model or profile.",
        ),
    ] = None
    factor: Annotated[
        float, typer.Option("--factor", metavar="N", help="Times the present value.")
    ] = 2.0

    def request(self, environment: Environment) -> request.Request:
        del environment
        return request.RequestQuota(model=_needed(self.model, "request-quota"), factor=self.factor)


def _needed(value: T | None, remedy: str) -> T:
    """What only `--run` can make up for, by the arguments that a diagnosis gave."""
    if not value:
        what = f"`{remedy}` needs to be told what to set"
        raise InputError(what, where=f"mangaops {remedy}", hint=f"mangaops {remedy} --help")
    return value


def _text_of(file: Path) -> str:
    """The text of a file of queries; an empty one is none."""
    where, hint = str(file), "one JSON query body a line"
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise InputError("this is no regular file", where=where, hint=hint)
        with file.open("rb") as opened:
            content = opened.read(_MOST_QUERY_BYTES + 1)
        if len(content) > _MOST_QUERY_BYTES:
            raise InputError("more than 16 MiB of queries", where=where, hint="send fewer")
        text = content.decode("utf-8")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where, hint=hint) from error
    except ValueError as error:
        raise InputError("this is not UTF-8 text", where=where, hint=hint) from error
    if not text.strip():
        raise InputError("this file holds no query", where=where, hint=hint)
    return text
