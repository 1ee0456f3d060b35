"""Service Quotas of Bedrock: the rows, the requests to raise one, and a new request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.model.resources import Quota, QuotaRequest

SERVICE = "bedrock"


class QuotaGateway:
    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def _client(self) -> Any:
        return self._aws.client("service-quotas")

    def quotas(self) -> tuple[Quota, ...]:
        """Every row of Bedrock with what applies to this account in this region."""
        with translated("servicequotas:ListServiceQuotas"):
            pages = self._client.get_paginator("list_service_quotas").paginate(ServiceCode=SERVICE)
            return tuple(_quota(row) for page in pages for row in page["Quotas"])

    def quota(self, code: str) -> Quota:
        """Raises AwsNotFound when there is none of this code."""
        with translated("servicequotas:GetServiceQuota"):
            answer = self._client.get_service_quota(ServiceCode=SERVICE, QuotaCode=code)
        return _quota(answer["Quota"])

    def requests(self, code: str) -> tuple[QuotaRequest, ...]:
        """The requests of one row, newest first."""
        operation = "list_requested_service_quota_change_history_by_quota"
        with translated("servicequotas:ListRequestedServiceQuotaChangeHistoryByQuota"):
            pages = self._client.get_paginator(operation).paginate(
                ServiceCode=SERVICE, QuotaCode=code
            )
            found = [row for page in pages for row in page["RequestedQuotas"]]
        found.sort(key=lambda row: row["Created"].timestamp() if "Created" in row else 0)
        return tuple(_request(row) for row in reversed(found))

    def request(self, code: str, desired: float) -> QuotaRequest:
        """Asks for a higher value. Sent once; AWS takes one open request of a row."""
        client = self._aws.writer("service-quotas")
        with translated("servicequotas:RequestServiceQuotaIncrease"):
            answer = client.request_service_quota_increase(
                ServiceCode=SERVICE, QuotaCode=code, DesiredValue=desired
            )
        return _request(answer["RequestedQuota"])


def _quota(row: Mapping[str, Any]) -> Quota:
    return Quota(
        code=row.get("QuotaCode", ""),
        name=row.get("QuotaName", ""),
        value=row.get("Value", 0.0),
        adjustable=row.get("Adjustable", False),
    )


def _request(row: Mapping[str, Any]) -> QuotaRequest:
    return QuotaRequest(
        id=row.get("Id", ""), desired=row.get("DesiredValue", 0.0), status=row.get("Status", "")
    )
