"""What could not be read when a capsule was recorded cannot be read in its sandbox either."""

from __future__ import annotations

from collections.abc import Mapping

from mangaops.model.evidence import Evidence, EvidenceState
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.sandbox.capsule_putting import Putting
from mangaops.sandbox.faults import Kind, Rule
from mangaops.sandbox.services.health import HealthState

_CALLS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "ecs_service": (("ecs", "DescribeServices"),),
    "ecs_stopped_tasks": (("ecs", "ListTasks"),),
    "ecs_environment": (("ecs", "DescribeTaskDefinition"),),
    "scaling_target": (("application-autoscaling", "DescribeScalableTargets"),),
    "parameter": (("ssm", "GetParameter"),),
    "prompt_versions": (("dynamodb", "Scan"),),
    "inventory": (("dynamodb", "BatchGetItem"),),
    "table_stream": (("dynamodb", "DescribeTable"),),
    "event_source": (("lambda", "ListEventSourceMappings"),),
    "search_capacity": (("aoss", "BatchGet*"), ("aoss", "GetAccountSettings")),
    "health_events": (("health", "DescribeEvents"),),
    "bench_comparison": (("s3", "ListObjectsV2"),),
    "model_lifecycle": (("bedrock", "GetFoundationModel"), ("bedrock", "GetInferenceProfile")),
}
"""The calls without which a kind cannot be read, by IAM's names."""

_ALSO: Mapping[str, tuple[str, ...]] = {
    "ecs_service": ("ecs_environment", "recent_changes"),
    "parameter": ("parameter", "model_lifecycle"),
    "prompt_versions": ("recent_changes",),
    "search_capacity": ("index_settings",),
}
"""Kinds that would fail with it, since they make the same call."""

_NO_PLAN = "Business support"


def put_fault(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    """A fault on the kind's calls, or a note where that would spoil what was read."""
    if declaration.kind == "health_events" and _NO_PLAN in item.detail:
        putting.world.state(HealthState).subscribed = False
        return
    calls = _CALLS.get(declaration.kind)
    spoiled = _spoiled(putting, declaration)
    if calls is None or spoiled:
        why = f", since {', '.join(spoiled)} makes the same call" if spoiled else ""
        putting.not_served(declaration, f"that it was {item.state.value}{why}")
        return
    putting.world.faults.add(_rule(service, operation, item) for service, operation in calls)


def _spoiled(putting: Putting, declaration: EvidenceDeclaration) -> list[str]:
    """Other evidence that was read with the same calls."""
    return [
        other.id
        for kind in _ALSO.get(declaration.kind, ())
        for other, item in putting.of_kind(kind)
        if item.state is EvidenceState.OK and other.id != declaration.id
    ]


def _rule(service: str, operation: str, item: Evidence) -> Rule:
    if item.state is EvidenceState.DENIED:
        return Rule(service=service, operation=operation, kind=Kind.DENIED)
    return Rule(
        service=service,
        operation=operation,
        kind=Kind.CUSTOM,
        code="RecordedFailure",
        message=item.detail or "it failed when it was recorded",
    )
