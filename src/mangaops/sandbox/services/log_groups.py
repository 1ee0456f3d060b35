"""The one door to moto's log groups: reading events, and putting many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, cast

from mangaops.sandbox.insights.events import LogEvent
from mangaops.sandbox.overlay import Call, Fault


class _Event(Protocol):
    timestamp: int
    message: str
    ingestion_time: int
    event_id: int


class _Stream(Protocol):
    log_stream_name: str
    events: list[_Event]


class LogGroupView(Protocol):
    """What we use of moto's LogGroup."""

    name: str
    arn: str
    account_id: str
    streams: dict[str, _Stream]


def _backend(account: str, region: str) -> Any:
    from moto.backends import get_backend  # noqa: PLC0415 - moto loads with the first call

    return get_backend("logs")[account][region]


def group_of(call: Call, name: str) -> LogGroupView:
    """The group of that name; Fault ResourceNotFoundException if there is none."""
    group = _backend(call.account, call.region).groups.get(name)
    if group is None:
        raise _not_found(name)
    return cast("LogGroupView", group)


def group_of_identifier(call: Call, identifier: str) -> LogGroupView:
    """By name or by ARN; the ARN has no `:*` at its end, which AWS refuses."""
    if identifier.endswith(":*"):
        raise Fault(
            "InvalidParameterException", f"The log group identifier {identifier} is not valid"
        )
    if not identifier.startswith("arn:"):
        return group_of(call, identifier)
    groups = cast("Iterable[LogGroupView]", _backend(call.account, call.region).groups.values())
    for group in groups:
        if group.arn == identifier:
            return group
    raise _not_found(identifier)


def _not_found(name: str) -> Fault:
    return Fault(
        "ResourceNotFoundException", f"The specified log group does not exist: {name}", 400
    )


def events_between(group: LogGroupView, start: int | None, end: int | None) -> Iterator[LogEvent]:
    """Events with start <= timestamp <= end in milliseconds; None is without that end."""
    log = f"{group.account_id}:{group.name}"
    for stream in list(group.streams.values()):
        for event in list(stream.events):
            if (start is None or event.timestamp >= start) and (
                end is None or event.timestamp <= end
            ):
                yield LogEvent(
                    timestamp=event.timestamp,
                    message=event.message,
                    log=log,
                    stream=stream.log_stream_name,
                    ingested=event.ingestion_time,
                    id=str(event.event_id),
                )


def put_events(
    account: str, region: str, group: str, stream: str, events: Iterable[tuple[int, str]]
) -> None:
    """Adds (milliseconds, message) pairs, making group and stream; without the limits of
    PutLogEvents, for scenarios.
    """
    backend = _backend(account, region)
    backend.ensure_log_group(group)
    if stream not in backend.groups[group].streams:
        backend.create_log_stream(group, stream)
    items = [{"timestamp": at, "message": message} for at, message in events]
    backend.groups[group].streams[stream].put_log_events(items)


def drop_events(account: str, region: str, group: str, stream: str, start: int, end: int) -> None:
    """Forgets the events of one stream with start <= timestamp < end in milliseconds."""
    found = _backend(account, region).groups.get(group)
    if found is not None and stream in found.streams:
        kept = found.streams[stream]
        kept.events = [event for event in kept.events if not start <= event.timestamp < end]
