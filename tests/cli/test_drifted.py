"""Between plan and apply somebody else changes the target: refused, and the difference named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis

from support.changes import RESOURCES, ROUTER, asked, client, state
from support.started import Started, started

CLUSTER, SERVICE = RESOURCES["cluster"], RESOURCES["service"]


def _other_prompt(sandbox: Started) -> None:
    client(sandbox, "dynamodb").update_item(
        TableName=RESOURCES["prompt_table"],
        Key={"intent": {"S": "faq"}, "version": {"S": "v1.9"}},
        UpdateExpression="SET active = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )


def _other_limits(sandbox: Started) -> None:
    search = client(sandbox, "opensearchserverless")
    found = search.batch_get_collection_group(names=[RESOURCES["collection_group"]])
    group = found["collectionGroupDetails"][0]
    limits = {**group["capacityLimits"], "maxSearchCapacityInOCU": 32}
    search.update_collection_group(id=group["id"], capacityLimits=limits)


def _other_minimum(sandbox: Started) -> None:
    client(sandbox, "application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{CLUSTER}/{SERVICE}",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=5,
    )


def _other_revision(sandbox: Started) -> None:
    ecs = client(sandbox, "ecs")
    service = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
    found = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    taken: dict[str, Any] = {
        name: found[name]
        for name in ("family", "containerDefinitions", "networkMode", "cpu", "memory")
    }
    taken["containerDefinitions"][0]["image"] += "-hotfix"
    made = ecs.register_task_definition(**taken, requiresCompatibilities=["FARGATE"])
    arn = made["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=arn)


def _other_value(sandbox: Started) -> None:
    client(sandbox, "ssm").put_parameter(Name=ROUTER, Value="0.45", Overwrite=True)


def _other_answer(sandbox: Started) -> None:
    with redis.Redis.from_url(sandbox.variables["MANGAOPS_CACHE_URL"]) as cache:
        key = next(iter(cache.smembers("precompute:product:manga-0101")))
        cache.set(key, '{"response_text": "made again"}')


def _other_request(sandbox: Started) -> None:
    quotas = client(sandbox, "service-quotas")
    found = next(
        quota
        for quota in quotas.list_service_quotas(ServiceCode="bedrock")["Quotas"]
        if "tokens per minute" in quota["QuotaName"]
        and "Sonnet" in quota["QuotaName"]
        and quota["QuotaName"].startswith("Cross")
    )
    quotas.request_service_quota_increase(
        ServiceCode="bedrock", QuotaCode=found["QuotaCode"], DesiredValue=found["Value"] * 5
    )


def _other_mapping(sandbox: Started) -> None:
    table = client(sandbox, "dynamodb")
    table.update_table(
        TableName=RESOURCES["inventory_table"],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`named` must be in the refusal."""

    line: str
    answer: str
    meanwhile: Callable[[Started], None]
    named: tuple[str, ...]
    scenario: str = ""


CASES = (
    Case(line="rollback-prompt faq", answer="faq", meanwhile=_other_prompt, named=("v1.9",)),
    Case(
        line="raise-ocu",
        answer=RESOURCES["collection_group"],
        meanwhile=_other_limits,
        named=("max_search", "16", "32"),
    ),
    Case(
        line="scale-out --to 8", answer=SERVICE, meanwhile=_other_minimum, named=("min", "4", "5")
    ),
    Case(
        line="set-env CHUNK_BATCH_SIZE=1",
        answer=SERVICE,
        meanwhile=_other_revision,
        named=("revision", "mangaassist-orchestrator:1", "mangaassist-orchestrator:2"),
    ),
    Case(
        line="restart-service",
        answer=SERVICE,
        meanwhile=_other_revision,
        named=("revision", "mangaassist-orchestrator:2"),
    ),
    Case(
        line=f"set-parameter {ROUTER} 0.6",
        answer=ROUTER,
        meanwhile=_other_value,
        named=("0.3", "0.45"),
    ),
    Case(
        line="invalidate-cache --product manga-0101",
        answer="manga-0101",
        meanwhile=_other_answer,
        named=("precompute:genre:",),
    ),
    Case(
        line="request-quota sonnet", answer="sonnet", meanwhile=_other_request, named=("requested",)
    ),
    Case(
        line="enable-invalidation",
        answer=RESOURCES["inventory_table"],
        meanwhile=_other_mapping,
        named=("view_type", "KEYS_ONLY"),
        scenario="stale-stream-off",
    ),
)


@pytest.fixture(params=CASES, ids=lambda case: case.line.split()[0])
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """For all cases that change different things, one after the other."""
    with started(tmp_path_factory.mktemp("home"), "--empty") as found:
        found.put("pace", {"seconds": 0.05})
        yield found


@pytest.fixture
def sandbox(case: Case, empty: Started, tmp_path: Path) -> Iterator[Started]:
    if not case.scenario:
        yield empty
        return
    with started(tmp_path, "--scenario", case.scenario) as found:
        yield found


def test_a_target_that_changed_since_the_plan_is_refused_by_name(
    sandbox: Started, case: Case, tmp_path: Path
) -> None:
    plan = tmp_path / "fix.plan"
    asked(sandbox, f"plan {case.line} -o {plan}")
    case.meanwhile(sandbox)
    before = state(sandbox)
    refused = asked(sandbox, f"apply {plan} --confirm {case.answer}", code=5)
    assert refused["status"] == "refused"
    assert [word for word in case.named if word not in refused["detail"]] == []
    assert state(sandbox) == before
