"""What AWS tells of the time between the two runs of a change: `bench history --changes`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mangaops.errors import AwsError
from mangaops.model.time import iso

if TYPE_CHECKING:
    from mangaops.bench.history import Change, Series
    from mangaops.cli.context import AppContext
    from mangaops.model.evidence import Evidence, Row
    from mangaops.model.settings import Environment
    from mangaops.model.time import Window

_ID = "changes"
_PATIENCE = 60.0
_PARAMETERS = ("router_threshold_parameter", "sonnet_parameter", "haiku_parameter")


def with_beside(
    context: AppContext, environment: Environment, series: Sequence[Series]
) -> tuple[Series, ...]:
    """The series, each change with the prompt activations, deployments and parameters of its
    time. What could not be read is said on stderr; nothing is asked where there is no change.
    """
    from mangaops.model.evidence import Table  # noqa: PLC0415 - not for --help
    from mangaops.model.time import Window  # noqa: PLC0415 - as above

    changes = [change for one in series for change in one.changes or ()]
    if not changes:
        return tuple(series)
    start = min(change.since_at for change in changes)
    end = max(change.at for change in changes) + timedelta(seconds=1)
    try:
        found = _read(context, environment, Window(start=start, end=end))
    except AwsError as error:
        context.terminal.say(f"changes in AWS were not read: {error}")
        return tuple(series)
    if found.detail:
        context.terminal.say(f"changes in AWS: {found.detail}")
    rows = found.value.rows if isinstance(found.value, Table) else ()
    return tuple(_with_rows(one, rows) for one in series)


def _with_rows(one: Series, rows: Sequence[Row]) -> Series:
    if one.changes is None:
        return one
    changes = tuple(replace(change, told=_told(change, rows)) for change in one.changes)
    return replace(one, changes=changes)


def _told(change: Change, rows: Iterable[Row]) -> tuple[str, ...]:
    """Those after the run before, up to the start of the run itself, the oldest first."""
    dated = ((row.get("at"), row.get("what")) for row in rows)
    within = sorted(
        (at, str(what))
        for at, what in dated
        if isinstance(at, float) and change.since_at.timestamp() < at <= change.at.timestamp()
    )
    return tuple(f"{iso(datetime.fromtimestamp(at, UTC))} {what}" for at, what in within)


def _read(context: AppContext, environment: Environment, window: Window) -> Evidence:
    from mangaops.aws.dynamodb import DynamoGateway  # noqa: PLC0415 - botocore
    from mangaops.aws.ecs import EcsGateway  # noqa: PLC0415 - as above
    from mangaops.aws.ssm import SsmGateway  # noqa: PLC0415 - as above
    from mangaops.evidence.source import Asked  # noqa: PLC0415 - as above
    from mangaops.evidence.sources.recent_changes import RecentChangesReader  # noqa: PLC0415 - as above
    from mangaops.evidence.stopping import StopSignal  # noqa: PLC0415 - as above
    from mangaops.model.condition import Place  # noqa: PLC0415 - as above
    from mangaops.model.evidence import EvidenceSet  # noqa: PLC0415 - as above
    from mangaops.model.query import RecentChangesQuery  # noqa: PLC0415 - as above
    from mangaops.model.runbook import EvidenceDeclaration  # noqa: PLC0415 - as above

    of = environment.resources
    query = RecentChangesQuery(
        table=of["prompt_table"],
        cluster=of["cluster"],
        service=of["service"],
        parameters=tuple(of[name] for name in _PARAMETERS),
        window=window.length,
    )
    place = Place(file=__name__, line=1, column=1)
    declared = EvidenceDeclaration(
        id=_ID, kind="recent_changes", title="recent changes", query=query, place=place
    )
    with closing(context.aws(environment)) as aws:
        reader = RecentChangesReader(DynamoGateway(aws), EcsGateway(aws), SsmGateway(aws))
        stop = StopSignal(clock=context.monotonic, deadline=context.monotonic() + _PATIENCE)
        return reader.read(declared, Asked(window=window, evidence=EvidenceSet(), stop=stop))
