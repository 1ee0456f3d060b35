"""SQS as workers use it: waiting, visibility, receive counts, dead letters, refusals."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def sqs(client: Callable[..., Any]) -> Any:
    return client("sqs")


@pytest.fixture
def queue(sqs: Any, request: pytest.FixtureRequest) -> str:
    name = re.sub(r"\W+", "-", request.node.name)[-60:]
    return str(sqs.create_queue(QueueName=name)["QueueUrl"])


def receive(sqs: Any, queue: str, **more: Any) -> list[Any]:
    names = ["ApproximateReceiveCount"]
    answer = sqs.receive_message(QueueUrl=queue, MessageSystemAttributeNames=names, **more)
    return list(answer.get("Messages", []))


def test_a_message_is_received_with_its_attributes_and_deleted(sqs: Any, queue: str) -> None:
    attribute = {"why": {"DataType": "String", "StringValue": "é"}}
    sent = sqs.send_message(QueueUrl=queue, MessageBody="読む", MessageAttributes=attribute)
    (message,) = receive(sqs, queue, MessageAttributeNames=["why"])
    assert (message["Body"], message["MessageId"]) == ("読む", sent["MessageId"])
    assert message["MessageAttributes"] == attribute
    assert message["Attributes"] == {"ApproximateReceiveCount": "1"}
    assert receive(sqs, queue) == []  # invisible
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_who_waits_gets_what_is_sent_meanwhile_and_holds_nobody_up(sqs: Any, queue: str) -> None:
    got: list[Any] = []
    waiting = Thread(target=lambda: got.extend(receive(sqs, queue, WaitTimeSeconds=20)))
    waiting.start()
    assert sqs.list_queues()["QueueUrls"]
    sqs.send_message(QueueUrl=queue, MessageBody="late")
    waiting.join(15)
    assert [message["Body"] for message in got] == ["late"]


def test_a_message_comes_back_and_then_goes_to_the_dead_letters(sqs: Any, queue: str) -> None:
    dead = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    policy = {"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": 2}
    redrive = {"RedrivePolicy": json.dumps(policy)}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=redrive)
    sqs.send_message(QueueUrl=queue, MessageBody="poison")
    for count in ("1", "2"):
        (message,) = receive(sqs, queue)
        assert message["Attributes"]["ApproximateReceiveCount"] == count
        sqs.change_message_visibility(
            QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )
    assert receive(sqs, queue) == []
    assert [message["Body"] for message in receive(sqs, dead)] == ["poison"]
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [queue]


def test_batches_fail_entry_by_entry(sqs: Any, queue: str) -> None:
    entries = [{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "\x01"}]
    sent = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert [one["Id"] for one in sent["Successful"]] == ["a"]
    assert [(one["Id"], one["Code"]) for one in sent["Failed"]] == [("b", "InvalidMessageContents")]
    (message,) = receive(sqs, queue, MaxNumberOfMessages=10)
    handles = [{"Id": "x", "ReceiptHandle": message["ReceiptHandle"]}]
    handles.append({"Id": "y", "ReceiptHandle": "none"})
    gone = sqs.delete_message_batch(QueueUrl=queue, Entries=handles)
    assert [one["Id"] for one in gone["Successful"]] == ["x"]
    assert [one["Id"] for one in gone["Failed"]] == ["y"]


@pytest.mark.parametrize(
    ("operation", "arguments", "code"),
    [
        ("send_message", {"MessageBody": ""}, "MissingParameter"),
        ("send_message", {"MessageBody": "\uffff"}, "InvalidMessageContents"),
        ("send_message", {"MessageBody": "x" * 1_048_577}, "InvalidParameterValue"),
        ("set_queue_attributes", {"Attributes": {"VisibilityTimeout": "43201"}}, "InvalidAttr"),
        ("receive_message", {"WaitTimeSeconds": 21}, "InvalidParameterValue"),
        ("receive_message", {"MaxNumberOfMessages": 11}, "InvalidParameterValue"),
        ("delete_message", {"ReceiptHandle": "none"}, "ReceiptHandleIsInvalid"),
    ],
    ids=["empty", "characters", "size", "attribute", "wait", "many", "handle"],
)
def test_what_sqs_refuses_is_refused(
    sqs: Any, queue: str, operation: str, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError, match=code):
        getattr(sqs, operation)(QueueUrl=queue, **arguments)


@pytest.mark.parametrize("operation", ["send_message", "receive_message", "purge_queue"])
def test_a_queue_that_is_not_there_has_the_code_that_sdks_report(sqs: Any, operation: str) -> None:
    url = sqs.create_queue(QueueName=f"gone-{operation}")["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)
    arguments = {"MessageBody": "x"} if operation == "send_message" else {}
    with pytest.raises(sqs.exceptions.QueueDoesNotExist) as raised:
        getattr(sqs, operation)(QueueUrl=url, **arguments)
    assert raised.value.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_message_is_visible_again_after_its_time_out(sqs: Any, queue: str) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="again")
    assert receive(sqs, queue, VisibilityTimeout=1)
    began = time.monotonic()
    assert receive(sqs, queue, WaitTimeSeconds=20)
    assert time.monotonic() - began < 20
