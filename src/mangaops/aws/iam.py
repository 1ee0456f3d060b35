"""IAM: what an identity may do, without trying it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.errors import AwsError

_ASSUMED = ":assumed-role/"


class Iam:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> Any:
        return self._aws.client("iam")

    def decisions(
        self,
        caller: str,
        actions: Sequence[str],
        resources: Sequence[str],
        context: Mapping[str, Sequence[str]],
    ) -> Mapping[str, str]:
        """`allowed`, `denied` or `incomplete` (a condition is not known) for each action.

        `caller` is what sts:GetCallerIdentity tells, `context` the values of condition keys.
        Denied on one of the resources is denied.
        """
        if caller.endswith(":root"):
            return dict.fromkeys(actions, "allowed")
        principal = self._principal(caller)
        found: dict[str, str] = {}
        with translated("iam:SimulatePrincipalPolicy"):
            pages = self._client.get_paginator("simulate_principal_policy").paginate(
                PolicySourceArn=principal,
                ActionNames=list(actions),
                ResourceArns=list(resources),
                ContextEntries=[
                    {
                        "ContextKeyName": key,
                        "ContextKeyValues": list(values),
                        "ContextKeyType": "string",
                    }
                    for key, values in context.items()
                ],
            )
            for page in pages:
                for result in page["EvaluationResults"]:
                    name, said = result["EvalActionName"], _decision(result)
                    found[name] = max(found.get(name, said), said, key=_WORSE.index)
        return found

    def _principal(self, caller: str) -> str:
        """The role of a session: IAM knows no sessions. Its path is asked of IAM, if it may be."""
        if _ASSUMED not in caller:
            return caller
        before, _, session = caller.partition(_ASSUMED)
        role = session.split("/", 1)[0]
        try:
            with translated("iam:GetRole"):
                return str(self._client.get_role(RoleName=role)["Role"]["Arn"])
        except AwsError:
            return f"{before.replace(':sts:', ':iam:')}:role/{role}"


_WORSE = ("allowed", "incomplete", "denied")


def _decision(result: Mapping[str, Any]) -> str:
    if result["EvalDecision"] == "allowed":
        return "allowed"
    return "incomplete" if result.get("MissingContextValues") else "denied"
