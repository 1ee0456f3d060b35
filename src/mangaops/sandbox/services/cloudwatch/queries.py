"""Reading and checking the queries of GetMetricData."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mangaops.sandbox.overlay import Fault
from mangaops.sandbox.services.cloudwatch.periods import is_period
from mangaops.sandbox.services.cloudwatch.statistics import Statistic, parse

MOST_QUERIES = 500
_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    stat: str
    statistic: Statistic
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query: a metric, or an expression over other queries. `period` in seconds."""

    id: str
    label: str
    period: int
    returned: bool
    metric: Metric | None = None
    expression: str = ""


def read_queries(given: Sequence[Mapping[str, Any]]) -> tuple[Query, ...]:
    """All queries of a request; raises Fault ValidationError as AWS does."""
    if not given:
        raise _invalid("The parameter MetricDataQueries is required.")
    if len(given) > MOST_QUERIES:
        raise _invalid(
            f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}."
        )
    queries = tuple(_read(one, number) for number, one in enumerate(given, start=1))
    if len({query.id for query in queries}) < len(queries):
        raise _invalid("The values for parameter id in MetricDataQueries are not unique.")
    if not any(query.returned for query in queries):
        raise _invalid("At least one of the MetricDataQueries must have ReturnData true.")
    return queries


def _read(given: Mapping[str, Any], number: int) -> Query:
    where = f"MetricDataQueries.member.{number}"
    name = given.get("Id", "")
    if not _ID.fullmatch(name):
        raise _invalid(
            f'The value {name!r} for parameter {where}.Id must match "^[a-z][a-zA-Z0-9_]*$".'
        )
    if ("MetricStat" in given) == ("Expression" in given):
        raise _invalid(f"{where} must have exactly one of MetricStat and Expression.")
    if given.get("AccountId"):
        raise _invalid(f"{where}.AccountId: the sandbox has no linked accounts.")
    if "Expression" in given:
        return _read_expression(given, where)
    return _read_metric(given, where)


def _read_expression(given: Mapping[str, Any], where: str) -> Query:
    text = given["Expression"]
    if not 1 <= len(text) <= 2048:
        raise _invalid(f"{where}.Expression must have 1 to 2048 characters.")
    return Query(
        id=given["Id"],
        label=given.get("Label") or given["Id"],
        period=int(given.get("Period", 0)),
        returned=given.get("ReturnData", True),
        expression=text,
    )


def _read_metric(given: Mapping[str, Any], where: str) -> Query:
    stat = given["MetricStat"]
    metric = stat.get("Metric", {})
    for member in ("Namespace", "MetricName"):
        if not metric.get(member):
            raise _invalid(f"The parameter {where}.MetricStat.Metric.{member} is required.")
    period = int(stat.get("Period", 0))
    if not is_period(period):
        raise _invalid(
            f"The value {period} for parameter {where}.MetricStat.Period must be 1, 5, 10, 20, "
            "30 or a multiple of 60."
        )
    statistic = parse(stat.get("Stat", ""))
    if statistic is None:
        raise _invalid(
            f"The value {stat.get('Stat')} for parameter {where}.MetricStat.Stat is not a "
            "valid statistic."
        )
    return Query(
        id=given["Id"],
        label=given.get("Label") or metric["MetricName"],
        period=period,
        returned=given.get("ReturnData", True),
        metric=Metric(
            namespace=metric["Namespace"],
            name=metric["MetricName"],
            dimensions={one["Name"]: one["Value"] for one in metric.get("Dimensions", ())},
            stat=stat["Stat"],
            statistic=statistic,
            unit=stat.get("Unit"),
        ),
    )


def _invalid(message: str) -> Fault:
    return Fault("ValidationError", message)
