"""botocore's service models, each loaded once, and which services share a signing name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from botocore.exceptions import UnknownServiceError
from botocore.loaders import create_loader
from moto.core.model import OperationModel, ServiceModel

SIGNING_NAMES: Mapping[str, tuple[str, ...]] = {
    "monitoring": ("cloudwatch",),
    "aoss": ("opensearchserverless",),
    "servicequotas": ("service-quotas",),
    "bedrock": ("bedrock-runtime", "bedrock"),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "states": ("stepfunctions",),
    "execute-api": ("apigatewaymanagementapi",),
    "apigateway": ("apigatewayv2", "apigateway"),
}
"""Signing name -> botocore's names; a name that is absent stands for itself."""

_loader = create_loader()


def candidates(signing_name: str) -> tuple[str, ...]:
    """The services that a request signed for this name may be meant for."""
    return SIGNING_NAMES.get(signing_name, (signing_name,))


@cache
def service_model(service: str) -> ServiceModel | None:
    """Botocore's model of a service, or None where botocore knows no such service."""
    try:
        description = _loader.load_service_model(service, "service-2")
    except UnknownServiceError:
        return None
    return ServiceModel(description, service)


def operation_model(service: str, operation: str) -> OperationModel | None:
    """The model of an operation, or None where the service has no such operation."""
    model = service_model(service)
    if model is None or operation not in model.operation_names:
        return None
    found: OperationModel = model.operation_model(operation)
    return found
