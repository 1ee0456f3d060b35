"""From an environment to the client's configuration: what is written, over the client's own.

Short names (`sonnet`, `haiku`) become what their SSM parameters say, read when they are
needed. Without any `fm:` the routes are MangaAssist's, with the models of those parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mangaops.errors import AwsNotFound, InputError, MangaopsError, nearest
from mangaops.fm.config import OTHERS, Config, IntentPolicy
from mangaops.fm.defaults import HAIKU, SONNET, elsewhere, manga_assist
from mangaops.fm.requests.registry import (
    DEFAULT_MODELS,
    Capability,
    ModelSpec,
    Registry,
)
from mangaops.fm.retry.budget import RatioBudget
from mangaops.fm.target import Target
from mangaops.model.model_ids import base_id_of, is_application_profile, is_opaque, is_profile
from mangaops.model.settings import DEFAULT_REGION, IntentCalls, ModelPlace

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.model.settings import Environment, ModelClient

PROBE = "probe"
"""The intent of a probe that names none: it has the policy of `*`."""
OTHER = "other"
"""What a model is called that nobody described."""
_WRITTEN = "--model ID, or the id below fm.intents in mangaops.yaml"
_CONTEXT, _MOST_OUT = 200_000, 4096
"""Of a model that nobody described: what all of its kind have at least."""
_REGION = 3
"""Which part of an ARN it is."""
_USUAL = {"sonnet": SONNET, "haiku": HAIKU}
_LIMITS = {"first_token_s": "first_token", "idle_s": "idle"}
_FIGURES = {
    "max_tokens": "max_tokens",
    "input_tokens": "input_tokens",
    "deadline_s": "deadline",
    "template": "template",
    "re_ask": "re_ask",
}
"""What an intent's entry calls the fields of a policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """Policies of intents in one region. `named` gives the id behind a short name; where it
    raises MangaopsError for another way than the first, that one is left out and told to `note`.
    """

    settings: ModelClient
    region: str
    short: frozenset[str]
    named: Callable[[str], str]
    note: Callable[[str], None]

    def policy(self, intent: str, model: str | None = None) -> IntentPolicy:
        """How calls of an intent are made here; `model` replaces its first choice."""
        own = manga_assist(sonnet="sonnet", haiku="haiku", region=self.region).policy(intent)
        calls = self._calls(intent)
        place = calls.model if model is None else ModelPlace(model=model)
        first = self._target(place or _place(own.route))
        backups = calls.backups if calls.backups is not None else map(_place, own.backups)
        note = self.note if model is None and calls.backups is not None else _silent
        beside = _only(self._known(backups), first, same=False, note=note)
        ways = self._alternates(calls, first, self.note if model is None else _silent)
        policy = replace(own, route=first, alternates=_each(ways), backups=_each(beside))
        return _with_figures(policy, calls)

    def _alternates(
        self, calls: IntentCalls, first: Target, note: Callable[[str], None]
    ) -> list[Target]:
        """What is written replaces the client's own; where nothing of it can be meant, the ways
        that are missed for it are told.
        """
        own = list(elsewhere(first.model_id, first.region))
        if calls.alternates is None:
            return own
        ways = _only(self._known(calls.alternates), first, same=True, note=note)
        for one in own if calls.alternates and not ways else ():
            note(f"what is written below alternates replaces the client's own: {one} is not asked")
        return ways

    def is_written(self, intent: str, model: str | None = None) -> bool:
        """Whether the first choice's id was typed or configured; else a parameter says it."""
        calls = self._calls(intent)
        first = ModelPlace(model=model) if model is not None else calls.model
        return first is not None and first.model not in self.short

    def _calls(self, intent: str) -> IntentCalls:
        written = self.settings.intents.get(intent) or self.settings.intents.get(OTHERS)
        return written or IntentCalls()

    def _known(self, places: Iterable[ModelPlace]) -> Iterator[Target]:
        for place in places:
            try:
                yield self._target(place)
            except MangaopsError as error:
                self.note(f"one way less to an answer: {error.what}")

    def _target(self, place: ModelPlace) -> Target:
        model = self.named(place.model) if place.model in self.short else place.model
        return Target(model_id=model, region=place.region or self.region)


