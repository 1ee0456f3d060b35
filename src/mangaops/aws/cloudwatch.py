"""CloudWatch: GetMetricData in as few calls as its limits allow, and ListMetrics.

`Unit` is never sent: a wrong one answers nothing and says Complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mangaops.aws.errors import translated
from mangaops.model.telemetry import MetricAnswer, MetricRequest, MetricState

if TYPE_CHECKING:
    from mangaops.aws.session import Aws

QUERIES_PER_CALL = 500
MOST_LISTED = 10_000
_UNFINISHED = (MetricState.PARTIAL, MetricState.INTERNAL_ERROR)


class CloudWatch:
    """Metrics of one account and region."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def prepare(self) -> None:
        """Builds the client ahead of the first call."""
        self._aws.client("cloudwatch")

    def metric_data(
        self, requests: Sequence[MetricRequest], start: int, end: int
    ) -> tuple[MetricAnswer, ...]:
        """One answer per request, in their order, for [start, end) in epoch seconds.

        What AWS could not finish (PartialData without a further page, InternalError)
        is asked for once more; what stays so keeps that state.
        """
        answers = self._asked(requests, start, end)
        again = [n for n, answer in enumerate(answers) if answer.state in _UNFINISHED]
        if again:
            repeated = self._asked([requests[n] for n in again], start, end)
            for n, answer in zip(again, repeated, strict=True):
                answers[n] = answer
        return tuple(answers)

    def metrics(
        self, namespace: str, name: str, *, recently: bool = False
    ) -> tuple[Mapping[str, str], ...]:
        """The dimensions of every metric of this name that had data in the last two weeks,
        or, `recently`, in the last three hours (the one span that AWS offers).

        A new metric takes up to 15 minutes to be listed.
        """
        found: list[Mapping[str, str]] = []
        token: dict[str, str] = {"RecentlyActive": "PT3H"} if recently else {}
        while True:
            with translated("cloudwatch:ListMetrics"):
                page = self._aws.client("cloudwatch").list_metrics(
                    Namespace=namespace, MetricName=name, **token
                )
            found += [_dimensions(metric) for metric in page.get("Metrics", [])]
            if not page.get("NextToken"):
                return tuple(found)
            token["NextToken"] = page["NextToken"]

    def metric_names(self, namespace: str) -> tuple[str, ...]:
        """The names of all metrics in a namespace that had data in the last two weeks."""
        with translated("cloudwatch:ListMetrics"):
            pages = (
                self._aws.client("cloudwatch")
                .get_paginator("list_metrics")
                .paginate(Namespace=namespace)
            )
            names = {metric["MetricName"] for page in pages for metric in page["Metrics"]}
        return tuple(sorted(names))

    def namespaces(self) -> tuple[str, ...]:
        """All that are listed, of the first 10,000 metrics: for a name that nothing is in."""
        with translated("cloudwatch:ListMetrics"):
            pages = (
                self._aws.client("cloudwatch")
                .get_paginator("list_metrics")
                .paginate(PaginationConfig={"MaxItems": MOST_LISTED})
            )
            found = {metric["Namespace"] for page in pages for metric in page["Metrics"]}
        return tuple(sorted(found))

    def _asked(self, requests: Sequence[MetricRequest], start: int, end: int) -> list[MetricAnswer]:
        answers: list[MetricAnswer] = []
        for first in range(0, len(requests), QUERIES_PER_CALL):
            some = requests[first : first + QUERIES_PER_CALL]
            self._aws.calls.count_metrics(len(some))
            collected = _Collected(ids=[f"m{n}" for n in range(len(some))])
            for page in self._pages(some, start, end):
                collected.add(page)
            answers += collected.answers()
        return answers

    def _pages(
        self, requests: Sequence[MetricRequest], start: int, end: int
    ) -> Iterable[Mapping[str, Any]]:
        asked: dict[str, Any] = {
            "MetricDataQueries": [_query(f"m{n}", r) for n, r in enumerate(requests)],
            "StartTime": datetime.fromtimestamp(start, UTC),
            "EndTime": datetime.fromtimestamp(end, UTC),
            "ScanBy": "TimestampAscending",
        }
        while True:
            with translated("cloudwatch:GetMetricData"):
                page = self._aws.client("cloudwatch").get_metric_data(**asked)
            yield page
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]


@dataclass(slots=True, kw_only=True)
class _Collected:
    """The pages of one call, put together by id."""

    ids: Sequence[str]
    states: dict[str, MetricState] = field(default_factory=dict)
    points: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    messages: dict[str, list[str]] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)

    def add(self, page: Mapping[str, Any]) -> None:
        self.general += _texts(page.get("Messages", []))
        for result in page.get("MetricDataResults", []):
            name = result["Id"]
            self.states[name] = _state(result.get("StatusCode"))
            times = (t.timestamp() for t in result.get("Timestamps", []))
            pairs = zip(times, result.get("Values", []), strict=True)
            self.points.setdefault(name, []).extend(pairs)
            self.messages.setdefault(name, []).extend(_texts(result.get("Messages", [])))

    def answers(self) -> list[MetricAnswer]:
        return [
            MetricAnswer(
                state=self.states.get(name, MetricState.INTERNAL_ERROR),
                points=tuple(sorted(self.points.get(name, ()))),
                messages=(*self.messages.get(name, ()), *self.general),
            )
            for name in self.ids
        ]


def _dimensions(metric: Mapping[str, Any]) -> Mapping[str, str]:
    return {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}


def _query(name: str, request: MetricRequest) -> dict[str, Any]:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": request.namespace,
                "MetricName": request.name,
                "Dimensions": [{"Name": k, "Value": v} for k, v in request.dimensions],
            },
            "Period": request.period,
            "Stat": request.stat,
        },
    }


def _state(code: str | None) -> MetricState:
    """A code of a later day counts as unfinished: never as an empty, complete answer."""
    try:
        return MetricState(code or MetricState.COMPLETE)
    except ValueError:
        return MetricState.INTERNAL_ERROR


def _texts(messages: Iterable[Mapping[str, str]]) -> list[str]:
    return [": ".join(part for part in (m.get("Code"), m.get("Value")) if part) for m in messages]
