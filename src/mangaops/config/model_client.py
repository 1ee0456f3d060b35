"""The form of `fm:` in mangaops.yaml: how models are called, intent by intent.

What is not written is as `mangaops.fm` has it. A model is its short name, an id, the id of an
inference profile or an ARN; with a region of its own it is written `{model: ..., region: ...}`.
An intent's entry replaces single figures, `alternates` and `backups` as a whole. `*` holds for
intents that have no entry of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from mangaops.config.benchmarks import Number
from mangaops.config.values import Region
from mangaops.model.settings import IntentCalls, ModelClient, ModelFacts, ModelPlace
from mangaops.runbook.format import Duration

LONGEST_PING = 200
"""Characters: a probe is to cost next to nothing."""


def _bare(value: str) -> str:
    if any(map(str.isspace, value)):
        raise ValueError("must be a model's name, id or ARN, without spaces")
    return value


def _link(value: str) -> str:
    if not value.startswith(("https://", "http://", "mailto:", "tel:")) or any(
        map(str.isspace, value)
    ):
        raise ValueError("must be a link such as https://example.com/help")
    return value


def _template(value: Any) -> Any:
    """All that can be wrong at once: the members of a union would each complain."""
    if not isinstance(value, str | dict):
        raise ValueError("must be text, or a text for each language (`en: ...`)")  # noqa: TRY004 - pydantic takes it
    texts = value.values() if isinstance(value, dict) else [value]
    if not value or not all(isinstance(text, str) and text for text in texts):
        raise ValueError("must not be empty, and each language's a text")
    return value


Share: TypeAlias = Annotated[Number, Field(gt=0, le=1, allow_inf_nan=False)]
Count: TypeAlias = Annotated[StrictInt, Field(ge=1)]
ModelName: TypeAlias = Annotated[StrictStr, Field(min_length=1), AfterValidator(_bare)]
Text: TypeAlias = Annotated[StrictStr, Field(min_length=1)]
Template: TypeAlias = Annotated[StrictStr | dict[StrictStr, StrictStr], BeforeValidator(_template)]
Ping: TypeAlias = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_PING)]
Capability: TypeAlias = Literal[
    "temperature",
    "top_p",
    "temperature_with_top_p",
    "top_k",
    "prefill",
    "stop_sequences",
    "tools",
    "prompt_cache",
    "count_tokens",
]
"""The names of `fm` Capability; a test compares the two."""
Link: TypeAlias = Annotated[StrictStr, AfterValidator(_link)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlacePart(_Part):
    """Written as a string, it is the model alone."""

    model: ModelName
    region: Region | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_a_string(cls, value: Any) -> Any:
        if not isinstance(value, str | dict | BaseModel):
            raise ValueError("must be a model's name, id or ARN, or a mapping with `region`")  # noqa: TRY004 - pydantic takes it
        return {"model": value} if isinstance(value, str) else value


class IntentPart(_Part):
    model: PlacePart | None = None
    alternates: list[PlacePart] | None = None
    backups: list[PlacePart] | None = None
    max_tokens: Count | None = None
    input_tokens: Count | None = None
    deadline: Duration | None = None
    first_token: Duration | None = None
    idle: Duration | None = None
    template: Template | None = None
    re_ask: StrictBool | None = None
    ping: Ping | None = None


class BreakerPart(_Part):
    """The rules of `fm.BreakerConfig` under the same names; `consecutive: null` is no such rule."""

    window: Duration | None = None
    min_calls: Count | None = None
    failure_rate: Share | None = None
    throttle_rate: Share | None = None
    slow_rate: Share | None = None
    consecutive: Count | None = None
    open_schedule: Annotated[list[Duration], Field(min_length=1)] | None = None
    jitter: Annotated[Number, Field(ge=0, lt=1, allow_inf_nan=False)] | None = None
    probe_lease: Duration | None = None
    successes_to_close: Count | None = None


class RetryPart(_Part):
    max_retries: Annotated[StrictInt, Field(ge=0, le=10)] | None = None
    cap: Duration | None = None
    min_attempt: Duration | None = None


class ModelPart(_Part):
    """What is not in `takes` is not sent to the model."""

    name: ModelName
    context_tokens: Count
    max_output_tokens: Count
    takes: list[Capability] = []


class ModelClientPart(_Part):
    intents: dict[Text, IntentPart] = {}
    models: dict[ModelName, ModelPart] = {}
    breaker: BreakerPart = Field(default_factory=lambda: BreakerPart.model_validate({}))
    retry: RetryPart = Field(default_factory=lambda: RetryPart.model_validate({}))
    profiles: dict[ModelName, ModelName] = {}
    human_link: Link | None = None


def model_client(part: ModelClientPart) -> ModelClient:
    return ModelClient(
        intents={name: _calls(one) for name, one in part.intents.items()},
        breaker=_written(part.breaker, nothing={"consecutive"}),
        retry=_written(part.retry),
        models={
            base: ModelFacts(
                name=one.name,
                context_tokens=one.context_tokens,
                max_output_tokens=one.max_output_tokens,
                takes=tuple(one.takes),
            )
            for base, one in part.models.items()
        },
        profiles=dict(part.profiles),
        human_link=part.human_link,
    )


def _calls(part: IntentPart) -> IntentCalls:
    return IntentCalls(
        model=None if part.model is None else _place(part.model),
        alternates=_places(part.alternates),
        backups=_places(part.backups),
        max_tokens=part.max_tokens,
        input_tokens=part.input_tokens,
        deadline_s=_seconds(part.deadline),
        first_token_s=_seconds(part.first_token),
        idle_s=_seconds(part.idle),
        template=part.template,
        re_ask=part.re_ask,
        ping=part.ping,
    )


def _place(part: PlacePart) -> ModelPlace:
    return ModelPlace(model=part.model, region=part.region)


def _places(parts: list[PlacePart] | None) -> tuple[ModelPlace, ...] | None:
    """An empty list is none at all; no list is the client's own."""
    return None if parts is None else tuple(map(_place, parts))


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _written(part: BaseModel, nothing: set[str] | None = None) -> Mapping[str, Any]:
    """What the file has, durations in seconds; null only where it means something (`nothing`)."""
    written = {name: getattr(part, name) for name in part.model_fields_set}
    return {
        name: _plain(value)
        for name, value in sorted(written.items())
        if value is not None or name in (nothing or ())
    }


def _plain(value: Any) -> Any:
    match value:
        case timedelta():
            return value.total_seconds()
        case list():
            return tuple(map(_plain, value))
        case _:
            return value
