"""OpenSearch Serverless: the limits of capacity, set; and how close the account is to its own.

An update of a group is not incremental: a limit that is not sent goes back to its
default, so all four are always sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from mangaops.aws.cloudwatch import CloudWatch
from mangaops.aws.errors import translated
from mangaops.aws.opensearch import SearchGateway
from mangaops.aws.session import Aws
from mangaops.model.resources import AccountLimits, GroupLimits
from mangaops.model.telemetry import MetricRequest, MetricState

if TYPE_CHECKING:
    from mypy_boto3_opensearchserverless import OpenSearchServiceServerlessClient

_NAMESPACE, _METRIC = "AWS/AOSS", "SearchOCU"
_OUTSIDE_GROUPS = {"ClientId"}
"""The dimensions of the metric that counts only collections without a group."""
_MINUTE = 60
_LOOK_BACK = 10 * _MINUTE


class SearchChanges(SearchGateway):
    """What `SearchGateway` reads, and the writes, each of which is sent once."""

    def __init__(self, aws: Aws, *, clock: Callable[[], datetime]) -> None:
        super().__init__(aws)
        self._clock = clock

    @property
    def _writer(self) -> OpenSearchServiceServerlessClient:
        client: OpenSearchServiceServerlessClient = self._aws.writer("opensearchserverless")
        return client

    def set_group_limits(self, group_id: str, limits: GroupLimits, token: str) -> GroupLimits:
        """Sets all four, and gives them back. `token` makes a repetition harmless."""
        with translated("aoss:UpdateCollectionGroup"):
            self._writer.update_collection_group(
                id=group_id,
                capacityLimits={
                    "minSearchCapacityInOCU": limits.min_search,
                    "maxSearchCapacityInOCU": limits.max_search,
                    "minIndexingCapacityInOCU": limits.min_indexing,
                    "maxIndexingCapacityInOCU": limits.max_indexing,
                },
                clientToken=token,
            )
        return limits

    def set_account_limits(self, limits: AccountLimits) -> AccountLimits:
        """Sets those that are not None, and gives all back. The API takes whole OCU only."""
        wanted: Mapping[str, float | None] = {
            "maxSearchCapacityInOCU": limits.max_search,
            "maxIndexingCapacityInOCU": limits.max_indexing,
        }
        sent = {name: int(value) for name, value in wanted.items() if value is not None}
        with translated("aoss:UpdateAccountSettings"):
            self._writer.update_account_settings(capacityLimits=sent)  # type: ignore[arg-type]
        return limits

    def ungrouped_search_ocu(self) -> float | None:
        """The most search OCU that collections without a group used in the last 10 minutes.

        None when CloudWatch has no such datapoint.
        """
        cloudwatch = CloudWatch(self._aws)
        requests = [
            MetricRequest(
                namespace=_NAMESPACE,
                name=_METRIC,
                dimensions=tuple(sorted(dimensions.items())),
                stat="Sum",
                period=_MINUTE,
            )
            for dimensions in cloudwatch.metrics(_NAMESPACE, _METRIC, recently=True)
            if dimensions.keys() == _OUTSIDE_GROUPS
        ]
        end = int(self._clock().timestamp()) // _MINUTE * _MINUTE
        answers = cloudwatch.metric_data(requests, end - _LOOK_BACK, end) if requests else ()
        seen = [answer for answer in answers if answer.state is MetricState.COMPLETE]
        return max((value for answer in seen for _, value in answer.points), default=None)
