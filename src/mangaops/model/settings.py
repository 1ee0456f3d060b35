"""One environment: where it is, what its resources are called, what it changes in runbooks.

The defaults are MangaAssist's own names; `mangaops.yaml` replaces any of them, so
that another chatbot on Bedrock can use the same runbooks. A runbook refers to
them as `${cluster}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from mangaops.model.condition import Place
from mangaops.model.runbook import ParameterValue

DEFAULT_REGION = "ap-northeast-1"


class RegionFrom(StrEnum):
    """Where a region's name comes from, as an operator calls the place."""

    OPTION = "--region"
    CONFIGURATION = "mangaops.yaml"
    SANDBOX = "the sandbox"
    VARIABLE = "AWS_REGION"
    DEFAULT_VARIABLE = "AWS_DEFAULT_REGION"
    PROFILE = "the AWS profile"
    NOWHERE = "none is configured: the default"


DEFAULT_RESOURCES: Mapping[str, str] = MappingProxyType(
    {
        "cluster": "mangaassist-prod",
        "service": "orchestrator",
        "container": "app",
        "router_threshold_parameter": "/mangaassist/router/complexity_threshold_for_sonnet",
        "adaptive_routing_parameter": "/mangaassist/router/adaptive_routing",
        "classifier_parameter": "/mangaassist/classifier/version",
        "sonnet_parameter": "/mangaassist/models/sonnet",
        "haiku_parameter": "/mangaassist/models/haiku",
        "flash_sale_parameter": "/mangaassist/features/flash_sale_mode",
        "recommendation_ttl_parameter": "/mangaassist/cache/recommendation_ttl_s",
        "ef_search_parameter": "/mangaassist/search/ef_search",
        "prompt_table": "manga-prompt-templates",
        "inventory_table": "manga-inventory",
        "invalidator": "inventory-invalidator",
        "collection": "manga-products",
        "collection_group": "mangaassist-search",
        "index": "manga-products",
        "websocket_api": "wsapi0001",
        "websocket_stage": "prod",
        "nat_gateway": "nat-mangaassist",
        "streaming_namespace": "MangaAssist/Streaming",
        "orchestrator_namespace": "MangaAssist/Orchestrator",
        "business_namespace": "MangaAssist/Business",
        "orchestrator_log": "/mangaassist/orchestrator",
        "websocket_log": "/mangaassist/websocket",
        "resolver_log": "/aws/route53/resolver/mangaassist",
        "invalidator_log": "/aws/lambda/inventory-invalidator",
        "bench_store": "",
        "candidate_share_parameter": "/mangaassist/prompts/candidate_share",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """A time in which nothing is changed: once, or every week.

    Once: `start` and `end` are instants. Every week: `start` and `end` are None, and
    `opens` and `closes` are minutes since Monday 00:00 in `timezone` (an IANA name);
    a freeze over the end of the week has `opens` > `closes`.
    """

    reason: str
    start: datetime | None = None
    end: datetime | None = None
    opens: int = 0
    closes: int = 0
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrails:
    """What no plan may exceed, whoever approves it. The field's name is the rule's name.

    `parameters` and `variables` are patterns (`/mangaassist/*`) of what may be set,
    `accounts` those that may be changed; None allows all.
    """

    most_tasks: int = 64
    most_ocu: float = 64
    most_keys: int = 10_000
    parameters: tuple[str, ...] | None = None
    variables: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    freeze: tuple[Freeze, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyBudget:
    """What a prompt of one intent may cost: tokens in, tokens out, p95 of the whole answer.

    None is no limit.
    """

    prompt_tokens: int | None = None
    output_tokens: int | None = None
    p95_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    output: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmarks:
    """How prompt changes are judged. `margin` is the slow-down of the p95 that is a regression.

    `budgets` are by intent; `*` holds where an intent's own says nothing. `prices` are by a
    model's short name (`sonnet`) or any part of its id. `auto_rollback` allows a safeguard to
    put the previous prompt back without a person; `reaction` is how old an activation may be
    for that.
    """

    margin: float = 0.15
    budgets: Mapping[str, LatencyBudget] = field(
        default_factory=lambda: MappingProxyType(
            {
                "*": LatencyBudget(p95_ms=3000),
                "recommendation": LatencyBudget(prompt_tokens=520, output_tokens=350, p95_ms=3000),
            }
        )
    )
    prices: Mapping[str, Price] = field(
        default_factory=lambda: MappingProxyType(
            {"sonnet": Price(input=3, output=15), "haiku": Price(input=1, output=5)}
        )
    )
    auto_rollback: bool = False
    reaction: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPlace:
    """A model as it is configured: `sonnet` or `haiku` (their SSM parameters say which), an id,
    an inference profile's id, or an ARN. `region` None is the environment's own.
    """

    model: str
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentCalls:
    """How the calls of one intent are made; what is None is as the client has it.

    `alternates` are other ways to the same model, `backups` other models. Durations are in
    seconds: `deadline_s` for a whole answer, `first_token_s` and `idle_s` for an attempt.
    `template` is what is said when no model answers, for everybody or by language (`en`,
    `ja`); `ping` is what `mangaops probe` asks.
    """

    model: ModelPlace | None = None
    alternates: tuple[ModelPlace, ...] | None = None
    backups: tuple[ModelPlace, ...] | None = None
    max_tokens: int | None = None
    input_tokens: int | None = None
    deadline_s: float | None = None
    first_token_s: float | None = None
    idle_s: float | None = None
    template: str | Mapping[str, str] | None = None
    re_ask: bool | None = None
    ping: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """A model that `mangaops.fm` does not know yet; `takes` are names of `fm` Capability."""

    name: str
    context_tokens: int
    max_output_tokens: int
    takes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Where something stands in mangaops.yaml, and the line itself."""

    place: Place
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelClient:
    """How models are called. `intents` are by name, `*` those without an entry of their own.

    `models` are by base id, and come to those that the client knows.
    `breaker` and `retry` hold only what is written, by the names of `fm.BreakerConfig` and
    `fm.RetryConfig`. `profiles` say which model an application inference profile is of, by
    its ARN. `human_link` is where people get help when no model answers. `written` has the
    place of each intent.
    """

    intents: Mapping[str, IntentCalls] = field(default_factory=dict)
    breaker: Mapping[str, Any] = field(default_factory=dict)
    retry: Mapping[str, Any] = field(default_factory=dict)
    models: Mapping[str, ModelFacts] = field(default_factory=dict)
    profiles: Mapping[str, str] = field(default_factory=dict)
    human_link: str | None = None
    written: Mapping[str, Written] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where a command works. `endpoint_url` replaces every AWS endpoint when set.

    `parameters` are a runbook's parameters by runbook name; `*` holds for all.
    `protected` makes changes ask for a typed name. `account` is refused when it
    is set and the credentials belong to another one. `lock_table` is the DynamoDB table
    that keeps two operators from changing one target at once. Prices are in US dollars.
    `written` has the place of each (runbook, parameter), and of (runbook, "").
    """

    name: str = "default"
    region: str | None = None
    profile: str | None = None
    account: str | None = None
    endpoint_url: str | None = None
    cache_url: str | None = None
    protected: bool = False
    resources: Mapping[str, str] = field(default_factory=lambda: DEFAULT_RESOURCES)
    parameters: Mapping[str, Mapping[str, ParameterValue]] = field(default_factory=dict)
    runbook_folders: tuple[str, ...] = ()
    log_price_per_gb: float = 0.0076
    ocu_price_per_hour: float | None = None
    lock_table: str | None = None
    guardrails: Guardrails = field(default_factory=Guardrails)
    benchmarks: Benchmarks = field(default_factory=Benchmarks)
    model_client: ModelClient = field(default_factory=ModelClient)
    written: Mapping[tuple[str, str], Written] = field(
        default_factory=dict, compare=False, repr=False
    )
