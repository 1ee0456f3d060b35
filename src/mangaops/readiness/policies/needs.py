"""What a diagnosis or a change calls: an action, and the names it is called for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from mangaops.evidence.sources.metric_plan import ANY
from mangaops.fm.target import Target
from mangaops.model.model_ids import is_application_profile, name_of
from mangaops.model.query import MetricQuery, ParameterQuery, Query
from mangaops.model.runbook import Runbook
from mangaops.model.settings import Environment
from mangaops.model.source import SOURCE_KINDS
from mangaops.readiness.policies.names import (
    Names,
    names_of,
    names_of_bench,
    names_of_probe,
    names_of_remedy,
)

LOCK_CALLS = ("dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:DeleteItem")
"""How a change keeps others away, where the environment has a lock table."""

BENCH_CALLS = (
    "dynamodb:Query",
    "ssm:GetParameter",
    "bedrock:InvokeModelWithResponseStream",
    "s3:ListBucket",
    "s3:GetObject",
    "s3:PutObject",
    "dynamodb:Scan",
    "ecs:DescribeServices",
    "ssm:GetParameterHistory",
)
"""How prompts are measured and runs are kept (S3 only where the store is there), and what
`bench history --changes` asks.
"""

PROBE_CALLS = (
    "ssm:GetParameter",
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
    "bedrock:CountTokens",
)
"""How a model is asked through the client, whole or streamed (Converse is InvokeModel to IAM)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One IAM action (`logs:StartQuery`) for some names."""

    action: str
    names: Names


def of_runbook(bound: Runbook) -> tuple[Need, ...]:
    """What reading all the evidence of a bound runbook calls."""
    return tuple(
        Need(action=action, names=names_of(item.query))
        for item in bound.evidence.values()
        for action in SOURCE_KINDS[item.kind].permissions
        if _is_called(action, item.query)
    )


def _is_called(action: str, query: Query) -> bool:
    """Whether a kind's call is made for this query: some only for what it asks besides."""
    match action, query:
        case "cloudwatch:ListMetrics", MetricQuery(dimensions=dimensions):
            return ANY in dimensions.values()
        case "ssm:GetParameterHistory", ParameterQuery(history=history):
            return history
        case _:
            return True


def of_bench(environment: Environment) -> tuple[Need, ...]:
    """What `mangaops bench` calls, but for taking a prompt back: that is a remedy."""
    names = names_of_bench(environment)
    return tuple(Need(action=action, names=names) for action in BENCH_CALLS)


def of_probe(environment: Environment, targets: Iterable[Target]) -> tuple[Need, ...]:
    """What `mangaops probe` calls; `targets` are all that its client may come to ask."""
    found = tuple(targets)
    names = names_of_probe(environment, found)
    known = environment.model_client.profiles
    asked = {one.model_id for one in found if is_application_profile(one.model_id)} - set(known)
    profiles = replace(names, models=tuple(sorted(map(name_of, asked))))
    return (
        *(Need(action=action, names=names) for action in PROBE_CALLS),
        *((Need(action="bedrock:GetInferenceProfile", names=profiles),) if asked else ()),
    )


def of_remedy(remedy: str, actions: Sequence[str], environment: Environment) -> tuple[Need, ...]:
    """What planning, applying, verifying and undoing a remedy calls.

    `actions` are its declared reads and writes.
    """
    names = names_of_remedy(remedy, environment)
    return (
        *(Need(action=action, names=names) for action in dict.fromkeys(actions)),
        *_of_the_lock(environment),
    )


def _of_the_lock(environment: Environment) -> Iterator[Need]:
    if environment.lock_table is not None:
        names = Names(tables=(environment.lock_table,))
        yield from (Need(action=action, names=names) for action in LOCK_CALLS)
