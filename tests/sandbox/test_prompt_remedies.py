"""Prompts, parameters, quotas and invalidation through their gateways, over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mangaops.aws.dynamodb_changes import DynamoChanges
from mangaops.aws.lambda_ import LambdaGateway
from mangaops.aws.quotas import QuotaGateway
from mangaops.aws.session import Aws
from mangaops.aws.ssm import SsmGateway
from mangaops.errors import AwsNotFound, Drifted, InputError, Refused
from mangaops.model.plan import Draft, NothingToDo
from mangaops.model.request import EnableInvalidation, RequestQuota, RollbackPrompt, SetParameter
from mangaops.model.settings import DEFAULT_RESOURCES, Environment
from mangaops.remedy.actions.parameters.set_parameter import SetParameterRemedy
from mangaops.remedy.actions.prompts.rollback_prompt import RollbackPromptRemedy
from mangaops.remedy.actions.quotas.request_quota import RequestQuotaRemedy
from mangaops.remedy.actions.streams.enable_invalidation import EnableInvalidationRemedy
from mangaops.sandbox.control import Running
from support.followed import carried_out, drafted

NOW = datetime.now(UTC)
IMAGES = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


def environment(sandbox: Running, **resources: str) -> Environment:
    return Environment(region=sandbox.region, resources={**DEFAULT_RESOURCES, **resources})


def by_shell(draft: Draft, sandbox: Running) -> None:
    """The draft's own lines for the AWS CLI, as an operator would paste them."""
    folder = Path(sys.executable).parent
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    for line in draft.aws_cli:
        done = subprocess.run(
            ["/bin/sh", "-ec", line],
            env={**os.environ, **sandbox.exports(), "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stderr)


# Prompts


def item(version: str, active: bool, hours: float) -> dict[str, Any]:
    at = (NOW - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "intent": {"S": "faq"},
        "version": {"S": version},
        "active": {"BOOL": active},
        "template": {"S": f"the template of {version}"},
        "prompt_tokens": {"N": "420.0"},
        "activated_at": {"S": at},
    }


@pytest.fixture
def prompts(client: Callable[..., Any]) -> str:
    name = f"prompts-{uuid.uuid4().hex[:8]}"
    keys = (("intent", "HASH"), ("version", "RANGE"))
    client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": k, "AttributeType": "S"} for k, _ in keys],
        KeySchema=[{"AttributeName": k, "KeyType": kind} for k, kind in keys],
    )
    for one in (item("v1.9", False, 900), item("v2.0", False, 90), item("v2.1", True, 1)):
        client("dynamodb").put_item(TableName=name, Item=one)
    return name


@pytest.fixture
def prompt_remedy(aws: Aws, sandbox: Running, prompts: str) -> RollbackPromptRemedy:
    return RollbackPromptRemedy(
        prompts=DynamoChanges(aws),
        environment=environment(sandbox, prompt_table=prompts),
        clock=lambda: NOW,
    )


def items(client: Callable[..., Any], table: str) -> Any:
    return client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]


def active(client: Callable[..., Any], table: str) -> list[str]:
    return [one["version"]["S"] for one in items(client, table) if one["active"]["BOOL"]]


def test_the_shell_line_of_a_rollback_does_the_same(
    client: Callable[..., Any], sandbox: Running, prompts: str, prompt_remedy: RollbackPromptRemedy
) -> None:
    draft = drafted(prompt_remedy, RollbackPrompt(intent="faq"))
    by_shell(draft, sandbox)
    assert active(client, prompts) == ["v2.0"]


def test_a_rollback_that_meets_another_state_changes_nothing(
    client: Callable[..., Any], aws: Aws, prompts: str
) -> None:
    before, tables = items(client, prompts), DynamoChanges(aws)
    for off, on, what in (
        ("v2.1", "v3.0", "version v3.0 does not exist"),
        ("v2.0", "v1.9", "version v2.0 is not active"),
        ("v2.1", "v2.1x", "version v2.1x does not exist"),
    ):
        with pytest.raises(Drifted) as caught:
            tables.swap_active(prompts, "faq", off=off, on=on, token=uuid.uuid4().hex)
        assert caught.value.what == what
    assert items(client, prompts) == before


