"""The configuration file -> `Settings`, or the first thing that is wrong with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

from mangaops.config.benchmarks import BenchmarksPart, BudgetPart, PricePart, benchmarks
from mangaops.config.guardrails import FreezePart, GuardrailsPart, Text, guardrails
from mangaops.config.model_client import (
    BreakerPart,
    IntentPart,
    ModelClientPart,
    ModelPart,
    PlacePart,
    RetryPart,
    model_client,
)
from mangaops.config.model_client_sense import senseless
from mangaops.config.values import Account, CacheUrl, EndpointUrl, Region
from mangaops.errors import InputError, nearest
from mangaops.model.runbook import ParameterValue
from mangaops.model.settings import DEFAULT_RESOURCES, Environment, Written
from mangaops.model.site import DEFAULT_NAME
from mangaops.runbook.check import findings_of, keys_of
from mangaops.runbook.configured import misconfigurations
from mangaops.runbook.finding import Finding, config_error, placed
from mangaops.runbook.library import Library
from mangaops.runbook.strict_yaml import Document, StrictYamlError, parse, read_file
from mangaops.runbook.strict_yaml import Path as Way

SCHEMA = "mangaops.config/1"
RESERVED = "sandbox"
"""`--env sandbox` is the sandbox that runs, whatever the file says."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _EnvironmentPart(_Part):
    region: Region | None = None
    profile: Text | None = None
    account: Account | None = None
    endpoint_url: EndpointUrl | None = None
    cache_url: CacheUrl | None = None
    protected: StrictBool = False
    resources: dict[str, StrictStr] = {}
    parameters: dict[
        str, dict[str, StrictBool | StrictInt | StrictFloat | StrictStr | list[StrictStr]]
    ] = {}
    runbooks: list[Text] = []
    log_price_per_gb: StrictFloat | StrictInt = Field(0.0076, ge=0)
    ocu_price_per_hour: StrictFloat | StrictInt | None = Field(None, ge=0)
    lock_table: Text | None = None
    guardrails: GuardrailsPart = Field(default_factory=lambda: GuardrailsPart.model_validate({}))
    benchmarks: BenchmarksPart = Field(default_factory=lambda: BenchmarksPart.model_validate({}))
    fm: ModelClientPart = Field(default_factory=lambda: ModelClientPart.model_validate({}))


class _FilePart(_Part):
    schema_: Literal["mangaops.config/1"] = Field(alias="schema")
    default: StrictStr | None = None
    environments: dict[str, _EnvironmentPart] = Field(min_length=1)


