"""What an account has, for `init`: lists of names, with what tells what each is for.

Every method reads, is asked once, and raises AwsError when it may not be. Lists end after
`MOST` entries: whoever has more of a kind names theirs with --use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mangaops.aws.errors import translated
from mangaops.aws.lambda_ import table_of_stream
from mangaops.aws.session import Aws
from mangaops.aws.table_key import key_of
from mangaops.errors import AwsError
from mangaops.model.listed import Listed

MOST = 1000
MOST_METRICS = 10_000
MOST_TABLES = 50
"""Tables whose keys are looked at; a call each."""


class DiscoveryGateway:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def clusters(self) -> tuple[Listed, ...]:
        arns = self._items("ecs", "ListClusters", "clusterArns")
        return tuple(Listed(name=_last(arn)) for arn in arns)

    def services(self, cluster: str) -> tuple[Listed, ...]:
        arns = self._items("ecs", "ListServices", "serviceArns", cluster=cluster)
        return tuple(Listed(name=_last(arn)) for arn in arns)

    def containers(self, cluster: str, service: str) -> tuple[Listed, ...]:
        """Of the task definition that the service runs; marked with their log groups."""
        ecs = self._aws.client("ecs")
        with translated("ecs:DescribeServices"):
            found = ecs.describe_services(cluster=cluster, services=[service])["services"]
        if not found:
            return ()
        with translated("ecs:DescribeTaskDefinition"):
            answer = ecs.describe_task_definition(taskDefinition=found[0]["taskDefinition"])
        return tuple(_container(one) for one in answer["taskDefinition"]["containerDefinitions"])

    def log_groups(self) -> tuple[Listed, ...]:
        found = self._items("logs", "DescribeLogGroups", "logGroups")
        return tuple(Listed(name=one["logGroupName"]) for one in found)

    def tables(self) -> tuple[Listed, ...]:
        names = list(self._items("dynamodb", "ListTables", "TableNames"))
        known = tuple(self._table(name) for name in names[:MOST_TABLES])
        return (*known, *(Listed(name=name) for name in names[MOST_TABLES:]))

    def _table(self, name: str) -> Listed:
        """With its keys, as far as it may be described."""
        try:
            _, attributes, kinds = key_of(self._aws, name)
        except AwsError:
            return Listed(name=name)
        keys = ",".join(attributes.values())
        types = ",".join(kinds.get(each, "") for each in attributes.values())
        marks = frozenset({f"key:{keys}", f"types:{types}"})
        return Listed(name=name, about=f"key {keys}", marks=marks)

    def functions(self) -> tuple[Listed, ...]:
        """Marked with the tables whose streams they read, as far as that may be asked."""
        names = [one["FunctionName"] for one in self._items("lambda", "ListFunctions", "Functions")]
        fed: dict[str, set[str]] = {}
        try:
            mappings = list(self._items("lambda", "ListEventSourceMappings", "EventSourceMappings"))
        except AwsError:
            mappings = []
        for one in mappings:
            function = one.get("FunctionArn", "").partition(":function:")[2].partition(":")[0]
            table = table_of_stream(one.get("EventSourceArn", ""))
            if table:
                fed.setdefault(function, set()).add(f"stream:{table}")
        return tuple(Listed(name=name, marks=frozenset(fed.get(name, ()))) for name in names)

    def collections(self) -> tuple[Listed, ...]:
        found = self._items("opensearchserverless", "ListCollections", "collectionSummaries")
        return tuple(_collection(one) for one in found)

    def collection_groups(self) -> tuple[Listed, ...]:
        key = "collectionGroupSummaries"
        found = self._items("opensearchserverless", "ListCollectionGroups", key)
        return tuple(Listed(name=one["name"]) for one in found)

    def replication_groups(self) -> tuple[Listed, ...]:
        found = self._items("elasticache", "DescribeReplicationGroups", "ReplicationGroups")
        return tuple(listed for one in found for listed in _replicated(one))

    def serverless_caches(self) -> tuple[Listed, ...]:
        found = self._items("elasticache", "DescribeServerlessCaches", "ServerlessCaches")
        return tuple(
            _cache(one["Endpoint"], f"serverless cache {one['ServerlessCacheName']}", tls=True)
            for one in found
            if one.get("Endpoint") and one.get("Engine") != "memcached"
        )

    def lone_caches(self) -> tuple[Listed, ...]:
        """Clusters that are in no replication group."""
        found = self._items(
            "elasticache", "DescribeCacheClusters", "CacheClusters", ShowCacheNodeInfo=True
        )
        return tuple(
            _cache(
                one["CacheNodes"][0]["Endpoint"],
                f"cache cluster {one['CacheClusterId']}",
                tls=bool(one.get("TransitEncryptionEnabled")),
            )
            for one in found
            if one.get("Engine") != "memcached"
            and not one.get("ReplicationGroupId")
            and one.get("CacheNodes", [{}])[0].get("Endpoint")
        )

    def websocket_apis(self) -> tuple[Listed, ...]:
        found = self._items("apigatewayv2", "GetApis", "Items")
        return tuple(
            Listed(name=one["ApiId"], about=one["Name"])
            for one in found
            if one["ProtocolType"] == "WEBSOCKET"
        )

    def stages(self, api: str) -> tuple[Listed, ...]:
        found = self._items("apigatewayv2", "GetStages", "Items", ApiId=api)
        return tuple(Listed(name=one["StageName"]) for one in found)

    def parameters(self) -> tuple[Listed, ...]:
        found = self._items("ssm", "DescribeParameters", "Parameters")
        return tuple(Listed(name=one["Name"]) for one in found)

    def nat_gateways(self) -> tuple[Listed, ...]:
        live = [{"Name": "state", "Values": ["available"]}]
        found = self._items("ec2", "DescribeNatGateways", "NatGateways", Filters=live)
        return tuple(_nat_gateway(one) for one in found)

    def namespaces(self) -> tuple[Listed, ...]:
        """Of the account's own metrics that had data within three hours."""
        found = self._items(
            "cloudwatch", "ListMetrics", "Metrics", most=MOST_METRICS, RecentlyActive="PT3H"
        )
        names = {one["Namespace"] for one in found}
        own = sorted(name for name in names if not name.startswith("AWS/"))
        return tuple(Listed(name=name) for name in own)

    def profiles(self) -> tuple[Listed, ...]:
        found = self._items("bedrock", "ListInferenceProfiles", "inferenceProfileSummaries")
        return tuple(
            Listed(name=one["inferenceProfileId"], about=one["inferenceProfileName"])
            for one in found
        )

    def _items(
        self, service: str, operation: str, key: str, *, most: int = MOST, **asked: Any
    ) -> Iterator[Any]:
        """What is under `key` of every page, at most so many."""
        client = self._aws.client(service)
        method = _snake(operation)
        with translated(_action(service, operation)):
            if client.can_paginate(method):
                limit = {"MaxItems": most}
                for page in client.get_paginator(method).paginate(PaginationConfig=limit, **asked):
                    yield from page.get(key, [])
            else:
                yield from _pages(getattr(client, method), key, most, asked)


