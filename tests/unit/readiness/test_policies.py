"""Declared calls and names -> a policy document, and what it cannot say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from mangaops.fm.target import Target
from mangaops.model.query import BenchComparisonQuery, LogQuery, ModelLifecycleQuery
from mangaops.model.request import REMEDIES
from mangaops.model.settings import DEFAULT_RESOURCES, Environment, Guardrails, ModelClient
from mangaops.model.source import SOURCE_KINDS
from mangaops.readiness.discovery.calls import CALLS, needs_of_init
from mangaops.readiness.discovery.search import AT_ONCE
from mangaops.readiness.doctor.calls import needs_of_doctor
from mangaops.readiness.doctor.targets import targets_of
from mangaops.readiness.policies.actions import Place, known_actions, scope_of
from mangaops.readiness.policies.document import LARGEST, document_of, size_of, statements_of
from mangaops.readiness.policies.names import Names, names_of, names_of_remedy
from mangaops.readiness.policies.needs import (
    BENCH_CALLS,
    LOCK_CALLS,
    PROBE_CALLS,
    Need,
    of_bench,
    of_probe,
    of_remedy,
    of_runbook,
)
from mangaops.readiness.policies.notes import PLACEHOLDER, notes_of
from mangaops.runbook.bind import bind
from mangaops.runbook.library import Library, shipped_folder
from support.remedy_declarations import DECLARED

PLACE = Place(region="ap-northeast-1", account="123456789012")
HERE = "ap-northeast-1:123456789012"
EVERY = Names(
    services=("c/s",),
    log_groups=("/g",),
    parameters=("/p/x",),
    tables=("t",),
    functions=("f",),
    collections=("col",),
    groups=("grp",),
    models=("m",),
    stores=("bucket/runs",),
)


def declared() -> set[str]:
    reading = {action for kind in SOURCE_KINDS.values() for action in kind.permissions}
    changing = {action for actions in DECLARED.values() for action in actions}
    before = {need.action for need in (*needs_of_init(), *needs_of_doctor((), (), Environment()))}
    return {*reading, *changing, *before, *LOCK_CALLS, *BENCH_CALLS, *PROBE_CALLS}


def test_every_declared_call_has_a_rule_and_no_other() -> None:
    assert known_actions() == declared()


def test_what_init_and_doctor_need_is_a_policy_that_iam_takes() -> None:
    environment = replace(Environment(), lock_table="locks")
    targets = [one for name in REMEDIES for one in targets_of(name, ("/p/x",), environment)]
    check(needs_of_init())
    check(needs_of_doctor((), targets, environment))


def test_init_asks_for_every_list_that_it_chooses_from() -> None:
    assert set(CALLS) == {*AT_ONCE, "services", "containers", "stages"}


def test_an_action_that_nobody_looked_up_is_an_error() -> None:
    with pytest.raises(KeyError):
        statements_of([Need(action="ecs:StopTask", names=EVERY)], PLACE)


@pytest.mark.parametrize(
    ("action", "resources", "condition"),
    [
        ("cloudwatch:GetMetricData", ("*",), {}),
        ("logs:StartQuery", (f"arn:aws:logs:{HERE}:log-group:/g:*",), {}),
        ("ecs:UpdateService", (f"arn:aws:ecs:{HERE}:service/c/s",), {}),
        ("ecs:DescribeTasks", (f"arn:aws:ecs:{HERE}:task/c/*",), {}),
        (
            "ecs:ListTasks",
            ("*",),
            {"ArnEquals": {"ecs:cluster": (f"arn:aws:ecs:{HERE}:cluster/c",)}},
        ),
        (
            "iam:PassRole",
            ("arn:aws:iam::123456789012:role/*",),
            {"StringEquals": {"iam:PassedToService": ("ecs-tasks.amazonaws.com",)}},
        ),
        ("ssm:PutParameter", (f"arn:aws:ssm:{HERE}:parameter/p/x",), {}),
        ("dynamodb:Scan", (f"arn:aws:dynamodb:{HERE}:table/t",), {}),
        (
            "aoss:APIAccessAll",
            (f"arn:aws:aoss:{HERE}:collection/*",),
            {"StringEquals": {"aoss:collection": ("col",)}},
        ),
        ("bedrock:GetFoundationModel", ("arn:aws:bedrock:ap-northeast-1::foundation-model/*",), {}),
        (
            "s3:ListBucket",
            ("arn:aws:s3:::bucket",),
            {"StringLike": {"s3:prefix": ("runs*",)}},
        ),
        ("s3:GetObject", ("arn:aws:s3:::bucket/runs*",), {}),
        ("s3:PutObject", ("arn:aws:s3:::bucket/runs*",), {}),
        (
            "bedrock:InvokeModelWithResponseStream",
            ("arn:aws:bedrock:*::foundation-model/m",),
            {},
        ),
        (
            "lambda:UpdateEventSourceMapping",
            (f"arn:aws:lambda:{HERE}:event-source-mapping:*",),
            {"ArnEquals": {"lambda:FunctionArn": (f"arn:aws:lambda:{HERE}:function:f",)}},
        ),
    ],
)
def test_a_call_is_allowed_on_what_it_is_made_for(
    action: str, resources: tuple[str, ...], condition: object
) -> None:
    scope = scope_of(action, EVERY, PLACE)
    assert (scope.resources, scope.condition) == (resources, condition)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_a_region_has_its_partition(region: str, partition: str) -> None:
    assert Place(region=region, account="1").partition == partition


@pytest.mark.parametrize(("store", "kept"), [("", False), ("s3://bucket/runs", True)])
def test_a_benchmark_needs_s3_only_for_a_store_that_is_there(store: str, *, kept: bool) -> None:
    resources = {**Environment().resources, "bench_store": store}
    needs = of_bench(replace(Environment(), resources=resources))
    check(needs)
    told = json.dumps(document_of(statements_of(needs, PLACE)))
    assert ("s3:PutObject" in told) is kept
    assert "bedrock:InvokeModelWithResponseStream" in told


PROFILE = "arn:aws:bedrock:ap-northeast-1:123456789012:application-inference-profile/abc"


@pytest.mark.parametrize(
    ("models", "arns"),
    [
        (
            {"jp.anthropic.x-v1:0": "ap-northeast-1", "anthropic.y": "us-east-1"},
            [
                "arn:aws:bedrock:*::foundation-model/anthropic.x-v1:0",
                "arn:aws:bedrock:*::foundation-model/anthropic.y",
                f"arn:aws:bedrock:{HERE}:inference-profile/jp.anthropic.x-v1:0",
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/jp.anthropic.x-v1:0",
            ],
        ),
        ({PROFILE: "ap-northeast-1"}, ["arn:aws:bedrock:*::foundation-model/*", PROFILE]),
        (
            {"sonnet": "ap-northeast-1", "anthropic.y": "ap-northeast-1"},
            [
                "arn:aws:bedrock:*::foundation-model/*",
                f"arn:aws:bedrock:{HERE}:application-inference-profile/*",
                f"arn:aws:bedrock:{HERE}:inference-profile/*",
            ],
        ),
    ],
    ids=["profile", "arn", "parameter"],
)
def test_a_probe_may_call_its_models_wherever_their_profiles_lead(
    models: Mapping[str, str], arns: Sequence[str]
) -> None:
    targets = [Target(model_id=model, region=region) for model, region in models.items()]
    needs = of_probe(Environment(), targets)
    check(needs)
    calls = ["bedrock:CountTokens", "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    invoked = document_of(statements_of(needs, PLACE))["Statement"][0]
    assert (invoked["Action"], invoked["Resource"]) == (calls, arns)


def test_a_probe_may_look_up_the_model_of_an_application_profile_that_is_not_configured() -> None:
    target = Target(model_id=PROFILE, region="ap-northeast-1")
    configured = Environment(model_client=ModelClient(profiles={PROFILE: "anthropic.x"}))
    action = "bedrock:GetInferenceProfile"
    assert [one.action for one in of_probe(Environment(), [target])].count(action) == 1
    assert action not in [one.action for one in of_probe(configured, [target])]
    read = document_of(statements_of(of_probe(Environment(), [target]), PLACE))["Statement"]
    (resources,) = [one["Resource"] for one in read if one["Action"] == action]
    assert PROFILE in str(resources)


def test_statements_join_what_is_allowed_on_the_same_and_name_the_rest_apart() -> None:
    needs = [
        Need(action="dynamodb:Scan", names=Names(tables=("a",))),
        Need(action="dynamodb:Query", names=Names(tables=("a",))),
        Need(action="dynamodb:GetItem", names=Names(tables=("b",))),
        Need(action="dynamodb:Scan", names=Names(tables=("a",))),
    ]
    assert document_of(statements_of(needs, PLACE)) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Tables",
                "Effect": "Allow",
                "Action": "dynamodb:GetItem",
                "Resource": f"arn:aws:dynamodb:{HERE}:table/b",
            },
            {
                "Sid": "Tables2",
                "Effect": "Allow",
                "Action": ["dynamodb:Query", "dynamodb:Scan"],
                "Resource": f"arn:aws:dynamodb:{HERE}:table/a",
            },
        ],
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (LogQuery(groups=("/a", "/b"), query="", columns={}), Names(log_groups=("/a", "/b"))),
        (BenchComparisonQuery(store="s3://b/p"), Names(stores=("b/p",))),
        (BenchComparisonQuery(store="runs/"), Names()),
        (BenchComparisonQuery(store=""), Names()),
        (ModelLifecycleQuery(models=("jp.x",)), Names(models=("jp.x",))),
        (
            ModelLifecycleQuery(models=("/m/sonnet", "jp.x")),
            Names(parameters=("/m/sonnet",), models=("jp.x", "*")),
        ),
    ],
)
def test_a_query_is_about_its_names(query: object, names: Names) -> None:
    assert names_of(query) == names  # type: ignore[arg-type]


def test_a_call_that_is_about_nothing_here_is_left_out() -> None:
    needs = [Need(action="s3:GetObject", names=names_of(BenchComparisonQuery(store="")))]
    assert statements_of(needs, PLACE) == ()


@pytest.mark.parametrize("name", Library([shipped_folder()]).names())
def test_a_shipped_runbook_has_a_policy_that_iam_takes(name: str) -> None:
    bound = bind(Library([shipped_folder()]).load(name), Environment(), {})
    check(of_runbook(bound))


@pytest.mark.parametrize("name", REMEDIES)
def test_a_remedy_has_a_policy_that_iam_takes(name: str) -> None:
    environment = replace(Environment(), lock_table="locks")
    check(of_remedy(name, DECLARED[name], environment))


def check(needs: tuple[Need, ...]) -> None:
    """IAM's grammar: unique alphanumeric Sids, ARNs of six parts, no empty list."""
    statements = statements_of(needs, PLACE)
    document = document_of(statements)
    assert size_of(document) < LARGEST
    sids = [one.sid for one in statements]
    assert len(set(sids)) == len(sids)
    assert [sid for sid in sids if not re.fullmatch(r"[A-Za-z0-9]+", sid)] == []
    arns = [arn for one in statements for arn in one.scope.resources if arn != "*"]
    assert [arn for arn in arns if arn.count(":") < 5 or not arn.startswith("arn:aws:")] == []
    values = [
        value
        for one in statements
        for keys in one.scope.condition.values()
        for value in keys.values()
    ]
    assert all(values)


