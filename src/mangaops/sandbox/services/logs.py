"""CloudWatch Logs Insights and FilterLogEvents over the events that moto holds.

Groups, streams and their events are moto's; what any client put there is what a query
reads, and metrics embedded in it are metrics. A query's answer is of the moment of StartQuery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaops.sandbox.capsule_logs import recorded_logs
from mangaops.sandbox.insights.grammar import MAX_LENGTH, parse_query
from mangaops.sandbox.insights.patterns import InvalidPattern, compile_pattern
from mangaops.sandbox.insights.query import MalformedQuery, Query
from mangaops.sandbox.overlay import Call, Fault, Handler
from mangaops.sandbox.services.embedded_metrics import put_log_events
from mangaops.sandbox.services.log_groups import (
    LogGroupView,
    events_between,
    group_of,
    group_of_identifier,
)
from mangaops.sandbox.services.log_queries import LogQueries, LogQuery, Status
from mangaops.sandbox.services.paging import page_of
from mangaops.sandbox.services.regional import given, regional
from mangaops.sandbox.world import World

MAX_GROUPS = 50
PAGE = 10_000


def start_query(world: World, call: Call) -> Mapping[str, Any]:
    """Checks everything at once, as AWS does: a bad query never gets an id."""
    params = call.params
    query = _parsed(params)
    groups = _groups(call)
    start, end = int(params["startTime"]), int(params["endTime"])
    if start > end:
        raise _invalid("The start time of a query cannot be after its end time")
    limit = params.get("limit")
    if limit is not None and not 1 <= limit <= 100_000:
        raise _invalid("limit must be from 1 to 100000")
    queries = regional(world, call, LogQueries)
    if len(queries.running()) >= queries.limit:
        raise Fault(
            "LimitExceededException",
            f"Account maximum query concurrency limit of [{queries.limit}] reached.",
        )
    recorded = regional(world, call, recorded_logs).find(
        frozenset(group.name for group in groups), params["queryString"]
    )
    started = queries.start(
        query=query,
        groups=tuple(group.name for group in groups),
        events=[
            event
            for group in groups
            for event in events_between(group, start * 1000, end * 1000 + 999)
        ],
        limit=limit,
        now=world.now(),
        recorded=None if recorded is None else recorded.rows(end + 1),
    )
    return {"queryId": started.id}


def _parsed(params: Mapping[str, Any]) -> Query:
    text = params["queryString"]
    if len(text) > MAX_LENGTH:
        raise _invalid(
            "1 validation error detected: Value at 'queryString' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MAX_LENGTH}"
        )
    language = params.get("queryLanguage", "CWLI")
    if language != "CWLI":
        raise _invalid(f"queryLanguage {language} is not served by the sandbox, only CWLI")
    try:
        return parse_query(text)
    except MalformedQuery as error:
        location = {"startCharOffset": error.start, "endCharOffset": error.end}
        compile_error = {"location": location, "message": error.message}
        fields = {"queryCompileError": compile_error}
        raise Fault("MalformedQueryException", error.message, 400, fields) from None


def _groups(call: Call) -> list[LogGroupView]:
    params = call.params
    ways = ("logGroupName", "logGroupNames", "logGroupIdentifiers")
    given_ways = [way for way in ways if params.get(way)]
    if len(given_ways) != 1:
        raise _invalid(
            "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given"
        )
    value = params[given_ways[0]]
    names = [value] if isinstance(value, str) else list(dict.fromkeys(value))
    if len(names) > MAX_GROUPS:
        raise _invalid(f"A query can be over at most {MAX_GROUPS} log groups")
    find = group_of_identifier if given_ways[0] == "logGroupIdentifiers" else group_of
    return [find(call, name) for name in names]


def get_query_results(world: World, call: Call) -> Mapping[str, Any]:
    """Running with the rows so far, then Complete; only Complete is a result."""
    query = _query(world, call)
    status, result = query.poll()
    size = min(call.params.get("maxItems", PAGE), PAGE)
    token = call.params.get("nextToken")
    refusal = _invalid("The specified nextToken is invalid.")
    rows, following = page_of(result.rows, token, size, refusal)
    counts = result.statistics
    return given(
        {
            "queryLanguage": "CWLI",
            "status": status.value,
            "results": [
                [{"field": name, "value": value} for name, value in row.items()] for row in rows
            ],
            "statistics": {
                "recordsMatched": float(counts.matched),
                "recordsScanned": float(counts.scanned),
                "estimatedRecordsSkipped": 0.0,
                "bytesScanned": float(counts.bytes_scanned),
                "estimatedBytesSkipped": 0.0,
                "logGroupsScanned": float(len(query.groups)),
            },
            "nextToken": following if status is Status.COMPLETE else None,
        }
    )


def stop_query(world: World, call: Call) -> Mapping[str, Any]:
    query = _query(world, call)
    if not query.stop():
        status = query.status.value
        raise _invalid(f"Query {query.id} has already ended, in status {status}")
    return {"success": True}


def describe_queries(world: World, call: Call) -> Mapping[str, Any]:
    """Newest first, with the filters of the API."""
    params = call.params
    found = [
        query
        for query in reversed(regional(world, call, LogQueries).all())
        if params.get("logGroupName") in {None, *query.groups}
        and params.get("status") in {None, query.status.value}
        and params.get("queryLanguage") in {None, "CWLI"}
    ]
    size = params.get("maxResults", 1000)
    refusal = _invalid("The specified nextToken is invalid.")
    page, token = page_of(found, params.get("nextToken"), size, refusal)
    return given({"queries": [_described(query) for query in page], "nextToken": token})


def _described(query: LogQuery) -> dict[str, Any]:
    return {
        "queryLanguage": "CWLI",
        "queryId": query.id,
        "queryString": query.query.text,
        "status": query.status.value,
        "createTime": int(query.created.timestamp() * 1000),
        "logGroupName": query.groups[0],
    }


def filter_log_events(_world: World, call: Call) -> Mapping[str, Any]:
    """Events of one group in the order of time; both ends of the time are inclusive."""
    params = call.params
    try:
        matches = compile_pattern(params.get("filterPattern", ""))
    except InvalidPattern as error:
        raise _invalid(f"Invalid filter pattern: {error}") from None
    if ("logGroupName" in params) == ("logGroupIdentifier" in params):
        raise _invalid("Exactly one of logGroupName and logGroupIdentifier must be given")
    if "logGroupName" in params:
        group = group_of(call, params["logGroupName"])
    else:
        group = group_of_identifier(call, params["logGroupIdentifier"])
    names, prefix = params.get("logStreamNames"), params.get("logStreamNamePrefix")
    if names and prefix:
        raise _invalid("logStreamNames and logStreamNamePrefix exclude each other")
    found = [
        event
        for event in events_between(group, params.get("startTime"), params.get("endTime"))
        if (not names or event.stream in names)
        and (not prefix or event.stream.startswith(prefix))
        and matches(event.message)
    ]
    found.sort(key=lambda event: event.timestamp)
    refusal = _invalid("The specified nextToken is invalid.")
    size = params.get("limit", PAGE)
    page, token = page_of(found, params.get("nextToken"), size, refusal)
    events = [
        {
            "logStreamName": event.stream,
            "timestamp": event.timestamp,
            "message": event.message,
            "ingestionTime": event.ingested,
            "eventId": event.id,
        }
        for event in page
    ]
    return given({"events": events, "searchedLogStreams": [], "nextToken": token})


def _query(world: World, call: Call) -> LogQuery:
    wanted = call.params["queryId"]
    query = regional(world, call, LogQueries).find(wanted)
    if query is None:
        raise Fault("ResourceNotFoundException", f"Query {wanted} does not exist.")
    return query


def _invalid(message: str) -> Fault:
    return Fault("InvalidParameterException", message)


OPERATIONS: Mapping[str, Handler] = {
    "StartQuery": start_query,
    "GetQueryResults": get_query_results,
    "StopQuery": stop_query,
    "DescribeQueries": describe_queries,
    "FilterLogEvents": filter_log_events,
    "PutLogEvents": put_log_events,
}