_NAMES = {1, 4}
"""Where names stand in a path, and the numbers of a list's items: any will do."""
_PARTS: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): _FilePart,
    ("environments", "*"): _EnvironmentPart,
    ("environments", "*", "guardrails"): GuardrailsPart,
    ("environments", "*", "guardrails", "freeze", "*"): FreezePart,
    ("environments", "*", "benchmarks"): BenchmarksPart,
    ("environments", "*", "benchmarks", "budgets", "*"): BudgetPart,
    ("environments", "*", "benchmarks", "prices", "*"): PricePart,
    ("environments", "*", "fm"): ModelClientPart,
    ("environments", "*", "fm", "intents", "*"): IntentPart,
    ("environments", "*", "fm", "intents", "*", "model"): PlacePart,
    ("environments", "*", "fm", "intents", "*", "alternates", "*"): PlacePart,
    ("environments", "*", "fm", "intents", "*", "backups", "*"): PlacePart,
    ("environments", "*", "fm", "models", "*"): ModelPart,
    ("environments", "*", "fm", "breaker"): BreakerPart,
    ("environments", "*", "fm", "retry"): RetryPart,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All environments; `default` is used when none is named. `path` None: no file at all."""

    environments: Mapping[str, Environment]
    default: str
    path: Path | None = None

    def environment(self, name: str) -> Environment:
        """The named environment; raises InputError with the nearest name."""
        if name in self.environments:
            return self.environments[name]
        known = ", ".join(self.environments)
        hint = nearest(name, self.environments) or f"environments: {known}"
        where = str(self.path) if self.path else "--env (there is no configuration file)"
        raise InputError(f'no environment is named "{name}"', where=where, hint=hint)


def load_settings(
    path: Path | None, library: Callable[[Environment], Library | None] = lambda _: None
) -> Settings:
    """The settings of a file, or the defaults without one; raises ConfigError.

    Types are told first, then names. Where a name is wrong, so are the parameters told that
    the runbooks of `library` do not have: one answer holds all that is to be mended.
    """
    if path is None:
        environment = Environment(name=DEFAULT_NAME)
        return Settings(environments={DEFAULT_NAME: environment}, default=DEFAULT_NAME)
    try:
        document = parse(read_file(path), str(path))
    except StrictYamlError as error:
        raise config_error([error.finding]) from None
    try:
        part = _FilePart.model_validate(document.data)
    except ValidationError as error:
        found = findings_of(document, error, _keys)
        raise config_error(map(_sent_home, found)) from None
    environments = {
        name: _environment(name, one, path.parent, document)
        for name, one in part.environments.items()
    }
    wrong = tuple(_wrong_names(document, part))
    if wrong:
        raise config_error([*wrong, *_wrong_parameters(environments.values(), library)])
    return Settings(
        environments=environments, default=part.default or next(iter(environments)), path=path
    )


def _wrong_parameters(
    environments: Iterable[Environment], library: Callable[[Environment], Library | None]
) -> Iterator[Finding]:
    for environment in environments:
        runbooks = library(environment) if environment.parameters else None
        if runbooks is not None:
            yield from placed(environment, misconfigurations(environment, runbooks))


def _environment(
    name: str, part: _EnvironmentPart, folder: Path, document: Document
) -> Environment:
    return Environment(
        name=name,
        region=part.region,
        profile=part.profile,
        account=part.account,
        endpoint_url=part.endpoint_url,
        cache_url=part.cache_url,
        protected=part.protected,
        resources={**DEFAULT_RESOURCES, **part.resources},
        parameters={
            runbook: {key: _value(value) for key, value in values.items()}
            for runbook, values in part.parameters.items()
        },
        runbook_folders=tuple(str(folder / one) for one in part.runbooks),
        log_price_per_gb=float(part.log_price_per_gb),
        ocu_price_per_hour=_price(part.ocu_price_per_hour),
        lock_table=part.lock_table,
        guardrails=guardrails(part.guardrails),
        benchmarks=benchmarks(part.benchmarks),
        model_client=replace(model_client(part.fm), written=_written_intents(document, name, part)),
        written=_written(document, name, part),
    )


def _written_intents(document: Document, name: str, part: _EnvironmentPart) -> dict[str, Written]:
    places = {
        intent: document.key_place(("environments", name, "fm", "intents", intent))
        for intent in part.fm.intents
    }
    return {
        intent: Written(place=place, line=document.line(place)) for intent, place in places.items()
    }


def _written(
    document: Document, name: str, part: _EnvironmentPart
) -> dict[tuple[str, str], Written]:
    """Where runbooks and their parameters stand: what is wrong with them is found later."""
    start: Way = ("environments", name, "parameters")
    found = {}
    for runbook, values in part.parameters.items():
        place = document.key_place((*start, runbook))
        found[runbook, ""] = Written(place=place, line=document.line(place))
        for key in values:
            place = document.key_place((*start, runbook, key))
            found[runbook, key] = Written(place=place, line=document.line(place))
    return found


def _price(price: float | None) -> float | None:
    return None if price is None else float(price)


def _value(value: Any) -> ParameterValue:
    return tuple(value) if isinstance(value, list) else value


def _wrong_names(document: Document, part: _FilePart) -> Iterator[Finding]:
    """Names that the form admits and nothing knows."""
    if part.default is not None and part.default not in part.environments:
        place = document.place(("default",))
        hint = nearest(part.default, part.environments)
        yield document.finding("M007", f'no environment "{part.default}"', place, hint=hint)
    if RESERVED in part.environments:
        place = document.key_place(("environments", RESERVED))
        what = f'no environment can be called "{RESERVED}": that is the embedded AWS'
        yield document.finding("M018", what, place, hint="give it another name")
    for name, environment in part.environments.items():
        yield from senseless(document, ("environments", name, "fm"), environment.fm)
        for resource, value in environment.resources.items():
            if resource in DEFAULT_RESOURCES and not value and DEFAULT_RESOURCES[resource]:
                place = document.place(("environments", name, "resources", resource))
                what = f"environments.{name}.resources.{resource} must not be empty"
                hint = f"leave it out, and it is {DEFAULT_RESOURCES[resource]}"
                yield document.finding("M004", what, place, hint=hint)
            if resource not in DEFAULT_RESOURCES:
                place = document.key_place(("environments", name, "resources", resource))
                hint = nearest(resource, DEFAULT_RESOURCES)
                hint = hint or "resources: " + ", ".join(DEFAULT_RESOURCES)
                yield document.finding("M009", f'no resource "{resource}"', place, hint=hint)


def _sent_home(finding: Finding) -> Finding:
    """A key of an environment that stands at the top of the file is told where it belongs."""
    key = finding.line_text.partition(":")[0].strip()
    if finding.rule != "M002" or finding.place.column != 1 or key not in keys_of(_EnvironmentPart):
        return finding
    return replace(finding, hint=f"it goes below an environment: environments.NAME.{key}")


def _keys(path: Way) -> tuple[str, ...]:
    """The keys that are known at a path of the file."""
    form = ("*" if n in _NAMES or isinstance(step, int) else step for n, step in enumerate(path))
    part = _PARTS.get(tuple(form))
    return keys_of(part) if part else ()
