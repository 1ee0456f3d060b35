"""CBOR, the parsing of requests and the writing of answers, without a socket."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.serialize import create_serializer
from botocore.session import Session
from hypothesis import given
from hypothesis import strategies as st
from moto.core.request import Request

from mangaops.sandbox.overlay import Fault
from mangaops.sandbox.wire import cbor
from mangaops.sandbox.wire.decode import decode
from mangaops.sandbox.wire.encode import encode, encode_fault
from mangaops.sandbox.wire.route import Protocol, identify

REGION = "ap-northeast-1"
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | MOMENTS
)
ITEMS = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(ITEMS)
def test_cbor_reads_what_it_wrote(item: Any) -> None:
    assert cbor.loads(cbor.dumps(item)) == item


@given(st.binary(max_size=40))
def test_cbor_never_fails_in_another_way_than_its_own(data: bytes) -> None:
    try:
        cbor.loads(data)
    except (cbor.CborError, UnicodeDecodeError):
        pass
    except (TypeError, OverflowError, OSError, ValueError, RecursionError):
        pass  # a key that is no key, an instant beyond the calendar


def test_cbor_of_unknown_length_is_read() -> None:
    assert cbor.loads(bytes.fromhex("bf6161ff".replace("ff", "9f0102ffff"))) == {"a": [1, 2]}


def _request(service: str, operation: str, params: dict[str, Any], protocol: str) -> Request:
    """The request that botocore itself would send in this protocol."""
    model = Session().get_service_model(service).operation_model(operation)
    sent = create_serializer(protocol).serialize_to_request(params, model)
    signing = model.service_model.signing_name
    scope = f"KEY/20261121/{REGION}/{signing}/aws4_request"
    headers = {**sent["headers"], "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, S=0"}
    body: Any = sent["body"]
    if isinstance(body, dict):
        from urllib.parse import urlencode  # noqa: PLC0415 - only forms need it

        body = urlencode(body)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    url = f"http://127.0.0.1{sent['url_path']}"
    return Request.from_primitives(sent["method"], url, headers, body)


ASKED = {
    "Namespace": "AWS/Bedrock",
    "MetricName": "Invocations",
    "Dimensions": [{"Name": "ModelId", "Value": "a b/c+ü"}],
    "StartTime": datetime(2026, 11, 21, 11, 0, tzinfo=UTC),
    "EndTime": datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
    "Period": 60,
    "Statistics": ["Sum", "Average"],
}


@pytest.mark.parametrize("protocol", ["query", "json", "smithy-rpc-v2-cbor"])
def test_cloudwatch_is_read_in_each_of_its_protocols(protocol: str) -> None:
    request = _request("cloudwatch", "GetMetricStatistics", ASKED, protocol)
    target = identify(request, "us-east-1")
    assert (target.service, target.operation) == ("cloudwatch", "GetMetricStatistics")
    assert (target.protocol, target.region, target.access_key) == (protocol, REGION, "KEY")
    assert decode(target, request) == ASKED


def test_a_path_holds_the_model_id() -> None:
    params = {
        "modelId": "jp.anthropic.claude-sonnet-4-6",
        "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
    }
    request = _request("bedrock-runtime", "Converse", params, "rest-json")
    target = identify(request, REGION)
    assert (target.service, target.operation) == ("bedrock-runtime", "Converse")
    assert decode(target, request) == params


@pytest.mark.parametrize(
    ("service", "operation", "protocol"),
    [
        ("logs", "StartQuery", "json"),
        ("ecs", "UpdateService", "json"),
        ("opensearchserverless", "GetAccountSettings", "json"),
        ("service-quotas", "ListServiceQuotas", "json"),
        ("dynamodbstreams", "ListStreams", "json"),
        ("dynamodb", "ListTables", "json"),
        ("health", "DescribeEvents", "smithy-rpc-v2-cbor"),
        ("sts", "GetCallerIdentity", "query"),
        ("ec2", "DescribeNatGateways", "ec2"),
        ("bedrock", "ListFoundationModels", "rest-json"),
        ("lambda", "ListEventSourceMappings", "rest-json"),
        ("s3", "ListBuckets", "rest-xml"),
    ],
)
def test_every_service_is_recognised(service: str, operation: str, protocol: str) -> None:
    params = {
        "StartQuery": {"startTime": 1, "endTime": 2, "queryString": "fields @message"},
        "UpdateService": {"service": "orchestrator"},
        "ListServiceQuotas": {"ServiceCode": "bedrock"},
    }.get(operation, {})
    request = _request(service, operation, params, protocol)
    target = identify(request, "us-east-1")
    assert (target.service, target.operation, target.region) == (service, operation, REGION)


def test_a_body_that_is_no_json_is_a_serialisation_error() -> None:
    request = _request("logs", "DescribeLogGroups", {}, "json")
    broken = Request.from_primitives("POST", "http://127.0.0.1/", request.headers, b"[1")
    with pytest.raises(Fault) as refused:
        decode(identify(broken, REGION), broken)
    assert refused.value.code == "SerializationException"


def test_an_error_is_written_for_each_protocol() -> None:
    fault = Fault("AccessDenied", "no <way>", 403)
    told = {}
    for protocol in ("query", "json", "smithy-rpc-v2-cbor"):
        target = identify(_request("cloudwatch", "ListMetrics", {}, protocol), REGION)
        answer = encode_fault(target, fault)
        assert isinstance(answer.body, bytes)
        told[target.protocol] = (answer.status, answer.headers.get("x-amzn-query-error"))
        if target.protocol is Protocol.QUERY:
            assert b"<Code>AccessDenied</Code><Message>no &lt;way&gt;</Message>" in answer.body
    assert told == {
        Protocol.QUERY: (403, None),
        Protocol.JSON: (403, "AccessDenied;Sender"),
        Protocol.CBOR: (403, "AccessDenied;Sender"),
    }


def test_fields_of_an_error_are_sent_along() -> None:
    request = _request(
        "logs", "StartQuery", {"startTime": 1, "endTime": 2, "queryString": "x"}, "json"
    )
    error = {"location": {"startCharOffset": 0, "endCharOffset": 1}, "message": "unexpected"}
    fault = Fault("MalformedQueryException", "bad", 400, {"queryCompileError": error})
    answer = encode_fault(identify(request, REGION), fault)
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body) == {
        "__type": "MalformedQueryException",
        "message": "bad",
        "queryCompileError": error,
    }


def test_a_query_answer_is_xml_that_botocore_reads() -> None:
    from botocore.parsers import create_parser  # noqa: PLC0415 - only here

    target = identify(_request("cloudwatch", "GetMetricStatistics", ASKED, "query"), REGION)
    point = {"Timestamp": ASKED["StartTime"], "Sum": 2.5, "Unit": "Count"}
    answer = encode(target, {"Label": "x", "Datapoints": [point]})
    assert target.model is not None
    read = create_parser("query").parse(
        {"status_code": answer.status, "headers": answer.headers, "body": answer.body},
        target.model.output_shape,
    )
    assert (read["Label"], read["Datapoints"]) == ("x", [point])
