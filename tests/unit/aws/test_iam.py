"""What IAM simulates: for whom, and what its answer comes to."""

from __future__ import annotations

from typing import Any, cast

import pytest

from mangaops.aws.iam import Iam
from mangaops.aws.session import Aws
from mangaops.errors import AwsDenied
from support.stubbed import StubbedAws

ROLE = "arn:aws:iam::123456789012:role/ops/OnCall"
SESSION = "arn:aws:sts::123456789012:assumed-role/OnCall/ana"
PUT = "ssm:PutParameter"
ON = ["arn:aws:ssm:ap-northeast-1:123456789012:parameter/a"]


def asked(principal: str) -> dict[str, Any]:
    entry = {
        "ContextKeyName": "ecs:cluster",
        "ContextKeyValues": ["c"],
        "ContextKeyType": "string",
    }
    return {
        "PolicySourceArn": principal,
        "ActionNames": [PUT],
        "ResourceArns": ON,
        "ContextEntries": [entry],
    }


def said(decision: str, *missing: str) -> dict[str, Any]:
    result = {"EvalActionName": PUT, "EvalDecision": decision, "MissingContextValues": [*missing]}
    return {"EvaluationResults": [result], "IsTruncated": False}


def decided(aws: StubbedAws, caller: str) -> dict[str, str]:
    found = Iam(cast("Aws", aws)).decisions(caller, [PUT], ON, {"ecs:cluster": ["c"]})
    aws.done()
    return dict(found)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said("allowed"), "allowed"),
        (said("implicitDeny"), "denied"),
        (said("explicitDeny"), "denied"),
        (said("implicitDeny", "aws:MultiFactorAuthPresent"), "incomplete"),
    ],
)
def test_a_decision_is_allowed_denied_or_hangs_on_a_condition(
    answer: dict[str, Any], expected: str
) -> None:
    aws = StubbedAws("iam")
    user = "arn:aws:iam::123456789012:user/ana"
    aws.answers("simulate_principal_policy", asked(user), answer)
    assert decided(aws, user) == {PUT: expected}


def test_a_session_is_simulated_as_its_role_with_the_role_s_path() -> None:
    aws = StubbedAws("iam")
    role = {
        "Path": "/ops/",
        "RoleName": "OnCall",
        "RoleId": "AROA0123456789012345",
        "Arn": ROLE,
        "CreateDate": 0,
    }
    aws.answers("get_role", {"RoleName": "OnCall"}, {"Role": role})
    aws.answers("simulate_principal_policy", asked(ROLE), said("allowed"))
    assert decided(aws, SESSION) == {PUT: "allowed"}


def test_without_a_look_at_the_role_its_path_is_taken_for_none() -> None:
    aws = StubbedAws("iam")
    aws.refuses("get_role", "AccessDenied", status=403)
    principal = "arn:aws:iam::123456789012:role/OnCall"
    aws.answers("simulate_principal_policy", asked(principal), said("allowed"))
    assert decided(aws, SESSION) == {PUT: "allowed"}


def test_the_root_user_may_everything() -> None:
    assert decided(StubbedAws("iam"), "arn:aws:iam::123456789012:root") == {PUT: "allowed"}


def test_a_simulation_that_is_not_allowed_is_denied() -> None:
    aws = StubbedAws("iam")
    aws.refuses("simulate_principal_policy", "AccessDenied", status=403)
    with pytest.raises(AwsDenied):
        decided(aws, "arn:aws:iam::123456789012:user/ana")
