"""What a policy document cannot say, and whoever attaches it must know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mangaops.readiness.policies.document import LARGEST, Statement

PLACEHOLDER = "ACCOUNT_ID"
"""Stands in the ARNs where nobody knows the account."""
_BY_ACTION = (
    (
        "aoss:APIAccessAll",
        "the collection's data access policy must allow aoss:DescribeIndex, aoss:ReadDocument too",
    ),
    (
        "iam:PassRole",
        "narrow role/* to the task role and the execution role of the service's tasks",
    ),
    (
        "aoss:UpdateAccountSettings",
        "leave aoss:UpdateAccountSettings out where the collection is in a group",
    ),
    (
        "health:DescribeEvents",
        "AWS Health answers only accounts with a Business or Enterprise support plan",
    ),
)


def notes_of(
    statements: Iterable[Statement], *, account: str, size: int, cache: bool, lock_table: str | None
) -> Iterator[str]:
    """`cache`: Redis is read as well. `lock_table`: of a change, `""` where it has none."""
    actions = {action for one in statements for action in one.actions}
    if account == PLACEHOLDER:
        yield f"replace {PLACEHOLDER}, or pass --account: neither mangaops.yaml nor AWS told it"
    yield from (text for action, text in _BY_ACTION if action in actions)
    if cache:
        yield "Redis knows no IAM here: the cache needs a way through the network, and its password"
    if lock_table is not None:
        yield "watching an alarm needs what `mangaops iam diagnose RUNBOOK` prints besides"
    if lock_table == "":
        yield "no lock_table is configured: two operators are kept apart on one machine only"
    if size > LARGEST:
        yield (
            f"the document has {size:,} characters, a managed policy at most {LARGEST:,}: "
            "make one for each runbook or remedy"
        )
    yield "sts:GetCallerIdentity is called too, and needs no permission"
