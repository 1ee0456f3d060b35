import socket
import threading
import time

import pytest

from mangaops.aws.errors import translated
from mangaops.aws.regions import known_regions
from mangaops.aws.session import Aws, Identity
from mangaops.errors import (
    AwsCredentials,
    AwsRejected,
    AwsThrottled,
    AwsUnreachable,
    InputError,
    Refused,
)
from mangaops.model.settings import DEFAULT_REGION, Environment, RegionFrom
from support.canned_aws import Canned, aws_of, endpoint

SLOW_DOWN = Canned(status=400, body={"__type": "ThrottlingException", "message": "slow"})
EMPTY = Canned(body={"MetricDataResults": []})


def test_every_request_that_is_sent_counts_retries_too():
    answers = iter([SLOW_DOWN, Canned(body={"Metrics": []})])
    with endpoint(lambda _o, _b: next(answers)) as served, aws_of(served.url) as aws:
        aws.client("cloudwatch").list_metrics()
        assert aws.calls.sent == 2
        assert aws.calls.by_operation == {"cloudwatch:ListMetrics": 2}
        assert [call.status for call in aws.calls.answers] == [400, 200]


def test_three_attempts_are_all_there_are():
    with endpoint(lambda _o, _b: SLOW_DOWN) as served, aws_of(served.url) as aws:
        with pytest.raises(AwsThrottled), translated("cloudwatch:ListMetrics"):
            aws.client("cloudwatch").list_metrics()
        assert aws.calls.sent == 3


def test_one_client_a_service_also_for_many_threads():
    with endpoint(lambda _o, _b: EMPTY) as served, aws_of(served.url) as aws:
        clients = []
        threads = [
            threading.Thread(target=lambda: clients.append(aws.client("logs"))) for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(clients) == 8
        assert len(set(map(id, clients))) == 1
        assert aws.client("logs", region="us-east-1") is not clients[0]


def test_no_credentials_are_told_at_once_and_every_time(monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        metadata = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata)
        aws = Aws(Environment(region="ap-northeast-1"))
        began = time.monotonic()
        for service in ("cloudwatch", "logs"):
            with pytest.raises(AwsCredentials, match="no AWS credentials") as caught:
                aws.client(service)
        assert time.monotonic() - began < 2.5  # two requests of a second each, once
        assert "AWS_PROFILE" in caught.value.hint


def test_a_profile_that_does_not_exist_is_wrong_input():
    with pytest.raises(InputError, match="nosuch") as caught:
        Aws(Environment(region="ap-northeast-1", profile="nosuch")).client("logs")
    assert "list-profiles" in caught.value.hint


@pytest.mark.parametrize(
    ("environment", "environ", "place"),
    [
        (Environment(region="eu-west-1"), {"AWS_REGION": "us-east-1"}, RegionFrom.CONFIGURATION),
        (Environment(), {"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"}, RegionFrom.VARIABLE),
        (Environment(), {"AWS_DEFAULT_REGION": "b"}, RegionFrom.DEFAULT_VARIABLE),
        (Environment(), {}, RegionFrom.NOWHERE),
        (Environment(profile="home"), {}, RegionFrom.PROFILE),
    ],
)
def test_who_named_the_region_is_known(environment, environ, place, tmp_path, monkeypatch):
    (tmp_path / "config").write_text("[profile home]\nregion = eu-west-1\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    assert Aws(environment, environ=environ).region_from is place


def test_regions_are_those_of_all_partitions():
    assert {"ap-northeast-1", "cn-north-1", "us-gov-west-1"} < known_regions()
    assert not {"aws-global", "nowhere"} & known_regions()


def test_no_region_is_wrong_input():
    with pytest.raises(InputError, match="no AWS region") as caught:
        Aws(Environment(), environ={}).client("logs")
    assert "--region" in caught.value.hint


@pytest.mark.parametrize(
    ("environment", "environ", "region"),
    [
        (Environment(region="eu-west-1"), {"AWS_REGION": "us-east-1"}, "eu-west-1"),
        (Environment(), {"AWS_REGION": "us-east-1"}, "us-east-1"),
        (Environment(endpoint_url="http://127.0.0.1:1"), {}, DEFAULT_REGION),
        (Environment(), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, DEFAULT_REGION),
    ],
)
def test_the_region_is_the_nearest_that_is_named(environment, environ, region):
    assert Aws(environment, environ=environ).region == region


def test_aws_endpoint_url_is_honoured(monkeypatch):
    with endpoint(lambda _o, _b: Canned(body={"Metrics": []})) as served:
        monkeypatch.setenv("AWS_ENDPOINT_URL", served.url)
        aws = Aws(Environment())
        aws.client("cloudwatch").list_metrics()
        aws.close()
        assert [operation for operation, _ in served.asked] == ["ListMetrics"]


def test_an_endpoint_that_is_no_url_is_wrong_input():
    with pytest.raises(InputError, match="Invalid endpoint"):
        Aws(Environment(region="eu-west-1", endpoint_url="localhost 99")).client("logs")


def test_an_endpoint_where_nobody_listens_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with aws_of(url) as aws, pytest.raises(AwsUnreachable) as caught:
        aws.identity()
    assert caught.value.where == "sts:GetCallerIdentity"
    assert url in caught.value.what


def test_the_identity_is_account_and_arn():
    answer = (
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn>"
        "<UserId>x</UserId><Account>1</Account></GetCallerIdentityResult>"
        "</GetCallerIdentityResponse>"
    )
    with endpoint(lambda _o, _b: Canned(body=answer)) as served, aws_of(served.url) as aws:
        assert aws.identity() == Identity(account="1", arn="arn:aws:iam::1:user/a")


def test_a_read_only_session_sends_no_change():
    with (
        endpoint(lambda _o, _b: Canned(body={"Metrics": []})) as served,
        aws_of(served.url, read_only=True) as aws,
    ):
        aws.client("cloudwatch").list_metrics()
        with pytest.raises(Refused, match="PutMetricData would change something"):
            aws.client("cloudwatch").put_metric_data(Namespace="N", MetricData=[])
        assert [operation for operation, _ in served.asked] == ["ListMetrics"]


def test_a_read_only_session_may_take_on_a_role():
    """A profile with a role calls it for its credentials."""
    answer = (
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>"
        "<SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>"
        "<Expiration>2026-11-21T12:00:00Z</Expiration></Credentials></AssumeRoleResult>"
        "</AssumeRoleResponse>"
    )
    with (
        endpoint(lambda _o, _b: Canned(body=answer)) as served,
        aws_of(served.url, read_only=True) as aws,
    ):
        role = "arn:aws:iam::123456789012:role/OnCall"
        taken = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="ana")
        assert taken["Credentials"]["AccessKeyId"] == "A"


def test_a_service_that_botocore_does_not_know_is_refused():
    with aws_of("http://127.0.0.1:1") as aws, pytest.raises(AwsRejected, match="nosuch"):
        aws.client("nosuch")


def test_calls_are_named_as_iam_names_them():
    answer = Canned(body={"queryId": "q"})
    with endpoint(lambda _o, _b: answer) as served, aws_of(served.url) as aws:
        aws.client("logs").start_query(startTime=1, endTime=2, queryString="limit 1")
        assert aws.calls.by_operation == {"logs:StartQuery": 1}
