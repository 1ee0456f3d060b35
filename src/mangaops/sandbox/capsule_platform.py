"""Recorded state of ECS, auto scaling, search, parameters, models and Health into a world."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mangaops.model.evidence import Evidence, Row
from mangaops.model.query import EcsEnvironmentQuery, ModelLifecycleQuery, ParameterQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.capsule_putting import Putting, count, fields_of, rows_of, scalar, text
from mangaops.sandbox.past_parameters import parameter_versions
from mangaops.sandbox.services.autoscaling.state import Activity, AutoScalingState
from mangaops.sandbox.services.bedrock import BedrockState, base_id
from mangaops.sandbox.services.ecs.history import past_deployment
from mangaops.sandbox.services.ecs.state import EcsState, Event, Service, StopCode, Task
from mangaops.sandbox.services.health import HealthEvent, HealthState
from mangaops.sandbox.services.opensearchserverless import EF_SEARCH, SearchState
from mangaops.sandbox.services.opensearchserverless.state import Generation, Limits

_UNKNOWN_VALUE = "recorded without its value"


def _service(putting: Putting) -> Service:
    ecs = putting.world.state(EcsState)
    return ecs.service(DEFAULT_RESOURCES["cluster"], DEFAULT_RESOURCES["service"])


def put_service(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    """Its deployments and events; the sandbox's service always runs what it wants."""
    ecs, service, fields = putting.world.state(EcsState), _service(putting), fields_of(item)
    service.desired = count(scalar(fields, "desired"), service.desired)
    if scalar(fields, "running") != scalar(fields, "desired"):
        putting.not_served(declaration, "a number of running tasks that is not the desired one")
    deployments = sorted(
        rows_of(fields.get("deployments")), key=lambda r: count(r.get("created_at"))
    )
    for row in deployments:
        if row.get("rollout") != "COMPLETED":
            putting.not_served(
                declaration, f"a deployment that is {row.get('rollout')}, told as completed"
            )
        begun, ended = putting.at(row.get("created_at")), putting.at(row.get("updated_at"))
        made = past_deployment(ecs, service, begun, took=max(timedelta(0), ended - begun))
        made.id = text(row.get("id"), made.id)
    service.events[:] = [
        Event(id=ecs.hex_id(), at=putting.at(row.get("at")), message=text(row.get("message")))
        for row in rows_of(fields.get("events"))
    ]


