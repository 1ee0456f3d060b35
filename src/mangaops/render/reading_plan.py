"""The answer of `diagnose --dry-run`: what would be read, by which calls, at what cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mangaops.evidence.reading_calls import Calls
from mangaops.evidence.reading_plan import Reading, ReadingPlan, When
from mangaops.model.evidence import JSON
from mangaops.model.query import LogQuery, MetricQuery, Query
from mangaops.model.site import Site
from mangaops.model.time import format_duration, iso
from mangaops.render.escaping import escaped
from mangaops.render.figures import dollars
from mangaops.render.grid import grid_markdown
from mangaops.render.screen import WIDEST, prose, to_text, typed_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A plan with where it would be read, and what to type to read it."""

    plan: ReadingPlan
    site: Site
    command: str
    note: str = ""


def plan_text(told: Told, *, width: int, colour: bool) -> str:
    plan = told.plan
    parts: list[RenderableType] = [
        Text.assemble((plan.runbook.name, "strong"), "  reading plan, nothing was read"),
        prose(f"{_place(told.site)}   window {_window(plan)}", "quiet"),
        *([prose(told.note, "quiet")] if told.note else []),
        Text(""),
        *_section("read always", plan, When.ALWAYS),
        *_section("read only if the walk needs it", plan, When.IF_NEEDED),
        Text("calls", style="strong"),
        *(_call(call, "always") for call in plan.always),
        *(_call(call, "if needed") for call in plan.if_needed),
        Text(""),
        *(prose(line) for line in cost_lines(plan)),
        *_questions(plan),
        Text(""),
        typed_line("next:", told.command),
    ]
    return to_text(Group(*parts), width=min(width, WIDEST), colour=colour)


def plan_markdown(told: Told) -> str:
    plan = told.plan
    lines = [
        f"## {escaped(plan.runbook.name)}: reading plan",
        "",
        f"- where: {escaped(_place(told.site))}",
        f"- window: {_window(plan)}",
        *(f"- {escaped(line)}" for line in (*cost_lines(plan), told.note) if line),
        "",
        _markdown(
            ("evidence", "kind", "when", "what"), [_evidence_cells(r) for r in plan.readings]
        ),
        _markdown(("call", "times", "when"), list(_call_cells(plan))),
        f"next: `{told.command}`",
    ]
    return "\n".join(lines) + "\n"


