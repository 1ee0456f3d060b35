"""What the ECS remedies share: their target's names, and what may work against a change.

The target of a step is `CLUSTER/SERVICE`, and everything an action needs is read from
there again, so that a plan can be carried out by another process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn, Protocol

from mangaops.errors import AwsDenied, AwsRejected, Drifted
from mangaops.model.evidence import JSON
from mangaops.model.plan import Difference, Step
from mangaops.model.resources import Deployment, Service
from mangaops.model.settings import Environment
from mangaops.remedy.actions.aws_line import aws_line
from mangaops.remedy.actions.owners import owned_by

IN_PROGRESS = "IN_PROGRESS"
FAILED = "FAILED"


class Services(Protocol):
    def service(self, cluster: str, service: str) -> Service: ...
    def service_tags(self, cluster: str, service: str) -> Mapping[str, str]: ...


def target_of(environment: Environment) -> str:
    """`mangaassist-prod/orchestrator`."""
    return f"{environment.resources['cluster']}/{environment.resources['service']}"


def names_of(target: str) -> tuple[str, str]:
    """Cluster and service of `CLUSTER/SERVICE`, also with `service/` before it."""
    cluster, _, service = target.removeprefix("service/").partition("/")
    return cluster, service


def short_name(arn: str) -> str:
    """What follows the last slash: `family:3` of a task definition's ARN."""
    return arn.rsplit("/", 1)[-1]


def update_line(environment: Environment, *words: str) -> str:
    """The line of the AWS CLI that updates the service so."""
    cluster, name = names_of(target_of(environment))
    where = ("--cluster", cluster, "--service", name)
    return aws_line(environment, "ecs", "update-service", *where, *words)


def primary(service: Service) -> Deployment | None:
    """The deployment that new tasks belong to; None for services that ECS does not deploy."""
    return next((one for one in service.deployments if one.status == "PRIMARY"), None)


def deployment_told(service: Service) -> Mapping[str, JSON]:
    """What a journal keeps of an answer: the id of the deployment that it began."""
    current = primary(service)
    return {"deployment": current.id if current else None}


def refuse(step: Step, drift: tuple[Difference, ...]) -> NoReturn:
    """Raises Drifted: someone changed the target while it was being changed."""
    told = "; ".join(f"{one.field} is {one.found!r}, planned {one.wanted!r}" for one in drift)
    raise Drifted(
        f"{step.target} was changed by someone else: {told}",
        where=step.target,
        hint="plan again, to see what it is now",
    )


def replaced(service: Service) -> tuple[str, ...]:
    """Who feels a rolling deployment."""
    tasks = "1 task is" if service.running == 1 else f"{service.running} tasks are"
    return (f"{tasks} replaced, a few at a time; each ends the answers that it streams",)


def in_progress(service: Service) -> Iterator[str]:
    """A deployment that has not come to its end, which another one would supersede."""
    current = primary(service)
    if current is None:
        return
    revision = short_name(current.task_definition)
    if current.rollout == IN_PROGRESS:
        yield (
            f"deployment {current.id} of {revision} is in progress "
            f"({current.running} of {current.desired} tasks run): this one supersedes it, and "
            "if this one fails ECS goes back to before both"
        )
    elif current.rollout == FAILED:
        yield f"deployment {current.id} of {revision} has failed: {current.reason or 'no reason'}"


def without_breaker(service: Service) -> Iterator[str]:
    """Nothing at ECS stops a deployment whose tasks do not start."""
    if not service.breaker:
        yield (
            "the deployment circuit breaker does not roll back here: a deployment whose tasks "
            "do not start goes on trying until it is taken back by hand"
        )


def owners(services: Services, target: str) -> tuple[str, ...]:
    """Infrastructure as code that will put its own values back, from the service's tags."""
    try:
        tags = services.service_tags(*names_of(target))
    except (AwsDenied, AwsRejected) as error:
        return (f"tags of the service could not be read ({error.what}): who owns it is not known",)
    return owned_by(tags)