def test_the_same_token_has_one_effect(client: Callable[..., Any], aws: Aws, prompts: str) -> None:
    tables, token = DynamoChanges(aws), uuid.uuid4().hex
    for _ in range(2):
        tables.swap_active(prompts, "faq", off="v2.1", on="v2.0", token=token)
    assert active(client, prompts) == ["v2.0"]


# Parameters


@pytest.fixture
def parameter(client: Callable[..., Any]) -> str:
    name = f"/remedies/{uuid.uuid4().hex[:8]}/threshold"
    client("ssm").put_parameter(
        Name=name, Value="0.3", Type="String", Tags=[{"Key": "ManagedBy", "Value": "terraform"}]
    )
    return name


def test_a_parameter_is_set_and_restored(
    client: Callable[..., Any], aws: Aws, sandbox: Running, parameter: str
) -> None:
    remedy = SetParameterRemedy(
        parameters=SsmGateway(aws),
        environment=environment(sandbox, router_threshold_parameter=parameter),
    )
    draft = drafted(remedy, SetParameter(name=parameter, value="0.6"))
    assert draft.conflicts == (
        "will be reverted by the next deploy with terraform (tag ManagedBy=terraform)",
    )
    (step,) = draft.steps
    pen = carried_out(remedy.actions[step.action], step)
    assert pen.results == [{"version": 2}]
    carried_out(remedy.actions[step.action], step.inverse(1))
    found = client("ssm").get_parameter(Name=parameter)["Parameter"]
    assert (found["Value"], found["Version"], found["Type"]) == ("0.3", 3, "String")
    by_shell(draft, sandbox)
    assert client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == "0.6"


def test_a_secure_or_unknown_parameter_is_refused(
    client: Callable[..., Any], aws: Aws, sandbox: Running, parameter: str
) -> None:
    client("ssm").put_parameter(Name=f"{parameter}-x", Value="hunter2", Type="SecureString")
    remedy = SetParameterRemedy(parameters=SsmGateway(aws), environment=environment(sandbox))
    with pytest.raises(Refused):
        remedy.draft(SetParameter(name=f"{parameter}-x", value="1"))
    with pytest.raises(InputError):
        remedy.draft(SetParameter(name=f"{parameter}-y", value="1"))


# Quotas


def test_the_shell_line_of_a_quota_request_is_right(aws: Aws, sandbox: Running) -> None:
    remedy = RequestQuotaRemedy(
        quotas=QuotaGateway(aws), parameters=SsmGateway(aws), environment=environment(sandbox)
    )
    model = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
    by_shell(drafted(remedy, RequestQuota(model=model, factor=1.5)), sandbox)
    assert isinstance(remedy.draft(RequestQuota(model=model)), NothingToDo)


# Invalidation


@pytest.fixture
def inventory(client: Callable[..., Any]) -> str:
    """A table without a stream."""
    name = f"inventory-{uuid.uuid4().hex[:8]}"
    client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "product_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "product_id", "KeyType": "HASH"}],
    )
    return name


@pytest.fixture
def invalidation(aws: Aws, sandbox: Running, inventory: str) -> EnableInvalidationRemedy:
    return EnableInvalidationRemedy(
        tables=DynamoChanges(aws),
        functions=LambdaGateway(aws),
        environment=environment(sandbox, inventory_table=inventory),
    )


def mapped(client: Callable[..., Any], table: str) -> list[dict[str, Any]]:
    found = client("lambda").list_event_source_mappings(FunctionName="inventory-invalidator")
    return [one for one in found["EventSourceMappings"] if f"/{table}/" in one["EventSourceArn"]]


def switch_off(client: Callable[..., Any], table: str) -> None:
    """As soon as the mapping takes a change."""
    for wanted in ("Enabled", "Disabled"):
        while (mapping := mapped(client, table)[0])["State"] != wanted:
            time.sleep(0.1)
        if wanted == "Enabled":
            client("lambda").update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)