def _place(own: Target) -> ModelPlace:
    return ModelPlace(model=own.model_id, region=own.region)


def _same(one: Target, other: Target) -> bool:
    """Whether it is the same model, as far as the ids say it."""
    opaque = is_opaque(one.model_id) or is_opaque(other.model_id)
    return not opaque and base_id_of(one.model_id) == base_id_of(other.model_id)


def _only(
    ways: Iterable[Target], first: Target, *, same: bool, note: Callable[[str], None]
) -> list[Target]:
    """Those to the same model as the first choice, or to others; what is left out is noted."""
    found = []
    for one in ways:
        if _same(one, first) is same and one != first:
            found.append(one)
            continue
        kind = "alternate" if same else "backup"
        why = "another model than" if same else "the same model as"
        told = "the first choice itself" if one == first else f"{why} the first choice"
        note(f"one way less to an answer: {kind} {one} is {told}")
    return found


def _silent(_: str) -> None: ...


def _each(targets: Iterable[Target]) -> tuple[Target, ...]:
    return tuple(dict.fromkeys(targets))


def config_of(
    environment: Environment,
    intent: str,
    policy: IntentPolicy,
    resolve: Callable[[str], str | None] | None = None,
) -> Config:
    """A client's configuration for calls of one intent; `resolve` finds the model behind an
    ARN that does not say it.
    """
    settings = environment.model_client
    ours = manga_assist()
    return replace(
        ours,
        intents={OTHERS: policy, intent: policy},
        models=_registry(settings, policy, resolve),
        breaker=replace(ours.breaker, **dict(settings.breaker)),
        retry=replace(ours.retry, budget=RatioBudget(), **dict(settings.retry)),
        human_link=settings.human_link or ours.human_link,
    )


def routes_of(environment: Environment, aws: Aws, note: Callable[[str], None]) -> Routes:
    known: dict[str, str] = {}

    def named(name: str) -> str:
        if name not in known:
            known[name] = id_of(environment, aws, name, hint=_WRITTEN)
        return known[name]

    return Routes(
        settings=environment.model_client,
        region=aws.region,
        short=short_names(environment),
        named=named,
        note=note,
    )


def every_target(environment: Environment) -> tuple[Target, ...]:
    """All that any intent may come to ask; nothing is read, so a short name stands beside the
    model that it usually is.
    """
    region, used = environment.region or DEFAULT_REGION, set[str]()

    def named(name: str) -> str:
        used.add(name)
        return _USUAL[name]

    routes = Routes(
        settings=environment.model_client,
        region=region,
        short=short_names(environment),
        named=named,
        note=lambda _: None,
    )
    found: dict[Target, None] = {}
    for intent in intents_of(environment):
        policy = routes.policy(intent)
        found |= dict.fromkeys((policy.route, *policy.alternates, *policy.backups))
    return (*found, *(Target(model_id=name, region=region) for name in sorted(used)))


def profile_of(model_id: str) -> str | None:
    """The inference profile that MangaAssist calls this model by, where its own id is written."""
    if is_profile(model_id) or is_opaque(model_id):
        return None
    return next((one for one in (SONNET, HAIKU) if base_id_of(one) == base_id_of(model_id)), None)


def short_names(environment: Environment) -> frozenset[str]:
    """Names whose model an SSM parameter says."""
    return frozenset(name for name in _USUAL if f"{name}_parameter" in environment.resources)


def intents_of(environment: Environment) -> tuple[str, ...]:
    """The client's own and those of the configuration; `probe` stands for the others."""
    names = dict.fromkeys((*manga_assist().intents, *environment.model_client.intents, PROBE))
    return tuple(name for name in names if name != OTHERS)