def test_set_parameter_is_allowed_what_the_guardrails_allow() -> None:
    rails = Guardrails(parameters=("/mangaassist/*",))
    environment = Environment(guardrails=rails)
    assert names_of_remedy("set-parameter", environment).parameters == ("/mangaassist/*",)


def test_set_parameter_is_else_allowed_the_parameters_with_a_name() -> None:
    named = {value for key, value in DEFAULT_RESOURCES.items() if key.endswith("_parameter")}
    assert set(names_of_remedy("set-parameter", Environment()).parameters) == named


def test_a_change_takes_its_lock_where_there_is_a_table() -> None:
    locks = Names(tables=("locks",))
    environment = Environment(lock_table="locks")
    needs = of_remedy("restart-service", (), environment)
    assert needs == tuple(Need(action=action, names=locks) for action in LOCK_CALLS)
    assert of_remedy("restart-service", (), Environment()) == ()


def test_what_a_policy_cannot_say_is_said() -> None:
    statements = statements_of([Need(action="iam:PassRole", names=Names())], PLACE)
    notes = notes_of(statements, account=PLACEHOLDER, size=LARGEST + 1, cache=True, lock_table="")
    assert [note.partition(":")[0] for note in notes] == [
        "replace ACCOUNT_ID, or pass --account",
        "narrow role/* to the task role and the execution role of the service's tasks",
        "Redis knows no IAM here",
        "watching an alarm needs what `mangaops iam diagnose RUNBOOK` prints besides",
        "no lock_table is configured",
        "the document has 6,145 characters, a managed policy at most 6,144",
        "sts",
    ]
