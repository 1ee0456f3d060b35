"""`scale-out`: more tasks, in the way that lasts.

Where Application Auto Scaling scales the service, its minimum is raised: that moves the
desired count at once, and a desired count set by hand would be taken back by the next
scale-in. Where nothing scales it, or the minimum is high enough
already, the desired count itself is set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import ClassVar, Protocol

from mangaops.errors import AwsDenied, AwsRejected, InputError, Refused
from mangaops.model.plan import Draft, NothingToDo, Risk, Step, UndoKind
from mangaops.model.request import ScaleOut
from mangaops.model.resources import ScalableTarget, ScheduledLimits, Service
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action
from mangaops.remedy.actions.aws_line import aws_line
from mangaops.remedy.actions.ecs import desired_count, scaling_minimum
from mangaops.remedy.actions.ecs.desired_count import Counted, DesiredCountAction
from mangaops.remedy.actions.ecs.rollout import trouble
from mangaops.remedy.actions.ecs.scaling_minimum import Limits, MinimumAction
from mangaops.remedy.actions.ecs.service import (
    IN_PROGRESS,
    Services,
    names_of,
    owners,
    primary,
    target_of,
    update_line,
)

SETTLE = timedelta(minutes=10)
_UPDATE = "ecs:UpdateService"
_WHY_THE_MINIMUM = (
    "the minimum is raised and not the desired count, which Application Auto Scaling would "
    "take back; raising it moves the desired count at once"
)
_REGISTER = "application-autoscaling:RegisterScalableTarget"


class Scaled(Services, Counted, Protocol):
    """What is asked of ECS."""


class Scheduled(Limits, Protocol):
    """What is asked of Application Auto Scaling."""

    def schedules(self, cluster: str, service: str) -> tuple[ScheduledLimits, ...]: ...


class ScaleOutRemedy:
    reads: ClassVar[tuple[str, ...]] = (
        "ecs:DescribeServices",
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScheduledActions",
    )
    writes: ClassVar[tuple[str, ...]] = (_REGISTER, _UPDATE)

    def __init__(self, *, ecs: Scaled, scaling: Scheduled, environment: Environment) -> None:
        self._ecs = ecs
        self._scaling = scaling
        self._environment = environment
        self._actions: dict[str, Action] = {
            desired_count.ACTION: DesiredCountAction(ecs),
            scaling_minimum.ACTION: MinimumAction(ecs, scaling),
        }

    @property
    def actions(self) -> Mapping[str, Action]:
        return self._actions

    def draft(self, request: ScaleOut) -> Draft | NothingToDo:
        target = target_of(self._environment)
        service = self._ecs.service(*names_of(target))
        limits = self._scaling.target(*names_of(target))
        _check_replicas(service, target)
        wanted = _wanted(request, service, target)
        if wanted == service.desired and (limits is None or limits.minimum >= wanted):
            return _nothing(service, limits, target)
        if limits is None or limits.minimum >= wanted:
            return self._by_count(service, limits, wanted)
        return self._by_minimum(service, limits, wanted)

    def _by_minimum(self, service: Service, limits: ScalableTarget, wanted: int) -> Draft:
        target = target_of(self._environment)
        name = names_of(target)[1]
        before = {"min": limits.minimum, "max": limits.maximum, "desired": service.desired}
        maximum = max(limits.maximum, wanted)
        step = Step(
            number=1,
            action=scaling_minimum.ACTION,
            target=f"service/{target}",
            before=before,
            after={"min": wanted, "max": maximum, "desired": wanted},
            undo=UndoKind.EXACT,
            summary=f"at least {wanted} tasks, instead of {limits.minimum}",
        )
        line = aws_line(
            self._environment,
            *("application-autoscaling", "register-scalable-target", "--service-namespace", "ecs"),
            *("--resource-id", step.target, "--scalable-dimension", "ecs:service:DesiredCount"),
            *("--min-capacity", str(wanted), "--max-capacity", str(maximum)),
        )
        return Draft(
            title=_title(name, service, wanted),
            confirm=name,
            risk=Risk.MODERATE,
            steps=(step,),
            reach=(*_reach(service, wanted), *_autoscaler(limits, wanted, maximum)),
            conflicts=(*self._conflicts(service, target), *self._schedules(target, wanted)),
            permissions=(_REGISTER, _UPDATE),
            aws_cli=(line,),
            notes=(_WHY_THE_MINIMUM,),
            settle=SETTLE,
        )

    def _by_count(self, service: Service, limits: ScalableTarget | None, wanted: int) -> Draft:
        target = target_of(self._environment)
        name = names_of(target)[1]
        step = Step(
            number=1,
            action=desired_count.ACTION,
            target=target,
            before={"desired": service.desired},
            after={"desired": wanted},
            undo=UndoKind.EXACT,
            summary=f"{wanted} tasks, instead of {service.desired}",
        )
        why = (
            f"{name} has no scalable target"
            if limits is None
            else f"the minimum of Application Auto Scaling is {limits.minimum}"
        )
        return Draft(
            title=_title(name, service, wanted),
            confirm=name,
            risk=Risk.MODERATE,
            steps=(step,),
            reach=_reach(service, wanted),
            conflicts=self._conflicts(service, target),
            permissions=(_UPDATE,),
            aws_cli=(update_line(self._environment, "--desired-count", str(wanted)),),
            notes=(f"{why}: the desired count is set, and nothing takes it back",),
            settle=SETTLE,
        )

    def _conflicts(self, service: Service, target: str) -> tuple[str, ...]:
        return (*_moving(service), *owners(self._ecs, target))

    def _schedules(self, target: str, wanted: int) -> tuple[str, ...]:
        """Scheduled actions that will set lower limits again."""
        try:
            found = self._scaling.schedules(*names_of(target))
        except (AwsDenied, AwsRejected) as error:
            return (f"scheduled actions could not be read ({error.what})",)
        return tuple(
            f"scheduled action {one.name} sets {_limits(one)} again: {one.schedule} {one.timezone}"
            for one in found
            if min(_set(one), default=wanted) < wanted
        )


def _set(one: ScheduledLimits) -> list[int]:
    return [limit for limit in (one.minimum, one.maximum) if limit is not None]


def _limits(one: ScheduledLimits) -> str:
    told = {"minimum": one.minimum, "maximum": one.maximum}
    return " and ".join(
        f"the {name} to {value}" for name, value in told.items() if value is not None
    )


def _check_replicas(service: Service, target: str) -> None:
    if service.scheduling != "REPLICA":
        raise Refused(
            f"{target} is a {service.scheduling} service: ECS decides how many tasks it has",
            where=target,
            hint="add container instances to the cluster",
        )


def _wanted(request: ScaleOut, service: Service, target: str) -> int:
    """Raises InputError for what is no scaling out."""
    wanted = 2 * service.desired if request.to is None else request.to
    if wanted < 1:
        raise InputError(
            f"{target} is to run {service.desired} tasks, and {wanted} would start none",
            hint="say how many: mangaops scale-out --to 4",
        )
    if wanted < service.desired:
        raise InputError(
            f"{target} is to run {service.desired} tasks already: {wanted} would be fewer",
            hint=f"this only scales out: type --to with more than {service.desired}",
        )
    return wanted


def _nothing(service: Service, limits: ScalableTarget | None, target: str) -> NothingToDo:
    told = "" if limits is None else f", and its minimum is {limits.minimum}"
    more = 2 * max(1, service.desired)
    return NothingToDo(
        reason=f"{target} is to run {service.desired} tasks already ({service.running} run){told}",
        hint=f"for more: mangaops scale-out --to {more}",
    )


def _title(name: str, service: Service, wanted: int) -> str:
    if wanted == service.desired:
        return f"keep {name} at {wanted} tasks or more"
    return f"scale {name} out from {service.desired} to {wanted} tasks"


def _reach(service: Service, wanted: int) -> tuple[str, ...]:
    more = wanted - service.desired
    told = f"{more} more are started" if more else "none is started"
    return (f"{service.running} of {service.desired} tasks run now; {told}",)


def _autoscaler(limits: ScalableTarget, wanted: int, maximum: int) -> Iterator[str]:
    if maximum != limits.maximum:
        yield f"the maximum of {limits.maximum} is below {wanted}: it is raised too"
    if maximum == wanted:
        yield f"Application Auto Scaling then keeps {wanted} tasks, no more and no fewer"
    else:
        yield f"Application Auto Scaling then moves between {wanted} and {maximum} tasks"
    if limits.scale_in_suspended:
        yield "its scale-in is suspended: what it adds stays until that is lifted"


def _moving(service: Service) -> Iterator[str]:
    current = primary(service)
    if current is not None and current.rollout == IN_PROGRESS:
        yield (
            f"deployment {current.id} is in progress ({current.running} of {current.desired} "
            "tasks run): the new tasks are of its revision"
        )
    if told := trouble(service).removeprefix("; "):
        yield f"the newest event of the service: {told}"
