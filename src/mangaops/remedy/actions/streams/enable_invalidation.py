"""enable-invalidation: stock changes reach the invalidator again, over the table's stream.

Two things are needed: the inventory table's stream with new and old images, and a mapping
of that very stream to the function. A stream that is switched on again has a new ARN, and
the mapping of the old one stays with the old one: a new mapping is made
then, to whatever the stream is called when the step is written.

A new mapping starts at the oldest record (TRIM_HORIZON), but skips what is older than an
hour: LATEST can lose changes made while the mapping is being created, and invalidating an
answer twice does no harm. Its batches are halved on an error and tried three times more,
since without limits one bad record blocks its shard for 24 hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

from mangaops.errors import Refused
from mangaops.model.plan import OTHER_THAN, Draft, NothingToDo, Risk, Step, UndoKind
from mangaops.model.request import EnableInvalidation
from mangaops.model.resources import EventSource, TableStream
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action
from mangaops.remedy.actions.aws_line import aws_line
from mangaops.remedy.actions.streams.mapping import (
    BATCH_SIZE,
    CREATE,
    DELETE,
    LIMITS,
    MAPPING,
    UPDATE,
    Functions,
    StreamMapping,
    fields_of,
    is_on,
    unlimited,
)
from mangaops.remedy.actions.streams.switch import IMAGES, STREAM, SWITCH, StreamSwitch, Tables


class EnableInvalidationRemedy:
    reads: ClassVar[tuple[str, ...]] = (
        "dynamodb:DescribeTable",
        "lambda:ListEventSourceMappings",
        "lambda:GetFunctionConfiguration",
    )
    writes: ClassVar[tuple[str, ...]] = (SWITCH, CREATE, UPDATE, DELETE)

    def __init__(self, *, tables: Tables, functions: Functions, environment: Environment) -> None:
        self._tables = tables
        self._functions = functions
        self._environment = environment
        self._table = environment.resources["inventory_table"]
        self._function = environment.resources["invalidator"]

    @property
    def actions(self) -> Mapping[str, Action]:
        return {
            STREAM: StreamSwitch(self._tables, self._functions),
            MAPPING: StreamMapping(self._functions, self._tables),
        }

    def draft(self, request: EnableInvalidation) -> Draft | NothingToDo:
        """Raises Refused when the stream has other images, AwsNotFound without table or
        function.
        """
        del request
        stream = self._tables.stream(self._table)
        self._functions.must_exist(self._function)
        mappings = self._functions.event_sources(self._function)
        ours = [one for one in mappings if one.table == self._table]
        current = next(
            (one for one in ours if stream.enabled and one.source_arn == stream.arn), None
        )
        self._check(stream, current)
        if stream.enabled and current is not None and is_on(current):
            return self._nothing(current)
        others = [one for one in ours if one is not current]
        return self._draft(stream, current, others)

    def _check(self, stream: TableStream, current: EventSource | None) -> None:
        if stream.enabled and stream.view_type != IMAGES:
            raise Refused(
                f"the stream of {self._table} is on with {stream.view_type}, not {IMAGES}",
                where=self._table,
                hint="another view type is a new stream under a new ARN, which leaves all readers "
                "of the present one behind: switch the stream off (aws dynamodb update-table "
                "--stream-specification StreamEnabled=false), then repeat the command",
            )
        if current is not None and current.state == "Deleting":
            raise Refused(
                f"mapping {current.uuid} of the stream is being deleted",
                where=self._function,
                hint="repeat the command in a minute",
            )

    def _nothing(self, current: EventSource) -> NothingToDo:
        hint = "look at the invalidator's errors: mangaops diagnose stale-recommendations"
        if unlimited(current):
            hint = (
                f"mapping {current.uuid} retries without a limit: one bad record blocks its shard "
                f"for up to 24 hours; {hint}"
            )
        return NothingToDo(
            reason=f"the stream of {self._table} is on and feeds {self._function} "
            f"(mapping {current.uuid} is {current.state})",
            hint=hint,
        )

    def _draft(
        self, stream: TableStream, current: EventSource | None, others: Sequence[EventSource]
    ) -> Draft:
        switch = not stream.enabled
        steps = (*((self._switch(stream),) if switch else ()), self._map(current, 1 + switch))
        return Draft(
            title=f"feed {self._function} with the changes of {self._table}",
            confirm=self._table,
            risk=Risk.MODERATE,
            steps=steps,
            reach=tuple(_reach(self._function, current)),
            permissions=(
                *((SWITCH,) if switch else ()),
                *((CREATE, DELETE) if current is None else (UPDATE,)),
            ),
            aws_cli=tuple(self._aws_cli(current, switch=switch)),
            notes=tuple(self._notes(others, switch=switch)),
            settle=timedelta(minutes=5),
        )

    def _switch(self, stream: TableStream) -> Step:
        return Step(
            number=1,
            action=STREAM,
            target=self._table,
            before={"enabled": False, "view_type": None, "stream": None},
            after={"enabled": True, "view_type": IMAGES, "stream": {OTHER_THAN: stream.arn}},
            undo=UndoKind.EXACT,
            arguments={"function": self._function},
            summary=f"the stream of {self._table} is switched on",
        )

    def _map(self, current: EventSource | None, number: int) -> Step:
        before = fields_of(current)
        limited = current is None or unlimited(current)
        after = {**before, **(LIMITS if limited else {}), "mapping": "on"}
        if current is None:
            after |= {"mapping_id": {OTHER_THAN: None}, "batch_size": BATCH_SIZE}
        verb = "is made" if current is None else "is switched on"
        return Step(
            number=number,
            action=MAPPING,
            target=f"{self._table}/{self._function}",
            before=before,
            after=after,
            undo=UndoKind.EXACT,
            summary=f"the mapping of the stream to {self._function} {verb}",
        )

    def _notes(self, others: Sequence[EventSource], *, switch: bool) -> Iterator[str]:
        if switch:
            yield "the stream gets a new ARN; undo switches it off, its records last 24 hours"
            yield (
                "undo refuses while another function reads the stream; it does not see readers "
                "that are no Lambda mappings (EventBridge Pipes, the Kinesis client)"
            )
        for one in others:
            yield (
                f"mapping {one.uuid} stays on an old stream ({one.source_arn.rpartition('/')[2]}) "
                f"and does nothing there: aws lambda delete-event-source-mapping --uuid {one.uuid}"
            )
        yield "the function's role needs dynamodb:GetRecords, GetShardIterator, DescribeStream"
        yield "what is stale now stays so until it changes: mangaops invalidate-cache --stale"

    def _aws_cli(self, current: EventSource | None, *, switch: bool) -> Iterator[str]:
        if switch:
            yield aws_line(
                self._environment,
                *("dynamodb", "update-table", "--table-name", self._table),
                "--stream-specification",
                f"StreamEnabled=true,StreamViewType={IMAGES}",
            )
        limits = (
            "--bisect-batch-on-function-error",
            *("--maximum-retry-attempts", str(LIMITS["retries"])),
            *("--maximum-record-age-in-seconds", str(LIMITS["max_age_s"])),
        )
        if current is not None:
            words = ("lambda", "update-event-source-mapping", "--uuid", current.uuid, "--enabled")
            given = limits if unlimited(current) else ()
            yield aws_line(self._environment, *words, *given)
            return
        described = aws_line(
            self._environment,
            *("dynamodb", "describe-table", "--table-name", self._table),
            *("--query", "Table.LatestStreamArn", "--output", "text"),
        )
        made = aws_line(
            self._environment,
            *("lambda", "create-event-source-mapping", "--function-name", self._function),
            *("--starting-position", "TRIM_HORIZON", "--batch-size", str(BATCH_SIZE)),
            *(*limits, "--enabled"),
        )
        yield f'{made} --event-source-arn "$({described})"'


def _reach(function: str, current: EventSource | None) -> Iterator[str]:
    yield f"{function} runs for every change of the table from now on"
    if current is None:
        yield f"{function} runs at once for the changes of the last hour that the stream still has"
    else:
        yield f"{function} goes on where it stopped: up to 24 hours of changes"