def put_stopped(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    del declaration
    ecs, service = putting.world.state(EcsState), _service(putting)
    ecs.tasks[:] = [task for task in ecs.tasks if task.stopped_at is None]
    ecs.tasks += [_stopped(putting, service, row) for row in rows_of(item.value)]


def _stopped(putting: Putting, service: Service, row: Row) -> Task:
    at, code = putting.at(row.get("stopped_at")), row.get("code")
    return Task(
        id=text(row.get("task")),
        cluster=service.cluster,
        service=service.name,
        deployment=service.primary.id,
        definition=service.primary.definition,
        created_at=at - timedelta(hours=1),
        started_at=at - timedelta(hours=1),
        stopping_at=at,
        stopped_at=at,
        code=StopCode(code) if code in list(StopCode) else None,
        reason=None if row.get("reason") is None else text(row["reason"]),
        exit_code=None if row.get("exit_code") is None else count(row["exit_code"]),
    )


def put_environment(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    query, service = declaration.query, _service(putting)
    if not isinstance(query, EcsEnvironmentQuery):
        raise TypeError(declaration.id)
    variables = [{"name": row["name"], "value": row["value"]} for row in rows_of(item.value)]
    for revisions in putting.world.state(EcsState).definitions.values():
        for definition in revisions:
            if definition.arn == service.primary.definition:
                definition.body = _with_variables(definition.body, query.container, variables)


def _with_variables(
    body: Mapping[str, Any], container: str, variables: list[Any]
) -> dict[str, Any]:
    containers = [
        {**one, "environment": variables} if one["name"] == container else one
        for one in body["containerDefinitions"]
    ]
    return {**body, "containerDefinitions": containers}


def put_scaling(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    del declaration
    state, fields = putting.world.state(AutoScalingState), fields_of(item)
    if not scalar(fields, "exists"):
        state.targets.clear()
        state.policies.clear()
        return
    for key, target in state.targets.items():
        target.minimum = count(scalar(fields, "min"), target.minimum)
        target.maximum = count(scalar(fields, "max"), target.maximum)
        suspended = bool(scalar(fields, "scale_in_suspended"))
        target.suspended = {**target.suspended, "DynamicScalingInSuspended": suspended}
        for row in rows_of(fields.get("activities")):
            at, cause = putting.at(row.get("at")), text(row.get("cause"))
            state.note(
                Activity(
                    id=state.uuid(),
                    key=key,
                    description=cause,
                    cause=cause,
                    at=at,
                    capacity=0,
                    ended=at,
                )
            )


def put_index(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    del declaration
    ef_search = scalar(fields_of(item), "ef_search")
    if ef_search is not None:
        indexes = putting.world.state(SearchState).indexes
        indexes[DEFAULT_RESOURCES["index"]].settings[EF_SEARCH] = str(count(ef_search))


def put_capacity(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    state, fields = putting.world.state(SearchState), fields_of(item)
    if scalar(fields, "grouped") is False:
        state.ungroup(DEFAULT_RESOURCES["collection"])
    group = state.group(DEFAULT_RESOURCES["collection_group"])
    limits = ("min_indexing", "max_indexing", "min_search", "max_search")
    known = {name: scalar(fields, name) for name in limits}
    if all(isinstance(value, int | float) for value in known.values()):
        group.limits = Limits(**{name: float(value or 0) for name, value in known.items()})
        group.generation = Generation(text(scalar(fields, "generation"), group.generation.value))
    if (current := scalar(fields, "current_search")) is not None:
        state.use_ocu(group.name, search=float(current), now=putting.world.now())
    if (most := scalar(fields, "account_max_search")) is not None:
        state.max_search_ocu = count(most)
    if item.detail:
        putting.not_served(declaration, f"what was missing of it then: {item.detail}")


def put_parameter(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    """Every version that was recorded, with its number and time."""
    query, fields = declaration.query, fields_of(item)
    if not isinstance(query, ParameterQuery):
        raise TypeError(declaration.id)
    newest = {name: scalar(fields, name) for name in ("version", "value", "modified_at")}
    versions = sorted(rows_of(fields.get("history")), key=lambda row: count(row.get("version")))
    if item.value is not None:
        write_parameter(putting, query.name, versions or [newest])
    elif query.name in parameter_versions(putting.world):
        putting.client("ssm").delete_parameter(Name=query.name)


def write_parameter(putting: Putting, name: str, versions: list[Any], *, anew: bool = True) -> None:
    """These versions, in place of all that there are or behind them."""
    client = putting.client("ssm")
    if anew and name in parameter_versions(putting.world):
        client.delete_parameter(Name=name)
    for row in versions:
        client.put_parameter(
            Name=name,
            Value=text(row.get("value")) or _UNKNOWN_VALUE,
            Type="SecureString" if row.get("value") is None else "String",
            Overwrite=True,
        )
        with putting.world.lock:
            written = parameter_versions(putting.world)[name][-1]
            written.version = count(row.get("version"), written.version)
            if row.get("modified_at") is not None:
                written.last_modified_date = putting.at(row["modified_at"]).replace(tzinfo=None)


def put_models(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    """The models that the parameters name, alive or gone as they were."""
    query, rows = declaration.query, rows_of(item.value)
    if not isinstance(query, ModelLifecycleQuery):
        raise TypeError(declaration.id)
    state, now = putting.world.state(BedrockState), putting.world.now()
    for row in rows:
        model = text(row.get("model_id"))
        if base_id(model) not in state.models:
            putting.not_served(declaration, f"model {model}, which the sandbox does not have")
        elif not row.get("found"):
            state.retire(model, at=now - timedelta(hours=1))
        elif row.get("status") == "LEGACY":
            end = row.get("end_of_life")
            ends = None if end is None else putting.at(end)
            state.make_legacy(model, legacy_from=now - timedelta(days=1), end_of_life=ends)
    names = [name for name in query.models if name.startswith("/")]
    if len(names) == len(rows):
        for name, row in zip(names, rows, strict=True):
            write_parameter(putting, name, [{"value": row.get("model_id")}])


def put_health(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    del declaration
    state = putting.world.state(HealthState)
    for row in rows_of(item.value):
        started = putting.at(row.get("started_at"))
        state.events.append(
            HealthEvent(
                arn=text(row.get("arn")),
                service=text(row.get("service")),
                type_code=text(row.get("type")),
                region="global" if row.get("region") == "global" else putting.world.region,
                started_at=started,
                updated_at=started,
                description=text(row.get("description")),
            )
        )