def refuse_unknown_intent(environment: Environment, intent: str) -> None:
    """Raises InputError with the nearest name."""
    known = [name for name in intents_of(environment) if name != PROBE]
    if intent not in (*known, PROBE):
        hint = nearest(intent, known) or f"intents: {', '.join(known)}"
        raise InputError(f"no intent is named `{intent}`", where="--intent", hint=hint)


def odd_intents(environment: Environment) -> Iterator[str]:
    """Configured intents whose name is almost one of the client's own: each with its place."""
    settings, own = environment.model_client, manga_assist().intents
    for name, written in settings.written.items():
        meant = "" if name in own else nearest(name, own)
        if meant:
            yield f"{written.place}: `{name}` is an intent of its own; {meant}"


def _with_figures(policy: IntentPolicy, calls: IntentCalls) -> IntentPolicy:
    limits = replace(policy.limits, **_said(calls, _LIMITS))
    longest = max(limits.total, limits.first_token)  # what waits for it may take as long
    return replace(policy, **_said(calls, _FIGURES), limits=replace(limits, total=longest))


def _said(calls: IntentCalls, names: Mapping[str, str]) -> dict[str, Any]:
    found = {field: getattr(calls, name) for name, field in names.items()}
    return {field: value for field, value in found.items() if value is not None}


def _registry(
    settings: ModelClient, policy: IntentPolicy, resolve: Callable[[str], str | None] | None
) -> Registry:
    """The client's own models and those that are configured; a model that is asked for and in
    neither is one of which only the least is known.
    """
    written = [
        ModelSpec(
            base_id=base,
            name=facts.name,
            context_tokens=facts.context_tokens,
            max_output_tokens=facts.max_output_tokens,
            capabilities=frozenset(map(Capability, facts.takes)),
        )
        for base, facts in settings.models.items()
    ]
    known = Registry((*DEFAULT_MODELS, *written), profiles=settings.profiles, resolve=resolve)
    missing = [
        ModelSpec(
            base_id=base_id_of(one.model_id),
            name=OTHER,
            context_tokens=_CONTEXT,
            max_output_tokens=_MOST_OUT,
        )
        for one in (policy.route, *policy.alternates, *policy.backups)
        if known.of(one.model_id) is None
    ]
    return Registry((*known, *missing), profiles=settings.profiles, resolve=resolve)


def model_behind(aws: Aws, note: Callable[[str], None]) -> Callable[[str], str | None]:
    """Asks AWS for the model of an application inference profile, once for each. What cannot be
    looked up is told to `note`.
    """
    from mangaops.aws.bedrock import BedrockGateway  # noqa: PLC0415 - not where ids say it

    found: dict[str, str | None] = {}

    def behind(arn: str) -> str | None:
        if not is_application_profile(arn):
            return None
        if arn not in found:
            gateway = BedrockGateway(aws, region=arn.split(":")[_REGION])
            try:
                found[arn] = next(iter(gateway.profile_models(arn)), None)
            except MangaopsError as error:
                found[arn] = None
                note(f"which model {arn} is of could not be looked up: {error.what}")
        return found[arn]

    return behind


def id_of(environment: Environment, aws: Aws, name: str, *, hint: str) -> str:
    """The id behind a model's short name, by its SSM parameter.

    Raises InputError where the parameter is not there or not to be read, AwsError else.
    """
    from mangaops.aws.ssm import SsmGateway  # noqa: PLC0415 - not where ids are written

    parameter = environment.resources[f"{name}_parameter"]
    try:
        value = SsmGateway(aws).parameter(parameter).value
    except AwsNotFound as error:
        what = f"the parameter that says which model `{name}` is does not exist"
        raise InputError(what, where=parameter, hint=hint) from error
    if not value:
        raise InputError("the parameter has no readable value", where=parameter, hint=hint)
    return value
