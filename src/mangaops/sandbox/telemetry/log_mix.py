"""What is in the logs. The defaults are the normal world; a scenario names what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.telemetry.minutes import Minutes

GroupName = Literal["orchestrator", "websocket", "resolver", "invalidator"]
GROUPS: Mapping[str, str] = MappingProxyType(
    {
        DEFAULT_RESOURCES["orchestrator_log"]: "orchestrator",
        DEFAULT_RESOURCES["websocket_log"]: "websocket",
        DEFAULT_RESOURCES["resolver_log"]: "resolver",
        DEFAULT_RESOURCES["invalidator_log"]: "invalidator",
    }
)
"""Log group -> its short name in scenario files."""


class _Strict:
    """Scenario files are validated against these classes: a key that is none is an error."""

    __slots__ = ()
    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - pydantic reads it so


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread(_Strict):
    """A number around `value`; `spread` is the half-width of an even distribution."""

    value: float
    spread: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallErrors(_Strict):
    """A share of the model calls ends so. Empty `models` and `intents` mean all."""

    share: float
    status: str = "error"
    code: str = ""
    message: str = ""
    models: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    input_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls(_Strict):
    """`bedrock_call` and `bedrock_attempt`. `sonnet_share` is by intent where it is not
    normal; `input`, `output` and `latency` multiply the tokens and times of `intents`.
    `repaired`, `invalid` and `retried` are shares of the successful answers; `breaker`
    are the models whose circuit breaker opens a minute after the onset and probes.
    """

    per_minute: float = 22.0
    sonnet_share: Mapping[str, float] = field(default_factory=dict)
    errors: tuple[CallErrors, ...] = ()
    intents: tuple[str, ...] = ()
    input: float = 1.0
    output: float = 1.0
    latency: float = 1.0
    repaired: float = 0.01
    invalid: float = 0.0
    retried: float = 0.02
    breaker: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tasks(_Strict):
    """`parallel_task` and `degraded`: each call has four tasks."""

    rag_timeouts: float = 0.002
    degraded_mode: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Closes(_Strict):
    """One pattern of `ws_close`: `weight` against the others. `code` None: no close frame."""

    weight: float = 1.0
    code: int | None = 1001
    idle_s: Spread | None = Spread(value=45, spread=40)
    age_s: Spread | None = Spread(value=1500, spread=1400)
    networks: Mapping[str, float] = field(
        default_factory=lambda: {
            "AS2516 KDDI": 3.0,
            "AS4713 NTT": 3.0,
            "AS17676 SoftBank": 2.5,
            "AS9605 docomo": 2.0,
            "corp-proxy-a": 0.5,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocket(_Strict):
    closes_per_minute: float = 0.08
    closes: tuple[Closes, ...] = (Closes(code=1006), Closes(code=1001))
    gone_per_minute: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Dns(_Strict):
    """Answers for the search endpoint's name; `rcodes` are shares besides NOERROR."""

    per_minute: float = 12.0
    rcodes: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalidations(_Strict):
    per_minute: float = 2.0
    errors: Mapping[str, float] = field(default_factory=dict)
    keys_deleted: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMix(_Strict):
    """By short name of a group: `not_json` puts a logger's prefix before every event, `none`
    leaves it empty, `stops` ends it that many minutes before the start of the sandbox.
    """

    calls: Calls = Calls()
    tasks: Tasks = Tasks()
    websocket: WebSocket = WebSocket()
    dns: Dns = Dns()
    invalidations: Invalidations = Invalidations()
    not_json: tuple[GroupName, ...] = ()
    none: tuple[GroupName, ...] = ()
    stops: Mapping[GroupName, Minutes] = field(default_factory=dict)


NORMAL = LogMix()
