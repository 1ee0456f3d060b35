"""Small services that remedies change: prompts, parameters, quotas, a table's stream.

Each counts its writes; `faults` says what becomes of the n-th (from 1), and `lost` that no
answer of any of them arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from mangaops.errors import (
    AwsDenied,
    AwsFault,
    AwsNotFound,
    AwsRejected,
    AwsThrottled,
    AwsUnreachable,
    Drifted,
)
from mangaops.model.resources import (
    EventSource,
    PromptVersion,
    PromptVersions,
    Quota,
    QuotaRequest,
    StoredParameter,
    TableStream,
)
from support.fake_world import Fault, Killed

PROMPTS = "manga-prompt-templates"
PARAMETERS = {
    "/mangaassist/router/complexity_threshold_for_sonnet": "0.3",
    "/mangaassist/features/flash_sale_mode": "off",
    "/mangaassist/cache/recommendation_ttl_s": "86400",
    "/mangaassist/models/sonnet": "jp.anthropic.x",
}
INVENTORY = "manga-inventory"
INVALIDATOR = "inventory-invalidator"
IMAGES = "NEW_AND_OLD_IMAGES"
UNLIMITED = {"bisect": False, "retries": -1, "max_age_s": -1}


class Sent:
    """`sent` are the writes that had an effect."""

    def __init__(self) -> None:
        self.faults: dict[int, Fault] = {}
        self.lost = False
        self.calls = 0
        self.sent: list[str] = []

    def send(self, name: str, effect: Callable[[], None]) -> None:
        self.calls += 1
        fault = Fault.LOST_ANSWER if self.lost else self.faults.get(self.calls)
        match fault:
            case Fault.THROTTLED:
                raise AwsThrottled("slow down")
            case Fault.LOST_REQUEST:
                raise AwsUnreachable("no route")
            case Fault.KILLED_BEFORE:
                raise Killed
            case _:
                effect()
                self.sent.append(name)
        match fault:
            case Fault.LOST_ANSWER:
                raise AwsUnreachable("timed out")
            case Fault.FAULT_AFTER:
                raise AwsFault("internal error")
            case Fault.KILLED_AFTER:
                raise Killed
            case _:
                return


class PromptTable(Sent):
    """Prompt versions of one table. Swaps like DynamoDB: both or neither."""

    def __init__(self, *rows: PromptVersion, malformed: int = 0) -> None:
        super().__init__()
        self.rows = list(rows)
        self.malformed = malformed
        self.tokens: list[str] = []

    def prompt_versions(self, table: str) -> PromptVersions:
        assert table == PROMPTS
        return PromptVersions(versions=tuple(self.rows), malformed=self.malformed)

    def versions_of(self, table: str, intent: str) -> PromptVersions:
        assert table == PROMPTS
        found = tuple(one for one in self.rows if one.intent == intent)
        return PromptVersions(versions=found, malformed=self.malformed)

    def swap_active(self, table: str, intent: str, *, off: str, on: str, token: str) -> None:
        self.tokens.append(token)
        self.send(f"swap {off} {on}", lambda: self._swap(table, intent, off, on))

    def _swap(self, table: str, intent: str, off: str, on: str) -> None:
        flags = {one.version: one.active for one in self.versions_of(table, intent).versions}
        if (flags.get(off), flags.get(on)) != (True, False):
            raise Drifted("not as planned")
        self.rows = [
            replace(one, active=one.version == on)
            if one.intent == intent and one.version in {off, on}
            else one
            for one in self.rows
        ]


class ParameterStore(Sent):
    """Four parameters at version 4. `rival` is written instead of ours, without an answer."""

    def __init__(self, tags: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.stored = {
            name: StoredParameter(name=name, value=value, version=4, modified_at=None)
            for name, value in PARAMETERS.items()
        }
        self.owner = tags
        self.rival = ""

    def parameter(self, name: str) -> StoredParameter:
        if name not in self.stored:
            raise AwsNotFound("ParameterNotFound", operation="ssm:GetParameter")
        return self.stored[name]

    def put(self, name: str, value: str) -> int:
        if self.rival:
            self.write(name, self.rival)
            raise AwsUnreachable("no answer")
        self.send(f"put {value}", lambda: self.write(name, value))
        return self.stored[name].version

    def write(self, name: str, value: str) -> None:
        old = self.stored[name]
        self.stored[name] = replace(old, value=value, version=old.version + 1)

    def tags(self, name: str) -> Mapping[str, str]:
        del name
        if self.owner is None:
            raise AwsDenied("may not", operation="ssm:ListTagsForResource")
        return self.owner


class QuotaDesk(Sent):
    """AWS takes one open request of a row. Requests are asked for of one row only."""

    def __init__(self, *rows: Quota, sonnet: str = "jp.anthropic.claude-sonnet-4-6") -> None:
        super().__init__()
        self.rows = rows
        self.made: list[QuotaRequest] = []
        self.status = "PENDING"
        self.values = {"/mangaassist/models/sonnet": sonnet}

    def quotas(self) -> tuple[Quota, ...]:
        return self.rows

    def quota(self, code: str) -> Quota:
        return next(one for one in self.rows if one.code == code)

    def requests(self, code: str) -> tuple[QuotaRequest, ...]:
        assert code in {row.code for row in self.rows}
        return tuple(reversed(self.made))

    def request(self, code: str, desired: float) -> QuotaRequest:
        if any(one.open for one in self.requests(code)):
            raise AwsRejected("one at a time", code="ResourceAlreadyExistsException")
        made = QuotaRequest(id=f"q-{len(self.made)}", desired=desired, status=self.status)
        self.send(f"request {desired:g}", lambda: self.made.append(made))
        return made

    def parameter(self, name: str) -> StoredParameter:
        if name not in self.values:
            raise AwsNotFound("ParameterNotFound")
        return StoredParameter(name=name, value=self.values[name], version=1, modified_at=None)


def arn(number: int) -> str:
    return f"arn:aws:dynamodb:ap-northeast-1:1:table/{INVENTORY}/stream/{number}"


class Inventory(Sent):
    """A table whose stream gets a new ARN each time it is switched on, and its mappings.

    Each change of the table takes three looks.
    """

    def __init__(self, *, stream: bool = True, view: str = IMAGES) -> None:
        super().__init__()
        self.number = 1
        self.on = stream
        self.view = view
        self.mappings: list[EventSource] = []
        self.busy = 0

    def with_mapping(
        self, state: str = "Enabled", *, number: int = 1, function: str = INVALIDATOR, **limits: int
    ) -> Inventory:
        self.mappings.append(
            EventSource(
                uuid=f"old-{number}",
                state=state,
                source_arn=arn(number),
                table=INVENTORY,
                last_result=None,
                reason=None,
                batch_size=100,
                function=function,
                **{**UNLIMITED, **limits},  # type: ignore[arg-type]
            )
        )
        return self

    def stream(self, table: str) -> TableStream:
        assert table == INVENTORY
        view = self.view if self.on else None
        return TableStream(enabled=self.on, arn=arn(self.number), view_type=view)

    def at_rest(self, table: str) -> bool:
        assert table == INVENTORY
        self.busy = max(0, self.busy - 1)
        return self.busy == 0

    def switch_stream(self, table: str, *, on: bool) -> str:
        assert (table, self.on) == (INVENTORY, not on)
        self.send(f"stream {'on' if on else 'off'}", lambda: self._switch(on))
        return arn(self.number)

    def _switch(self, on: bool) -> None:
        self.on, self.view, self.busy = on, IMAGES, 3
        self.number += on

    def must_exist(self, function: str) -> None:
        if function != INVALIDATOR:
            raise AwsNotFound("Function not found")

    def event_sources(self, function: str) -> tuple[EventSource, ...]:
        assert function == INVALIDATOR
        return tuple(one for one in self.mappings if one.function == function)

    def readers(self, stream_arn: str) -> tuple[EventSource, ...]:
        return tuple(one for one in self.mappings if one.source_arn == stream_arn)

    def map_stream(
        self, function: str, stream_arn: str, *, retries: int, max_age_s: int, batch_size: int
    ) -> EventSource:
        assert (function, self.on, self.busy, stream_arn) == (
            INVALIDATOR,
            True,
            0,
            arn(self.number),
        )
        made = EventSource(
            uuid=f"new-{self.number}",
            state="Enabled",
            source_arn=stream_arn,
            table=INVENTORY,
            last_result=None,
            reason=None,
            bisect=True,
            retries=retries,
            max_age_s=max_age_s,
            batch_size=batch_size,
            function=function,
        )
        self.send("map", lambda: self.mappings.append(made))
        return made

    def set_mapping(
        self,
        uuid: str,
        *,
        on: bool,
        bisect: bool | None = None,
        retries: int | None = None,
        max_age_s: int | None = None,
    ) -> None:
        given = {"bisect": bisect, "retries": retries, "max_age_s": max_age_s}
        changed = {name: value for name, value in given.items() if value is not None}
        state = "Enabled" if on else "Disabled"
        mappings = [
            replace(one, state=state, **changed) if one.uuid == uuid else one
            for one in self.mappings
        ]
        self.send(f"set {state}", lambda: self._becomes(mappings))

    def delete_mapping(self, uuid: str) -> None:
        left = [one for one in self.mappings if one.uuid != uuid]
        self.send("unmap", lambda: self._becomes(left))

    def _becomes(self, mappings: list[EventSource]) -> None:
        self.mappings = mappings
