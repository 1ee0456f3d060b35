"""What an overlay handler gets, gives and raises.

A handler never sees HTTP: `wire` has parsed the request by botocore's own model of
the operation, and serialises what the handler returns by the same model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mangaops.sandbox.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One AWS call, as boto3 would have been asked for it.

    `service` is botocore's name (`cloudwatch`, `application-autoscaling`), `operation`
    the API's (`GetMetricData`). `params` holds only what the caller sent: timestamps
    are aware datetimes, blobs are bytes, absent members are absent.
    """

    service: str
    operation: str
    params: Mapping[str, Any]
    region: str
    account: str
    caller: str


class Fault(Exception):
    """An AWS error answer: the caller's SDK raises it as `ClientError` with this code.

    `code` is the error's name as the SDK reports it (`ThrottlingException`); `fields`
    are further members of the error shape (`CancellationReasons`, `QueryCompileError`).
    `delay_s` is how long the error takes to come (a model's time-out), `headers` are
    further headers of the answer (Retry-After).
    """

    delay_s: float = 0.0
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields: Mapping[str, Any] = dict(fields or {})


Damage = Callable[[Iterator[bytes]], Iterator[bytes]]
"""What happens to the bytes of an answer on their way."""


class Paced(dict[str, Any]):
    """An answer that takes `delay_s` to come, waited for after the handler has returned.

    Its body goes through `damage`, if there is one; the length that is told stays.
    """

    def __init__(
        self, answer: Mapping[str, Any], delay_s: float, damage: Damage | None = None
    ) -> None:
        super().__init__(answer)
        self.delay_s = delay_s
        self.damage = damage


class Patient(dict[str, Any]):
    """What is answered if nothing better comes within `wait_s`: until then the handler is
    asked again, and others are served between.
    """

    def __init__(self, answer: Mapping[str, Any], wait_s: float) -> None:
        super().__init__(answer)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Damaged:
    """The events of a stream whose frames go through `damage`."""

    events: Iterator[Mapping[str, Any]]
    damage: Damage

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return self.events


Handler = Callable[["World", Call], Mapping[str, Any]]
"""Returns a response in botocore's output shape, without ResponseMetadata.

Blobs are bytes, timestamps aware datetimes. An event-stream member (`stream` of
ConverseStream) is an iterable of `{event name: payload}`, sent as it is produced; a
`Fault` raised while it is iterated becomes the stream's exception event. The handler
runs under the world's lock, the iteration of its stream does not.
"""