def _markdown(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    return grid_markdown(columns, [dict(zip(columns, row, strict=True)) for row in cells], {})


def _evidence_cells(reading: Reading) -> tuple[str, ...]:
    item = reading.declaration
    return item.id, item.kind, reading.when.value, "; ".join(what(item.query))


def _call_cells(plan: ReadingPlan) -> Iterator[tuple[str, ...]]:
    for when, calls in ((When.ALWAYS, plan.always), (When.IF_NEEDED, plan.if_needed)):
        yield from ((call.action, times(call), when.value) for call in calls)


def plan_document(told: Told) -> dict[str, JSON]:
    """`mangaops.reading-plan/1`; a `most` of null has no bound that is known before."""
    plan, site = told.plan, told.site
    return {
        "schema": "mangaops.reading-plan/1",
        "runbook": {"name": plan.runbook.name, "digest": plan.runbook.digest},
        "environment": {"name": site.name, "region": site.region},
        "window": {"from": iso(plan.window.start), "to": iso(plan.window.end)},
        "evidence": [_reading_document(reading) for reading in plan.readings],
        "calls": [
            *(_call_document(call, When.ALWAYS) for call in plan.always),
            *(_call_document(call, When.IF_NEEDED) for call in plan.if_needed),
        ],
        "metrics_requested": {
            "least": plan.metrics,
            "most": None if plan.open_ended else plan.metrics,
        },
        "cost": {
            "usd_least": plan.usd_least,
            "usd_most": plan.usd_most,
            "max_scan_gb": plan.max_scan_gb,
            "log_price_per_gb": plan.log_price_per_gb,
        },
        "questions": [
            {"id": ask.id, "question": ask.question, "answers": [o.answer for o in ask.options]}
            for ask in plan.questions
        ],
        "next": told.command,
    }


def what(query: Query) -> tuple[str, ...]:
    """What is asked for, in a few words each."""
    match query:
        case MetricQuery():
            return _metric(query)
        case LogQuery():
            window = f"last {format_duration(query.window)}" if query.window else ""
            groups = ", ".join(query.groups)
            return tuple(part for part in (groups, window, " ".join(query.query.split())) if part)
        case _:
            return tuple(_plain(name, value) for name, value in _wishes(query).items())


def _metric(query: MetricQuery) -> tuple[str, ...]:
    dimensions = ", ".join(f"{name}={value}" for name, value in query.dimensions.items())
    length = query.pool or query.window
    return tuple(
        part
        for part in (
            f"{query.namespace} {query.name} {query.stat}",
            dimensions,
            f"pooled over {format_duration(query.pool)}" if query.pool else "",
            f"last {format_duration(length)}" if length and not query.pool else "",
            f"and the same of {query.baseline.days} earlier days" if query.baseline else "",
        )
        if part
    )


def _wishes(query: Query) -> Mapping[str, object]:
    values = {field.name: getattr(query, field.name) for field in fields(query)}
    return {name: value for name, value in values.items() if value not in (None, "", (), False)}


def _plain(name: str, value: object) -> str:
    """A wish is only named."""
    match value:
        case True:
            return name
        case tuple():
            return f"{name} {', '.join(map(str, value))}"
        case timedelta():
            return f"{name} {format_duration(value)}"
        case _:
            return f"{name} {value}"


def times(call: Calls) -> str:
    """`2`, `0 to 1`, `1 or more`."""
    if call.most is None:
        return f"{call.least} or more"
    return str(call.least) if call.least == call.most else f"{call.least} to {call.most}"


def cost_lines(plan: ReadingPlan) -> Iterator[str]:
    more = ", more when a `*` has more than one member" if plan.open_ended else ""
    yield f"metrics requested: {plan.metrics}{more}; {dollars(plan.usd_least)}"
    if plan.scans:
        yield (
            f"logs: by what is scanned, at most {plan.max_scan_gb:g} GB (--max-scan-gb) at "
            f"{plan.log_price_per_gb:g} USD; with the metrics at most {dollars(plan.usd_most)}"
        )


def _section(title: str, plan: ReadingPlan, when: When) -> Iterator[RenderableType]:
    readings = [reading for reading in plan.readings if reading.when is when]
    if not readings:
        return
    yield Text(title, style="strong")
    for reading in readings:
        item = reading.declaration
        yield Padding(
            prose(f"{item.id} ({item.kind}): {'; '.join(what(item.query))}"), (0, 0, 0, 2)
        )
    yield Text("")


def _call(call: Calls, when: str) -> Text:
    return Text(f"  {call.action:<50} {times(call):<10} {when}")


def _questions(plan: ReadingPlan) -> Iterator[RenderableType]:
    if not plan.questions:
        return
    yield Text("")
    yield Text("may be asked", style="strong")
    for ask in plan.questions:
        answers = "|".join(option.answer for option in ask.options)
        yield Padding(prose(f"{ask.question} (--answer {ask.id}={answers})"), (0, 0, 0, 2))


def _place(site: Site) -> str:
    return "  ".join(part for part in (site.name, site.region) if part)


def _window(plan: ReadingPlan) -> str:
    return f"{iso(plan.window.start)} to {iso(plan.window.end)}"


def _reading_document(reading: Reading) -> JSON:
    item = reading.declaration
    asked: Sequence[str] = what(item.query)
    return {
        "id": item.id,
        "kind": item.kind,
        "title": item.title,
        "when": reading.when.value,
        "what": list(asked),
        "metrics": reading.metrics,
        "open_ended": reading.open_ended,
        "calls": [_counted(call) for call in reading.calls],
    }


def _call_document(call: Calls, when: When) -> JSON:
    return {**_counted(call), "when": when.value}


def _counted(call: Calls) -> dict[str, JSON]:
    return {"action": call.action, "least": call.least, "most": call.most}
