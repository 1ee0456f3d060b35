"""SQS, where moto is wrong or would hold everybody up.

moto waits for a message under the world's lock, takes bodies and attributes that SQS refuses,
and forgets nothing of the rest: queues, visibility, receive counts and dead letters are its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mangaops.sandbox import passthrough
from mangaops.sandbox.overlay import Call, Fault, Handler, Patient
from mangaops.sandbox.world import World

_REFUSED = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_RANGES: Mapping[str, tuple[int, int]] = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
_LONGEST_WAIT = 20


def receive_message(world: World, call: Call) -> Mapping[str, Any]:
    """At once if there is a message, else for as long as was asked, without holding others up."""
    del world
    wait = call.params.get("WaitTimeSeconds")
    if wait is None:
        names = ["ReceiveMessageWaitTimeSeconds"]
        queue = {"QueueUrl": call.params["QueueUrl"], "AttributeNames": names}
        asked = _ask(replace(call, operation="GetQueueAttributes", params=queue))
        wait = int(asked["Attributes"][names[0]])
    waits = 0 <= wait <= _LONGEST_WAIT  # else moto refuses it
    params = {**call.params, "WaitTimeSeconds": 0 if waits else wait}
    result = _ask(replace(call, params=params))
    return result if result.get("Messages") else Patient(result, float(wait))


def send_message(world: World, call: Call) -> Mapping[str, Any]:
    del world
    fault = _refusal(call.params["MessageBody"])
    if fault is not None:
        raise fault
    return _ask(call)


def send_message_batch(world: World, call: Call) -> Mapping[str, Any]:
    """Each entry for itself: one that is refused is in `Failed`."""
    del world
    entries = call.params["Entries"]
    faults = {entry["Id"]: _refusal(entry["MessageBody"]) for entry in entries}
    sound = [entry for entry in entries if faults[entry["Id"]] is None]
    failed = [
        {"Id": name, "SenderFault": True, "Code": fault.code, "Message": fault.message}
        for name, fault in faults.items()
        if fault is not None
    ]
    if failed and not sound:
        return {"Successful": [], "Failed": failed}
    result = _ask(replace(call, params={**call.params, "Entries": sound}) if failed else call)
    return {**result, "Failed": [*result.get("Failed", []), *failed]}


def set_queue_attributes(world: World, call: Call) -> Mapping[str, Any]:
    del world
    for name, value in call.params["Attributes"].items():
        low, high = _RANGES.get(name, (0, 0))
        if name in _RANGES and not (value.isdecimal() and low <= int(value) <= high):
            raise Fault("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
    return _ask(call)


def _refusal(body: str) -> Fault | None:
    if not body:
        return Fault("MissingParameter", "The request must contain the parameter MessageBody.")
    if _REFUSED.search(body):
        told = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to "
        return Fault("InvalidMessageContents", f"{told}#xD7FF | #xE000 to #xFFFD | ...")
    return None


def _ask(call: Call) -> dict[str, Any]:
    """As moto answers; SQS's errors have a second name, which is the one that SDKs report."""
    try:
        return passthrough.ask(call)
    except Fault as fault:
        if fault.code == "QueueDoesNotExist":
            name = "AWS.SimpleQueueService.NonExistentQueue"
            fault.headers = {"x-amzn-query-error": f"{name};Sender"}
        raise


OPERATIONS: Mapping[str, Handler] = {
    "ReceiveMessage": receive_message,
    "SendMessage": send_message,
    "SendMessageBatch": send_message_batch,
    "SetQueueAttributes": set_queue_attributes,
}
