"""Which resources an IAM action can be narrowed to: one table, by AWS's own reference.

Source: the Service Authorization Reference of each service. Where IAM
has no resource type for an action, the resource is `*`, with a condition where there is
a key for it (`ecs:cluster`, `aoss:collection`, `lambda:FunctionArn`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from mangaops.model.model_ids import is_profile, without_geography
from mangaops.readiness.policies.names import Names

ANY = ("*",)
Condition: TypeAlias = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which account and region the ARNs name. `account` may be a placeholder."""

    region: str
    account: str

    @property
    def partition(self) -> str:
        """The region's own AWS: China and the government clouds have others."""
        for start, name in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
            if self.region.startswith(start):
                return name
        return "aws"

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def arns(self, service: str, form: str, names: Sequence[str]) -> tuple[str, ...]:
        """One for each name, with the name in the place of `{}`."""
        return tuple(self.arn(service, form.format(name)) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`word` names the statement; no `resources`: the call is not made for these names."""

    word: str
    resources: tuple[str, ...]
    condition: Condition = field(default_factory=dict)


Rule: TypeAlias = Callable[[Names, Place], Scope]


def scope_of(action: str, names: Names, place: Place) -> Scope:
    """Raises KeyError for an action that nobody has looked up yet."""
    return _RULES[action](names, place)


def known_actions() -> frozenset[str]:
    return frozenset(_RULES)


def _everything(_names: Names, _place: Place) -> Scope:
    return Scope(word="NotByResource", resources=ANY)


def _services(names: Names, place: Place) -> Scope:
    return Scope(word="Services", resources=place.arns("ecs", "service/{}", names.services))


def _clusters(names: Names) -> list[str]:
    return sorted({name.partition("/")[0] for name in names.services})


def _task_lists(names: Names, place: Place) -> Scope:
    clusters = place.arns("ecs", "cluster/{}", _clusters(names))
    condition = {"ArnEquals": {"ecs:cluster": clusters}}
    return Scope(word="TaskLists", resources=ANY if clusters else (), condition=condition)


def _tasks(names: Names, place: Place) -> Scope:
    return Scope(word="Tasks", resources=place.arns("ecs", "task/{}/*", _clusters(names)))


def _new_definitions(_names: Names, place: Place) -> Scope:
    """Tags are copied to the new revision while it is registered, and at no other time."""
    return Scope(
        word="DefinitionTags",
        resources=(place.arn("ecs", "task-definition/*"),),
        condition={"StringEquals": {"ecs:CreateAction": ("RegisterTaskDefinition",)}},
    )


def _task_roles(_names: Names, place: Place) -> Scope:
    return Scope(
        word="TaskRoles",
        resources=(f"arn:{place.partition}:iam::{place.account}:role/*",),
        condition={"StringEquals": {"iam:PassedToService": ("ecs-tasks.amazonaws.com",)}},
    )


def _scalable_targets(_names: Names, place: Place) -> Scope:
    return Scope(
        word="ScalableTargets",
        resources=(place.arn("application-autoscaling", "scalable-target/*"),),
        condition={
            "StringEquals": {
                "application-autoscaling:service-namespace": ("ecs",),
                "application-autoscaling:scalable-dimension": ("ecs:service:DesiredCount",),
            }
        },
    )


def _log_groups(names: Names, place: Place) -> Scope:
    arns = place.arns("logs", "log-group:{}:*", names.log_groups)
    return Scope(word="LogGroups", resources=arns)


def _parameters(names: Names, place: Place) -> Scope:
    bare = [name.removeprefix("/") for name in names.parameters]
    return Scope(word="Parameters", resources=place.arns("ssm", "parameter/{}", bare))


def _tables(names: Names, place: Place) -> Scope:
    return Scope(word="Tables", resources=place.arns("dynamodb", "table/{}", names.tables))


def _functions(names: Names, place: Place) -> Scope:
    return Scope(word="Functions", resources=_function_arns(names, place))


def _function_arns(names: Names, place: Place) -> tuple[str, ...]:
    return place.arns("lambda", "function:{}", names.functions)


def _new_mappings(names: Names, place: Place) -> Scope:
    condition = {"ArnEquals": {"lambda:FunctionArn": _function_arns(names, place)}}
    return Scope(word="NewMappings", resources=ANY, condition=condition)


def _mappings(names: Names, place: Place) -> Scope:
    return Scope(
        word="Mappings",
        resources=(place.arn("lambda", "event-source-mapping:*"),),
        condition={"ArnEquals": {"lambda:FunctionArn": _function_arns(names, place)}},
    )


def _collections(names: Names, _place: Place) -> Scope:
    """A collection's ARN has its id, which only the call itself tells: its name is a key."""
    condition = {"StringEquals": {"aoss:collection": names.collections}}
    resources = ANY if names.collections else ()
    return Scope(word="Collections", resources=resources, condition=condition)


def _indexes(names: Names, place: Place) -> Scope:
    resources = (place.arn("aoss", "collection/*"),) if names.collections else ()
    condition = {"StringEquals": {"aoss:collection": names.collections}}
    return Scope(word="Indexes", resources=resources, condition=condition)


def _groups(names: Names, _place: Place) -> Scope:
    condition = {"StringEquals": {"aoss:collection-group": names.groups}}
    resources = ANY if names.groups else ()
    return Scope(word="CollectionGroups", resources=resources, condition=condition)


def _models(names: Names, place: Place) -> Scope:
    """A model is AWS's own: its ARN has no account."""
    start = f"arn:{place.partition}:bedrock:{place.region}::foundation-model"
    return Scope(word="Models", resources=(f"{start}/*",) if names.models else ())


def _profiles(names: Names, place: Place) -> Scope:
    forms = ("inference-profile/{}", "application-inference-profile/{}")
    arns = tuple(arn for form in forms for arn in place.arns("bedrock", form, names.models))
    return Scope(word="Profiles", resources=arns)


def _invoked(names: Names, place: Place) -> Scope:
    """An inference profile passes calls on to the models of other regions."""
    found = {one for model in names.models for one in _callable(model, names, place)}
    return Scope(word="Invoked", resources=tuple(sorted(found)))


def _callable(model: str, names: Names, place: Place) -> Iterator[str]:
    """The ARNs that a call by this name needs; what is behind a profile's ARN only AWS knows."""
    behind = f"arn:{place.partition}:bedrock:*::foundation-model"
    if model.startswith("arn:"):
        yield model
        if ":foundation-model/" not in model:
            yield f"{behind}/*"
        return
    yield f"{behind}/{without_geography(model)}"
    for region in {place.region, *names.regions}:
        there = replace(place, region=region)
        if model == ANY[0]:
            yield from _profiles(replace(names, models=ANY), there).resources
        elif is_profile(model):
            yield there.arn("bedrock", f"inference-profile/{model}")


def _buckets(names: Names, place: Place) -> Scope:
    buckets = sorted({store.partition("/")[0] for store in names.stores})
    prefixes = tuple(sorted({f"{store.partition('/')[2]}*" for store in names.stores}))
    return Scope(
        word="Buckets",
        resources=tuple(f"arn:{place.partition}:s3:::{bucket}" for bucket in buckets),
        condition={"StringLike": {"s3:prefix": prefixes}},
    )


def _objects(names: Names, place: Place) -> Scope:
    arns = tuple(f"arn:{place.partition}:s3:::{_inside(store)}*" for store in names.stores)
    return Scope(word="Objects", resources=arns)


def _inside(store: str) -> str:
    return store if "/" in store else f"{store}/"


def _caches(_names: Names, place: Place) -> Scope:
    kinds = ("cluster:*", "replicationgroup:*", "serverlesscache:*")
    return Scope(word="Caches", resources=tuple(place.arn("elasticache", one) for one in kinds))


def _apis(_names: Names, place: Place) -> Scope:
    """API Gateway's actions are HTTP methods, its resources their paths, without an account."""
    start = f"arn:{place.partition}:apigateway:{place.region}::/apis"
    return Scope(word="Apis", resources=(start, f"{start}/*/stages"))


def _identities(_names: Names, place: Place) -> Scope:
    """Whoever asks: which role or user that is, is known only then."""
    start = f"arn:{place.partition}:iam::{place.account}"
    return Scope(word="Identities", resources=(f"{start}:role/*", f"{start}:user/*"))


def _quotas(_names: Names, place: Place) -> Scope:
    return Scope(word="Quotas", resources=(place.arn("servicequotas", "bedrock/*"),))


_BY_RULE: Mapping[Rule, tuple[str, ...]] = {
    _everything: (
        "aoss:ListCollectionGroups",
        "bedrock:ListInferenceProfiles",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
        "dynamodb:ListTables",
        "ec2:DescribeNatGateways",
        "lambda:ListFunctions",
        "logs:DescribeLogGroups",
        "logs:GetQueryResults",
        "logs:StopQuery",
        "ecs:DescribeTaskDefinition",
        "ecs:ListClusters",
        "ecs:ListServices",
        "ecs:RegisterTaskDefinition",
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingActivities",
        "application-autoscaling:DescribeScheduledActions",
        "lambda:ListEventSourceMappings",
        "aoss:BatchGetCollectionGroup",
        "aoss:GetAccountSettings",
        "aoss:ListCollections",
        "aoss:UpdateAccountSettings",
        "health:DescribeEvents",
        "health:DescribeEventDetails",
        "cloudtrail:LookupEvents",
        "servicequotas:GetServiceQuota",
        "servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota",
        "servicequotas:ListServiceQuotas",
        "ssm:DescribeParameters",
    ),
    _caches: (
        "elasticache:DescribeCacheClusters",
        "elasticache:DescribeReplicationGroups",
        "elasticache:DescribeServerlessCaches",
    ),
    _apis: ("apigateway:GET",),
    _identities: ("iam:GetRole", "iam:SimulatePrincipalPolicy"),
    _services: ("ecs:DescribeServices", "ecs:UpdateService"),
    _task_lists: ("ecs:ListTasks",),
    _tasks: ("ecs:DescribeTasks",),
    _new_definitions: ("ecs:TagResource",),
    _task_roles: ("iam:PassRole",),
    _scalable_targets: ("application-autoscaling:RegisterScalableTarget",),
    _log_groups: ("logs:StartQuery",),
    _parameters: (
        "ssm:GetParameter",
        "ssm:GetParameterHistory",
        "ssm:ListTagsForResource",
        "ssm:PutParameter",
    ),
    _tables: (
        "dynamodb:BatchGetItem",
        "dynamodb:DeleteItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
        "dynamodb:UpdateTable",
    ),
    _functions: ("lambda:GetFunctionConfiguration",),
    _new_mappings: ("lambda:CreateEventSourceMapping",),
    _mappings: ("lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"),
    _collections: ("aoss:BatchGetCollection",),
    _indexes: ("aoss:APIAccessAll",),
    _groups: ("aoss:UpdateCollectionGroup",),
    _models: ("bedrock:GetFoundationModel",),
    _profiles: ("bedrock:GetInferenceProfile",),
    _invoked: (
        "bedrock:CountTokens",
        "bedrock:InvokeModel",
        "bedrock:InvokeModelWithResponseStream",
    ),
    _buckets: ("s3:ListBucket",),
    _objects: ("s3:GetObject", "s3:PutObject"),
    _quotas: ("servicequotas:RequestServiceQuotaIncrease",),
}
_RULES: Mapping[str, Rule] = {
    action: rule for rule, actions in _BY_RULE.items() for action in actions
}
