"""What an operator may ask of each remedy: its options, typed, before anything is read.

`REMEDIES` has their names in the order of help. None or an empty value means that the
remedy chooses by itself, and says what it chose. `GRAMMAR` says which words each takes, so
that a command in a runbook can be checked where nothing can be asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

REMEDIES: tuple[str, ...] = (
    "rollback-prompt",
    "invalidate-cache",
    "raise-ocu",
    "scale-out",
    "set-env",
    "restart-service",
    "set-parameter",
    "route",
    "flash-sale-mode",
    "prewarm-search",
    "enable-invalidation",
    "request-quota",
)


class Kind(StrEnum):
    """What a word of a remedy's command must be. A FLAG is an option without a value."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    SWITCH = "switch"
    PAIR = "pair"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """`least` to `most` arguments (None: any number), told as `words`, and options by name.

    It is what a whole command has: what only `--run` can add is required here.
    """

    least: int = 0
    most: int | None = 0
    argument: Kind = Kind.TEXT
    words: str = ""
    options: Mapping[str, Kind] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()


GRAMMAR: Mapping[str, Grammar] = MappingProxyType(
    {
        "rollback-prompt": Grammar(most=1, words="[INTENT]", options={"--to": Kind.TEXT}),
        "invalidate-cache": Grammar(
            options={
                "--genre": Kind.TEXT,
                "--product": Kind.TEXT,
                "--pattern": Kind.TEXT,
                "--stale": Kind.FLAG,
                "--rate": Kind.NUMBER,
            }
        ),
        "raise-ocu": Grammar(options={"--min": Kind.NUMBER}),
        "scale-out": Grammar(options={"--to": Kind.WHOLE}),
        "set-env": Grammar(least=1, most=None, argument=Kind.PAIR, words="NAME=VALUE..."),
        "restart-service": Grammar(),
        "set-parameter": Grammar(least=2, most=2, words="NAME VALUE"),
        "route": Grammar(
            options={"--sonnet-threshold": Kind.TEXT}, needed=frozenset({"--sonnet-threshold"})
        ),
        "flash-sale-mode": Grammar(least=1, most=1, argument=Kind.SWITCH, words="on|off"),
        "prewarm-search": Grammar(
            options={"--queries": Kind.TEXT, "--rate": Kind.NUMBER, "--count": Kind.WHOLE}
        ),
        "enable-invalidation": Grammar(),
        "request-quota": Grammar(least=1, most=1, words="MODEL", options={"--factor": Kind.NUMBER}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackPrompt:
    """`intent` empty: the only one that was activated within the last two hours."""

    intent: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidateCache:
    """Exactly one of the four. `rate` is keys per second, 0 without a limit."""

    genre: str = ""
    products: tuple[str, ...] = ()
    pattern: str = ""
    stale: bool = False
    rate: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseOcu:
    """`minimum` in OCU; None: the next legal value above the present minimum."""

    minimum: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleOut:
    """`to` tasks; None: twice as many as now."""

    to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEnv:
    """Variables of the container by name."""

    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartService:
    """A rolling restart has no options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetParameter:
    """An SSM parameter. `words` are those typed (`route --sonnet-threshold 0.6`)."""

    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrewarmSearch:
    """`queries` is the text of a file of queries; empty: representative ones are made up.

    `rate` is queries per second, `count` how many are sent in all.
    """

    queries: str = ""
    rate: float = 5.0
    count: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableInvalidation:
    """The stream of the inventory table, and the mapping to the invalidator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestQuota:
    """`model` is `sonnet`, `haiku`, or a model or profile id; `factor` times the present value."""

    model: str = ""
    factor: float = 2.0


Request: TypeAlias = (
    RollbackPrompt
    | InvalidateCache
    | RaiseOcu
    | ScaleOut
    | SetEnv
    | RestartService
    | SetParameter
    | PrewarmSearch
    | EnableInvalidation
    | RequestQuota
)
