"""What `doctor` calls: what the runbooks read, and what is asked about targets and writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from mangaops.model.runbook import Runbook
from mangaops.model.settings import Environment
from mangaops.readiness.doctor.targets import Target, TargetKind
from mangaops.readiness.policies.names import Names
from mangaops.readiness.policies.needs import Need, of_runbook

ALWAYS = ("cloudwatch:ListMetrics", "iam:SimulatePrincipalPolicy", "iam:GetRole")
"""What CloudWatch lists, what IAM simulates, and for a session the role it simulates."""
DESCRIBED = "dynamodb:DescribeTable"


def needs_of_doctor(
    bound: Iterable[Runbook], targets: Iterable[Target], at: Environment
) -> tuple[Need, ...]:
    """For bound runbooks, and what their remedies write to."""
    return tuple(_needs(bound, targets, at))


def _needs(bound: Iterable[Runbook], targets: Iterable[Target], at: Environment) -> Iterator[Need]:
    for runbook in bound:
        yield from of_runbook(runbook)
    yield from (Need(action=action, names=Names()) for action in ALWAYS)
    yield from map(_look, targets)
    if at.lock_table is not None:
        yield Need(action=DESCRIBED, names=Names(tables=(at.lock_table,)))


def _look(target: Target) -> Need:
    name = (target.name,)
    match target.kind:
        case TargetKind.SERVICE:
            return Need(action="ecs:DescribeServices", names=Names(services=name))
        case TargetKind.PARAMETER:
            return Need(action="ssm:GetParameter", names=Names(parameters=name))
        case TargetKind.TABLE:
            return Need(action=DESCRIBED, names=Names(tables=name))
        case TargetKind.FUNCTION:
            return Need(action="lambda:GetFunctionConfiguration", names=Names(functions=name))
        case TargetKind.COLLECTION:
            return Need(action="aoss:BatchGetCollection", names=Names(collections=name))
        case _:
            assert_never(target.kind)
