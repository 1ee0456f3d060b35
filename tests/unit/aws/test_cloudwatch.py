from mangaops.aws.cloudwatch import CloudWatch
from mangaops.model.telemetry import MetricAnswer, MetricRequest, MetricState
from support.canned_aws import Canned, aws_of, endpoint

START, END = 1_795_258_800, 1_795_259_100


def request(n: int) -> MetricRequest:
    return MetricRequest(
        namespace="N", name=f"m{n}", dimensions=(("D", "v"),), stat="p95", period=60
    )


def result(name: str, values, status="Complete", messages=()):
    return {
        "Id": name,
        "Label": name,
        "Timestamps": [START + 60 * n for n in range(len(values))],
        "Values": values,
        "StatusCode": status,
        "Messages": list(messages),
    }


def asked_for(count: int, pages):
    """The answers to `count` requests when the endpoint answers `pages`, and what it was asked."""
    script = iter(pages)
    with (
        endpoint(lambda _o, _b: Canned(body=next(script))) as served,
        aws_of(served.url) as aws,
    ):
        answers = CloudWatch(aws).metric_data([request(n) for n in range(count)], START, END)
        return answers, [body for _, body in served.asked], aws.calls.metrics


def test_a_request_is_sent_ascending_and_without_a_unit():
    answers, bodies, metrics = asked_for(1, [{"MetricDataResults": [result("m0", [1.5, 2])]}])
    assert answers == (
        MetricAnswer(state=MetricState.COMPLETE, points=((START, 1.5), (START + 60, 2.0))),
    )
    assert bodies == [
        {
            "MetricDataQueries": [
                {
                    "Id": "m0",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": "N",
                            "MetricName": "m0",
                            "Dimensions": [{"Name": "D", "Value": "v"}],
                        },
                        "Period": 60,
                        "Stat": "p95",
                    },
                }
            ],
            "StartTime": START,
            "EndTime": END,
            "ScanBy": "TimestampAscending",
        }
    ]
    assert metrics == 1


def test_pages_are_put_together():
    first = {"MetricDataResults": [result("m0", [1], "PartialData")], "NextToken": "t"}
    second = {
        "MetricDataResults": [
            {**result("m0", [2]), "Timestamps": [START + 60]},
            result("m1", [3]),
        ]
    }
    answers, bodies, _ = asked_for(2, [first, second])
    assert answers == (
        MetricAnswer(state=MetricState.COMPLETE, points=((START, 1.0), (START + 60, 2.0))),
        MetricAnswer(state=MetricState.COMPLETE, points=((START, 3.0),)),
    )
    assert [body.get("NextToken") for body in bodies] == [None, "t"]


def test_five_hundred_queries_are_a_call():
    pages = [
        {"MetricDataResults": [result(f"m{n}", [n]) for n in range(500)]},
        {"MetricDataResults": [result("m0", [77])]},
    ]
    answers, bodies, metrics = asked_for(501, pages)
    assert [len(body["MetricDataQueries"]) for body in bodies] == [500, 1]
    assert [answers[n].points[0][1] for n in (0, 499, 500)] == [0, 499, 77]
    assert metrics == 501


def test_what_was_not_finished_is_asked_for_once_more():
    first = {"MetricDataResults": [result("m0", [1]), result("m1", [2], "InternalError")]}
    answers, bodies, metrics = asked_for(2, [first, {"MetricDataResults": [result("m0", [5])]}])
    assert [answer.points[0][1] for answer in answers] == [1, 5]
    assert [len(body["MetricDataQueries"]) for body in bodies] == [2, 1]
    assert metrics == 3


def test_what_stays_partial_keeps_its_state_and_both_lists_of_messages():
    told = [{"Code": "Why", "Value": "because"}]
    page = {
        "MetricDataResults": [result("m0", [1], "PartialData", told)],
        "Messages": [{"Code": "General", "Value": "bad day"}],
    }
    answers, _, _ = asked_for(1, [page, page])
    assert answers == (
        MetricAnswer(
            state=MetricState.PARTIAL,
            points=((START, 1.0),),
            messages=("Why: because", "General: bad day"),
        ),
    )


def test_forbidden_is_not_an_empty_answer_and_not_asked_again():
    answers, bodies, _ = asked_for(1, [{"MetricDataResults": [result("m0", [], "Forbidden")]}])
    assert answers[0].state is MetricState.FORBIDDEN
    assert len(bodies) == 1


def test_a_request_without_an_answer_is_an_error_of_cloudwatch():
    answers, bodies, _ = asked_for(1, [{"MetricDataResults": []}] * 2)
    assert answers == (MetricAnswer(state=MetricState.INTERNAL_ERROR),)
    assert len(bodies) == 2


def test_metrics_are_listed_page_by_page():
    def metric(value: str):
        return {"Namespace": "N", "MetricName": "m", "Dimensions": [{"Name": "D", "Value": value}]}

    pages = iter([{"Metrics": [metric("a")], "NextToken": "t"}, {"Metrics": [metric("b")]}])
    with (
        endpoint(lambda _o, _b: Canned(body=next(pages))) as served,
        aws_of(served.url) as aws,
    ):
        assert CloudWatch(aws).metrics("N", "m") == ({"D": "a"}, {"D": "b"})
        assert [body for _, body in served.asked] == [
            {"Namespace": "N", "MetricName": "m"},
            {"Namespace": "N", "MetricName": "m", "NextToken": "t"},
        ]
