"""The overlay's handlers, by service and operation.

Each module serves one or a few AWS services: `OPERATIONS` names its handlers, and
`seed(world)`, where there is one, makes the normal resources. A service is added by
one file and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import cast

from mangaops.sandbox.overlay import Handler
from mangaops.sandbox.world import World

MODULES: Mapping[str, str] = {
    "cloudwatch": "cloudwatch",
    "logs": "logs",
    "ecs": "ecs",
    "application-autoscaling": "autoscaling",
    "opensearchserverless": "opensearchserverless",
    "health": "health",
    "cloudtrail": "cloudtrail",
    "service-quotas": "service_quotas",
    "bedrock": "bedrock",
    "bedrock-runtime": "bedrock_runtime",
    "dynamodb": "dynamodb",
    "lambda": "lambda_",
    "sts": "sts",
    "iam": "iam",
    "elasticache": "elasticache",
    "apigatewayv2": "apigatewayv2",
    "ec2": "ec2",
    "sqs": "sqs",
}
"""botocore's service name -> the module beside this file that overlays it."""


def _load() -> tuple[dict[str, Mapping[str, Handler]], list[Callable[[World], None]]]:
    handlers: dict[str, Mapping[str, Handler]] = {}
    seeds: list[Callable[[World], None]] = []
    for service, module_name in MODULES.items():
        module = import_module(f"{__name__}.{module_name}")
        handlers[service] = cast("Mapping[str, Handler]", module.OPERATIONS)
        if hasattr(module, "seed"):
            seeds.append(module.seed)
    return handlers, seeds


SERVICES: Mapping[str, Mapping[str, Handler]]
SERVICES, SEEDS = _load()
