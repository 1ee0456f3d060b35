"""CloudWatch Logs Insights: start a query, look at it, stop it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mangaops.aws.errors import translated
from mangaops.errors import AwsNotFound, AwsRejected
from mangaops.model.telemetry import QueryAnswer, QueryStatus

if TYPE_CHECKING:
    from mangaops.aws.session import Aws


class Logs:
    """Queries over log groups of one account and region.

    Starting is not retried by anyone but botocore; a 101st query at the same time is
    `AwsRejected` with code `LimitExceededException`.
    """

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def prepare(self) -> None:
        """Builds the client ahead of the first call."""
        self._aws.client("logs")

    def start(self, groups: Sequence[str], query: str, start: int, end: int, limit: int) -> str:
        """The id of a query over [start, end], epoch seconds, both ends included."""
        try:
            with translated("logs:StartQuery"):
                answer = self._aws.client("logs").start_query(
                    logGroupNames=list(groups),
                    queryString=query,
                    startTime=start,
                    endTime=end,
                    limit=limit,
                )
        except AwsNotFound as error:
            raise _no_such_group(error, groups) from error
        except AwsRejected as error:
            raise _with_place(error, query) from error
        return str(answer["queryId"])

    def results(self, query_id: str) -> QueryAnswer:
        """How far it is. Rows come in pages of 10,000 once it is complete."""
        answer = self._results(query_id)
        rows = [_row(fields) for fields in answer.get("results", [])]
        status = _status(answer.get("status"))
        page = answer
        while status is QueryStatus.COMPLETE and page.get("nextToken"):
            page = self._results(query_id, nextToken=page["nextToken"])
            rows += [_row(fields) for fields in page.get("results", [])]
        figures = answer.get("statistics", {})
        return QueryAnswer(
            status=status,
            rows=tuple(rows),
            records_scanned=figures.get("recordsScanned"),
            records_matched=figures.get("recordsMatched"),
            bytes_scanned=figures.get("bytesScanned", 0),
        )

    def stop(self, query_id: str) -> None:
        """Ends a running query; one that has ended already is refused (`AwsRejected`)."""
        with translated("logs:StopQuery"):
            self._aws.client("logs").stop_query(queryId=query_id)

    def _results(self, query_id: str, **page: str) -> Mapping[str, Any]:
        with translated("logs:GetQueryResults"):
            answer: Mapping[str, Any] = self._aws.client("logs").get_query_results(
                queryId=query_id, **page
            )
        return answer


def _row(fields: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """`@ptr` is AWS's own handle on an event and no field of it."""
    return {f["field"]: f.get("value", "") for f in fields if f.get("field", "@ptr") != "@ptr"}


def _status(text: str | None) -> QueryStatus:
    try:
        return QueryStatus(text or "")
    except ValueError:
        return QueryStatus.UNKNOWN


def _no_such_group(error: AwsNotFound, groups: Sequence[str]) -> AwsNotFound:
    names = ", ".join(groups)
    named = (
        error.what if any(group in error.what for group in groups) else f"{error.what} ({names})"
    )
    return AwsNotFound(
        named,
        hint=f"check the names of the log groups ({names}), the region and the account",
        code=error.code,
        operation=error.operation,
        request_id=error.request_id,
    )


def _with_place(error: AwsRejected, query: str) -> AwsRejected:
    """A malformed query with the place of the error, which AWS gives as an offset."""
    answer = getattr(error.__cause__, "response", {})
    told = answer.get("queryCompileError") or {}
    if error.code != "MalformedQueryException":
        return error
    offset = (told.get("location") or {}).get("startCharOffset")
    what = told.get("message") or error.what
    if isinstance(offset, int):
        before = query[:offset]
        line, column = before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
        what = f"{what} (line {line}, column {column} of the query)"
    return AwsRejected(
        f"MalformedQueryException: {what}",
        hint="correct the query in the runbook",
        code=error.code,
        operation=error.operation,
        request_id=error.request_id,
    )
