"""Service deployments: the history of a service, in which a rollback is part of what it undoes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.ecs.answers import revision_arn, service_deployment_arn
from mangaops.sandbox.services.ecs.lookup import (
    cluster_arn,
    ecs,
    find_cluster,
    find_service,
    last_part,
    service_arn,
)
from mangaops.sandbox.services.ecs.rollout import breaker_threshold, start_deployment
from mangaops.sandbox.services.ecs.state import Deployment, EcsState, Rollout, Service
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given
from mangaops.sandbox.world import World

LISTED_A_PAGE = 20
MOST_DESCRIBED = 20


def list_deployments(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    params = call.params
    cluster = find_cluster(state, params.get("cluster"))
    service = find_service(cluster, params["service"])
    between = params.get("createdAt", {})
    briefs = [
        _brief(state, service, each)
        for each in service.history
        if each.rolls_back is None
        and ("after" not in between or each.created_at >= between["after"])
        and ("before" not in between or each.created_at <= between["before"])
    ]
    statuses = params.get("status")
    briefs = [brief for brief in briefs if not statuses or brief["status"] in statuses]
    refusal = Fault("InvalidParameterException", "Invalid token.")
    size = params.get("maxResults", LISTED_A_PAGE)
    page, token = page_of(briefs, params.get("nextToken"), size, refusal)
    return given({"serviceDeployments": page, "nextToken": token})


def describe(world: World, call: Call) -> Mapping[str, Any]:
    state = ecs(world, call)
    wanted = call.params["serviceDeploymentArns"]
    if not 0 < len(wanted) <= MOST_DESCRIBED:
        message = "serviceDeploymentArns must have between 1 and 20 elements."
        raise Fault("InvalidParameterException", message)
    found, failures = [], []
    for arn in wanted:
        match = _find(state, arn)
        if match is None:
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(_full(state, *match))
    return {"serviceDeployments": found, "failures": failures}


def stop(world: World, call: Call) -> Mapping[str, Any]:
    """Stop a deployment in progress: back to the last that completed, or just give up."""
    state = ecs(world, call)
    arn = call.params["serviceDeploymentArn"]
    match = _find(state, arn)
    if match is None:
        message = "The specified service deployment cannot be found."
        raise Fault("ServiceDeploymentNotFoundException", message)
    service, deployment = match
    if deployment.rollout is not Rollout.IN_PROGRESS or deployment.superseded:
        raise Fault("ConflictException", "The service deployment is not in progress.")
    now = world.now()
    deployment.rollout = Rollout.FAILED
    deployment.reason = "Service deployment stopped by the user."
    deployment.finished_at = deployment.updated_at = now
    if call.params.get("stopType", "ROLLBACK") == "ROLLBACK":
        for earlier in service.history:
            if earlier.rollout is Rollout.COMPLETED:
                start_deployment(state, service, earlier.definition, now, rolls_back=deployment)
                break
    return {"serviceDeploymentArn": arn}


def _find(state: EcsState, arn: str) -> tuple[Service, Deployment] | None:
    for cluster in state.clusters.values():
        for service in cluster.services.values():
            for deployment in service.history:
                if deployment.key == last_part(arn) and deployment.rolls_back is None:
                    return service, deployment
    return None


def _rollback_of(service: Service, deployment: Deployment) -> Deployment | None:
    return next((each for each in service.history if each.rolls_back == deployment.id), None)


def _status(service: Service, deployment: Deployment) -> str:
    rollback = _rollback_of(service, deployment)
    if rollback is not None:
        match rollback.rollout:
            case Rollout.IN_PROGRESS:
                return "ROLLBACK_IN_PROGRESS"
            case Rollout.COMPLETED:
                return "ROLLBACK_SUCCESSFUL"
            case Rollout.FAILED:
                return "ROLLBACK_FAILED"
    if deployment.superseded or deployment.rollout is Rollout.FAILED:
        return "STOPPED"
    return "SUCCESSFUL" if deployment.rollout is Rollout.COMPLETED else "IN_PROGRESS"


def _brief(state: EcsState, service: Service, deployment: Deployment) -> dict[str, Any]:
    return given(
        {
            "serviceDeploymentArn": service_deployment_arn(state, service, deployment),
            "serviceArn": service_arn(state, service),
            "clusterArn": cluster_arn(state, service.cluster),
            "createdAt": deployment.created_at,
            "startedAt": deployment.created_at,
            "finishedAt": deployment.finished_at,
            "targetServiceRevisionArn": revision_arn(state, service, deployment.revision),
            "status": _status(service, deployment),
            "statusReason": deployment.reason,
        }
    )


def _full(state: EcsState, service: Service, deployment: Deployment) -> dict[str, Any]:
    answer = _brief(state, service, deployment)
    target = answer.pop("targetServiceRevisionArn")
    rollback = _rollback_of(service, deployment)
    source = deployment.source_revision
    answer |= {
        "updatedAt": deployment.updated_at,
        "targetServiceRevision": {"arn": target, "requestedTaskCount": service.desired},
        "sourceServiceRevisions": []
        if source is None
        else [{"arn": revision_arn(state, service, source)}],
        "deploymentConfiguration": service.settings["deploymentConfiguration"],
        "deploymentCircuitBreaker": _breaker(service, deployment),
    }
    if rollback is not None:
        answer["rollback"] = {
            "reason": deployment.reason,
            "startedAt": rollback.created_at,
            "serviceRevisionArn": revision_arn(state, service, rollback.revision),
        }
    return answer


def _breaker(service: Service, deployment: Deployment) -> dict[str, Any]:
    rule = service.settings["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
    failures, threshold = deployment.failed_tasks, breaker_threshold(service)
    if not rule.get("enable"):
        status = "DISABLED"
    elif failures >= threshold:
        status = "TRIGGERED"
    else:
        progressing = deployment.rollout is Rollout.IN_PROGRESS
        status = "MONITORING" if progressing else "MONITORING_COMPLETE"
    return {"status": status, "failureCount": failures, "threshold": threshold}


OPERATIONS: Mapping[str, Handler] = {
    "ListServiceDeployments": list_deployments,
    "DescribeServiceDeployments": describe,
    "StopServiceDeployment": stop,
}
