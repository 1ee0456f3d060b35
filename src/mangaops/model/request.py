"""What an operator may ask of each remedy: its options, typed, before anything is read.

`REMEDIES` has their names in the order of help. None or an empty value means that the
remedy chooses by itself, and says what it chose.
"""

from __future__ import annotations

from dataclasses import dataclass
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