def test_a_table_without_a_stream_gets_one_that_is_mapped_and_loses_it_again(
    client: Callable[..., Any], inventory: str, invalidation: EnableInvalidationRemedy
) -> None:
    steps = drafted(invalidation, EnableInvalidation()).steps
    for step in steps:
        carried_out(invalidation.actions[step.action], step)
    described = client("dynamodb").describe_table(TableName=inventory)["Table"]
    assert described["StreamSpecification"] == IMAGES
    (mapping,) = mapped(client, inventory)
    told = ("StartingPosition", "BisectBatchOnFunctionError", "MaximumRetryAttempts")
    assert [mapping[name] for name in told] == ["TRIM_HORIZON", True, 3]
    assert mapping["MaximumRecordAgeInSeconds"] == 3600
    assert mapping["EventSourceArn"] == described["LatestStreamArn"]
    assert isinstance(invalidation.draft(EnableInvalidation()), NothingToDo)
    for step in reversed(steps):
        carried_out(invalidation.actions[step.action], step.inverse(1))
    assert mapped(client, inventory) == []
    described = client("dynamodb").describe_table(TableName=inventory)["Table"]
    assert not described.get("StreamSpecification", {}).get("StreamEnabled")


def test_the_way_back_can_be_taken_back(
    client: Callable[..., Any], inventory: str, invalidation: EnableInvalidationRemedy
) -> None:
    steps = drafted(invalidation, EnableInvalidation()).steps
    way = [*steps, *(step.inverse(1) for step in reversed(steps)), *steps]
    for step in way:
        carried_out(invalidation.actions[step.action], step)
    (mapping,) = mapped(client, inventory)
    described = client("dynamodb").describe_table(TableName=inventory)["Table"]
    assert mapping["EventSourceArn"] == described["LatestStreamArn"]


def test_a_disabled_mapping_is_switched_on_and_off_again(
    client: Callable[..., Any], inventory: str, invalidation: EnableInvalidationRemedy
) -> None:
    for step in drafted(invalidation, EnableInvalidation()).steps:
        carried_out(invalidation.actions[step.action], step)
    switch_off(client, inventory)
    (step,) = drafted(invalidation, EnableInvalidation()).steps
    carried_out(invalidation.actions[step.action], step)
    assert mapped(client, inventory)[0]["State"] == "Enabled"
    carried_out(invalidation.actions[step.action], step.inverse(1))
    assert mapped(client, inventory)[0]["State"] == "Disabled"


def test_the_shell_lines_of_invalidation_do_the_same(
    client: Callable[..., Any],
    sandbox: Running,
    inventory: str,
    invalidation: EnableInvalidationRemedy,
) -> None:
    by_shell(drafted(invalidation, EnableInvalidation()), sandbox)
    assert isinstance(invalidation.draft(EnableInvalidation()), NothingToDo)
    switch_off(client, inventory)
    by_shell(drafted(invalidation, EnableInvalidation()), sandbox)
    assert isinstance(invalidation.draft(EnableInvalidation()), NothingToDo)


def test_a_function_or_table_that_does_not_exist_is_told(aws: Aws, sandbox: Running) -> None:
    for resources in ({"invalidator": "nobody"}, {"inventory_table": "nothing"}):
        remedy = EnableInvalidationRemedy(
            tables=DynamoChanges(aws),
            functions=LambdaGateway(aws),
            environment=environment(sandbox, **resources),
        )
        with pytest.raises(AwsNotFound):
            remedy.draft(EnableInvalidation())


def test_a_dry_run_cannot_write(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch, prompts: str, parameter: str
) -> None:
    for name, value in sandbox.exports().items():
        monkeypatch.setenv(name, value)
    aws = Aws(Environment(region=sandbox.region), read_only=True)
    for write in (
        lambda: DynamoChanges(aws).swap_active(prompts, "faq", off="v2.1", on="v2.0", token="t"),
        lambda: DynamoChanges(aws).switch_stream(prompts, on=True),
        lambda: SsmGateway(aws).put(parameter, "1"),
        lambda: QuotaGateway(aws).request("L-58BE175A", 9e9),
        lambda: LambdaGateway(aws).delete_mapping("0" * 36),
    ):
        with pytest.raises(Refused):
            write()
    aws.close()
