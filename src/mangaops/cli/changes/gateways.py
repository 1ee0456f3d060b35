"""Wiring of remedies: a name -> the remedy with its gateways, made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import MappingProxyType
from typing import Any, TypeAlias

from mangaops.aws.session import Aws
from mangaops.cli.context import AppContext
from mangaops.errors import InputError
from mangaops.model.settings import Environment
from mangaops.remedy.action import Remedy

Made: TypeAlias = Remedy[Any]
"""A remedy is asked with the request of its own options, which are found by the same name."""


class Remedies:
    """The remedies over one way into AWS. What must be closed is, at the end of `closing`."""

    def __init__(
        self, aws: Aws, environment: Environment, app: AppContext, closing: ExitStack
    ) -> None:
        self.aws = aws
        self.environment = environment
        self.app = app
        self.closing = closing
        self._made: dict[str, Made] = {}

    def of(self, name: str) -> Made:
        """The remedy of this name, as in `model.request.REMEDIES`, made once.

        Raises InputError for another name, as a plan that was made by hand may have.
        """
        if name not in _MAKERS:
            what = f"`{name[:60]}` is no remedy of this version of mangaops"
            raise InputError(what, where="the plan", hint=f"remedies: {', '.join(_MAKERS)}")
        if name not in self._made:
            self._made[name] = _MAKERS[name](self)
        return self._made[name]


def _rollback_prompt(parts: Remedies) -> Made:
    from mangaops.aws.dynamodb_changes import DynamoChanges  # noqa: PLC0415 - only what is asked
    from mangaops.remedy.actions.prompts.rollback_prompt import RollbackPromptRemedy  # noqa: PLC0415 - so

    return RollbackPromptRemedy(
        prompts=DynamoChanges(parts.aws), environment=parts.environment, clock=parts.app.clock
    )


def _invalidate_cache(parts: Remedies) -> Made:
    from mangaops.aws.cache_changes import CacheChanges  # noqa: PLC0415 - only what is asked for
    from mangaops.aws.dynamodb import DynamoGateway  # noqa: PLC0415 - as above
    from mangaops.remedy.actions.cache.invalidate_cache import InvalidateCacheRemedy  # noqa: PLC0415 - so

    app, url = parts.app, parts.environment.cache_url
    cache = None
    if url:
        cache = CacheChanges(url, monotonic=app.monotonic, read_only=app.read_only)
        parts.closing.callback(cache.close)
    return InvalidateCacheRemedy(
        cache=cache,
        stock=DynamoGateway(parts.aws),
        environment=parts.environment,
        clock=app.clock,
        sleep=app.sleep,
    )


def _raise_ocu(parts: Remedies) -> Made:
    from mangaops.aws.opensearch_changes import SearchChanges  # noqa: PLC0415 - only what is asked
    from mangaops.remedy.actions.search.raise_ocu import RaiseOcuRemedy  # noqa: PLC0415 - as above

    search = SearchChanges(parts.aws, clock=parts.app.clock)
    return RaiseOcuRemedy(search=search, environment=parts.environment)


def _scale_out(parts: Remedies) -> Made:
    from mangaops.aws.autoscaling import AutoScalingGateway  # noqa: PLC0415 - only what is asked
    from mangaops.aws.ecs import EcsGateway  # noqa: PLC0415 - as above
    from mangaops.remedy.actions.ecs.scale_out import ScaleOutRemedy  # noqa: PLC0415 - as above

    ecs, scaling = EcsGateway(parts.aws), AutoScalingGateway(parts.aws)
    return ScaleOutRemedy(ecs=ecs, scaling=scaling, environment=parts.environment)


def _set_env(parts: Remedies) -> Made:
    from mangaops.aws.ecs import EcsGateway  # noqa: PLC0415 - only what is asked for
    from mangaops.remedy.actions.ecs.set_env import SetEnvRemedy  # noqa: PLC0415 - as above

    return SetEnvRemedy(ecs=EcsGateway(parts.aws), environment=parts.environment)


def _restart_service(parts: Remedies) -> Made:
    from mangaops.aws.ecs import EcsGateway  # noqa: PLC0415 - only what is asked for
    from mangaops.remedy.actions.ecs.restart_service import RestartServiceRemedy  # noqa: PLC0415 - so

    return RestartServiceRemedy(ecs=EcsGateway(parts.aws), environment=parts.environment)


def _set_parameter(parts: Remedies) -> Made:
    from mangaops.aws.ssm import SsmGateway  # noqa: PLC0415 - only what is asked for
    from mangaops.remedy.actions.parameters.set_parameter import SetParameterRemedy  # noqa: PLC0415 - so

    return SetParameterRemedy(parameters=SsmGateway(parts.aws), environment=parts.environment)


def _prewarm_search(parts: Remedies) -> Made:
    from mangaops.aws.opensearch import SearchGateway  # noqa: PLC0415 - only what is asked for
    from mangaops.aws.opensearch_data import SearchDataPlane  # noqa: PLC0415 - as above
    from mangaops.remedy.actions.search.prewarm_search import PrewarmSearchRemedy  # noqa: PLC0415 - so

    return PrewarmSearchRemedy(
        search=SearchGateway(parts.aws),
        data=SearchDataPlane(parts.aws),
        environment=parts.environment,
        monotonic=parts.app.monotonic,
    )


def _enable_invalidation(parts: Remedies) -> Made:
    from mangaops.aws.dynamodb_changes import DynamoChanges  # noqa: PLC0415 - only what is asked
    from mangaops.aws.lambda_ import LambdaGateway  # noqa: PLC0415 - as above
    from mangaops.remedy.actions.streams.enable_invalidation import (  # noqa: PLC0415 - as above
        EnableInvalidationRemedy,
    )

    return EnableInvalidationRemedy(
        tables=DynamoChanges(parts.aws),
        functions=LambdaGateway(parts.aws),
        environment=parts.environment,
    )


def _request_quota(parts: Remedies) -> Made:
    from mangaops.aws.quotas import QuotaGateway  # noqa: PLC0415 - only what is asked for
    from mangaops.aws.ssm import SsmGateway  # noqa: PLC0415 - as above
    from mangaops.remedy.actions.quotas.request_quota import RequestQuotaRemedy  # noqa: PLC0415 - so

    return RequestQuotaRemedy(
        quotas=QuotaGateway(parts.aws),
        parameters=SsmGateway(parts.aws),
        environment=parts.environment,
    )


_MAKERS: Mapping[str, Callable[[Remedies], Made]] = MappingProxyType(
    {
        "rollback-prompt": _rollback_prompt,
        "invalidate-cache": _invalidate_cache,
        "raise-ocu": _raise_ocu,
        "scale-out": _scale_out,
        "set-env": _set_env,
        "restart-service": _restart_service,
        "set-parameter": _set_parameter,
        "route": _set_parameter,
        "flash-sale-mode": _set_parameter,
        "prewarm-search": _prewarm_search,
        "enable-invalidation": _enable_invalidation,
        "request-quota": _request_quota,
    }
)
