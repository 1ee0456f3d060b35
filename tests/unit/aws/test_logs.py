import pytest

from mangaops.aws.logs import Logs
from mangaops.errors import AwsNotFound, AwsRejected
from mangaops.model.telemetry import QueryAnswer, QueryStatus
from support.canned_aws import Canned, aws_of, endpoint


def row(**fields: str):
    return [
        {"field": name.replace("_ptr", "@ptr"), "value": value} for name, value in fields.items()
    ]


def refused(code: str, **more):
    return Canned(status=400, body={"__type": code, **more})


def test_a_query_is_started_over_its_groups_in_epoch_seconds():
    with (
        endpoint(lambda _o, _b: Canned(body={"queryId": "q1"})) as served,
        aws_of(served.url) as aws,
    ):
        assert Logs(aws).start(["/a", "/b"], "limit 1", 100, 200, 10) == "q1"
        assert served.asked == [
            (
                "StartQuery",
                {
                    "logGroupNames": ["/a", "/b"],
                    "queryString": "limit 1",
                    "startTime": 100,
                    "endTime": 200,
                    "limit": 10,
                },
            )
        ]


def test_rows_come_with_their_status_and_statistics():
    answer = {
        "status": "Running",
        "results": [row(model="haiku", _ptr="x"), [{"field": "calls"}]],
        "statistics": {"recordsMatched": 2, "recordsScanned": 9, "bytesScanned": 70},
    }
    with endpoint(lambda _o, _b: Canned(body=answer)) as served, aws_of(served.url) as aws:
        assert Logs(aws).results("q1") == QueryAnswer(
            status=QueryStatus.RUNNING,
            rows=({"model": "haiku"}, {"calls": ""}),
            records_matched=2,
            records_scanned=9,
            bytes_scanned=70,
        )


def test_a_complete_query_is_read_page_by_page():
    pages = iter(
        [
            {"status": "Complete", "results": [row(n="1")], "nextToken": "t"},
            {"status": "Complete", "results": [row(n="2")]},
        ]
    )
    with (
        endpoint(lambda _o, _b: Canned(body=next(pages))) as served,
        aws_of(served.url) as aws,
    ):
        assert Logs(aws).results("q1").rows == ({"n": "1"}, {"n": "2"})
        assert served.asked[1] == ("GetQueryResults", {"queryId": "q1", "nextToken": "t"})


def test_a_status_of_a_later_day_is_unknown():
    answer = Canned(body={"status": "Paused", "results": []})
    with endpoint(lambda _o, _b: answer) as served, aws_of(served.url) as aws:
        assert Logs(aws).results("q1") == QueryAnswer(status=QueryStatus.UNKNOWN)


def test_a_group_that_does_not_exist_is_named():
    answer = refused("ResourceNotFoundException", message="Log group does not exist.")
    with (
        endpoint(lambda _o, _b: answer) as served,
        aws_of(served.url) as aws,
        pytest.raises(AwsNotFound, match="/mangaassist/orchestrator") as caught,
    ):
        Logs(aws).start(["/mangaassist/orchestrator"], "limit 1", 1, 2, 3)
    assert "/mangaassist/orchestrator" in caught.value.hint


def test_a_malformed_query_is_told_with_its_place():
    answer = refused(
        "MalformedQueryException",
        message="bad",
        queryCompileError={
            "location": {"startCharOffset": 22, "endCharOffset": 26},
            "message": "unexpected symbol found",
        },
    )
    with (
        endpoint(lambda _o, _b: answer) as served,
        aws_of(served.url) as aws,
        pytest.raises(AwsRejected) as caught,
    ):
        Logs(aws).start(["/a"], "filter a = 1\n| stats percentile(x, 95)", 1, 2, 3)
    assert caught.value.what == (
        "MalformedQueryException: unexpected symbol found (line 2, column 10 of the query)"
    )


def test_too_many_queries_keep_their_code():
    answer = refused("LimitExceededException", message="100 queries")
    with (
        endpoint(lambda _o, _b: answer) as served,
        aws_of(served.url) as aws,
        pytest.raises(AwsRejected) as caught,
    ):
        Logs(aws).start(["/a"], "limit 1", 1, 2, 3)
    assert caught.value.code == "LimitExceededException"


def test_a_query_is_stopped_by_its_id():
    answer = Canned(body={"success": True})
    with endpoint(lambda _o, _b: answer) as served, aws_of(served.url) as aws:
        Logs(aws).stop("q1")
        assert served.asked == [("StopQuery", {"queryId": "q1"})]
