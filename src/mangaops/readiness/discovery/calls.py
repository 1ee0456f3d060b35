"""What `init` calls: the IAM actions behind each list that it asks for."""

from __future__ import annotations

from collections.abc import Mapping

from mangaops.readiness.policies.names import Names
from mangaops.readiness.policies.needs import Need

CALLS: Mapping[str, tuple[str, ...]] = {
    "clusters": ("ecs:ListClusters",),
    "services": ("ecs:ListServices",),
    "containers": ("ecs:DescribeServices", "ecs:DescribeTaskDefinition"),
    "log_groups": ("logs:DescribeLogGroups",),
    "tables": ("dynamodb:ListTables", "dynamodb:DescribeTable"),
    "functions": ("lambda:ListFunctions", "lambda:ListEventSourceMappings"),
    "collections": ("aoss:ListCollections",),
    "collection_groups": ("aoss:ListCollectionGroups",),
    "replication_groups": ("elasticache:DescribeReplicationGroups",),
    "serverless_caches": ("elasticache:DescribeServerlessCaches",),
    "lone_caches": ("elasticache:DescribeCacheClusters",),
    "websocket_apis": ("apigateway:GET",),
    "stages": ("apigateway:GET",),
    "parameters": ("ssm:DescribeParameters",),
    "nat_gateways": ("ec2:DescribeNatGateways",),
    "namespaces": ("cloudwatch:ListMetrics",),
    "profiles": ("bedrock:ListInferenceProfiles",),
}
"""By the names of the lists in `search`."""
_ALL = Names(services=("*/*",), tables=("*",))
"""Which one it will be is what `init` is there to find out."""


def needs_of_init() -> tuple[Need, ...]:
    return tuple(
        Need(action=action, names=_ALL)
        for action in dict.fromkeys(action for actions in CALLS.values() for action in actions)
    )