def _action(service: str, operation: str) -> str:
    """As IAM writes it; API Gateway's actions are HTTP methods."""
    match service:
        case "apigatewayv2":
            return "apigateway:GET"
        case "opensearchserverless":
            return f"aoss:{operation}"
        case _:
            return f"{service}:{operation}"


def _pages(
    ask: Callable[..., Mapping[str, Any]], key: str, most: int, asked: Mapping[str, Any]
) -> Iterator[Any]:
    """For services whose pages botocore does not know."""
    token: dict[str, str] = {}
    seen = 0
    while seen < most:
        page = ask(**asked, **token)
        yield from page.get(key, [])
        seen += len(page.get(key, []))
        if not page.get("nextToken"):
            return
        token = {"nextToken": page["nextToken"]}


def _snake(operation: str) -> str:
    from botocore import xform_name  # noqa: PLC0415 - 0.1 s

    return str(xform_name(operation))


def _last(arn: str) -> str:
    return arn.rpartition("/")[2]


def _container(definition: Mapping[str, Any]) -> Listed:
    options = definition.get("logConfiguration", {}).get("options", {})
    group = options.get("awslogs-group")
    marks = frozenset({f"log:{group}"} if group else ())
    about = "essential" if definition.get("essential", True) else "not essential"
    return Listed(name=definition["name"], about=about, marks=marks)


def _collection(summary: Mapping[str, Any]) -> Listed:
    group = summary.get("collectionGroupName")
    return Listed(name=summary["name"], marks=frozenset({f"group:{group}"} if group else ()))


def _replicated(group: Mapping[str, Any]) -> Iterator[Listed]:
    """Its configuration endpoint, else the primary one of its only shard."""
    nodes = group.get("NodeGroups") or [{}]
    endpoint = group.get("ConfigurationEndpoint") or nodes[0].get("PrimaryEndpoint")
    if endpoint:
        about = f"replication group {group['ReplicationGroupId']}"
        yield _cache(endpoint, about, tls=bool(group.get("TransitEncryptionEnabled")))


def _cache(endpoint: Mapping[str, Any], about: str, *, tls: bool) -> Listed:
    scheme = "rediss" if tls else "redis"
    return Listed(name=f"{scheme}://{endpoint['Address']}:{endpoint['Port']}", about=about)


def _nat_gateway(gateway: Mapping[str, Any]) -> Listed:
    named = [tag["Value"] for tag in gateway.get("Tags", []) if tag["Key"] == "Name"]
    return Listed(name=gateway["NatGatewayId"], about="".join(named[:1]))
