"""Which incidents are on: one line a runbook, and the command to type next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mangaops.model.diagnosis import Check, Cost, PathStep
from mangaops.model.evidence import JSON
from mangaops.model.runbook import Severity
from mangaops.model.site import Site
from mangaops.model.time import Window, iso
from mangaops.render.case import Seen
from mangaops.render.checks import limit_of, subject_of
from mangaops.render.diagnosis import header
from mangaops.render.document import check_document
from mangaops.render.escaping import escaped
from mangaops.render.figures import account, dollars, figure, margin
from mangaops.render.screen import NARROW, WIDEST, command_line, prose, to_text

SCHEMA = "mangaops.triage/1"


class AlarmState(StrEnum):
    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What one runbook's trigger says. `detail` tells why it is unknown, or off."""

    runbook: str
    title: str
    severity: Severity
    state: AlarmState
    step: PathStep | None = None
    detail: str = ""
    window: Window
    evidence: Mapping[str, Seen]

    @property
    def command(self) -> str:
        return f"mangaops diagnose {self.runbook}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """The answer of `triage`. `suffix` is what the next command must repeat (`--env prod`)."""

    site: Site
    window: Window
    alarms: Sequence[Alarm]
    cost: Cost
    seconds: float
    suffix: str = ""


_STYLE = {AlarmState.ON: "fail", AlarmState.OFF: "fine", AlarmState.UNKNOWN: "unsure"}
_ORDER = {AlarmState.ON: 0, AlarmState.UNKNOWN: 1, AlarmState.OFF: 2}


def triage_text(triage: Triage, *, width: int, colour: bool, now: datetime) -> str:
    width = min(width, WIDEST)
    parts: list[RenderableType] = [
        *header(triage.site, triage.window, "", now=now, width=width),
        Text(""),
        _table(triage, width=width),
        Text(""),
        *_next(triage),
        Text(""),
        prose(
            f"{triage.cost.api_calls} AWS calls, {triage.cost.metrics_requested} metrics, "
            f"{dollars(triage.cost.usd_estimate)}, {triage.seconds:.1f} s",
            "quiet",
        ),
    ]
    return to_text(Group(*parts), width=width, colour=colour)


def by_urgency(alarms: Sequence[Alarm]) -> list[Alarm]:
    """On before unknown before off, the severest first."""
    return sorted(alarms, key=lambda a: (_ORDER[a.state], a.severity.value, a.runbook))


def _table(triage: Triage, *, width: int) -> RenderableType:
    if width < NARROW:
        return Group(*_stacked(triage))
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for alarm in by_urgency(triage.alarms):
        state = Text(alarm.state.value, style=_STYLE[alarm.state])
        name = Text(alarm.runbook, style="strong")
        grid.add_row(state, name, prose(figures_of(alarm)))
    return grid


def _stacked(triage: Triage) -> Iterator[RenderableType]:
    """State and runbook on a line, the figures below: in columns they would be cut."""
    for alarm in by_urgency(triage.alarms):
        state = (f"{alarm.state.value:<7}  ", _STYLE[alarm.state])
        yield Text.assemble(state, (alarm.runbook, "strong"))
        yield Padding(prose(figures_of(alarm)), (0, 0, 0, 4))


def figures_of(alarm: Alarm, told: Check | None = None) -> str:
    """`first-token p95 2,412 ms, limit 2,000 ms (+21 %)`, or why it is not known.

    `told` is the check to tell of, in place of the one that says most.
    """
    if alarm.state is AlarmState.UNKNOWN:
        return alarm.detail or "the trigger could not be decided"
    check = told or telling(alarm.step.checks if alarm.step else ())
    return alarm.detail if check is None else _told(check, alarm)


def telling(checks: Sequence[Check]) -> Check | None:
    """The check that says most: one that holds before one that does not, the widest margin."""
    seen = [c for c in checks if c.evidence and c.observed is not None]
    return max(seen, key=lambda c: (c.result is True, _distance(c)), default=None)


def _distance(check: Check) -> float:
    """How far it is from its limit, or how near to it when it does not hold."""
    margin_size = 0.0 if check.margin is None else abs(check.margin)
    return margin_size if check.result else -margin_size


def _told(check: Check, alarm: Alarm) -> str:
    seen = [alarm.evidence[key] for key in check.evidence if key in alarm.evidence]
    name = ", ".join(dict.fromkeys(item.title or item.id for item in seen))
    member = f" ({subject_of(check)})" if check.subject else ""
    over = f" ({margin(check.margin)})" if margin(check.margin) else ""
    limit = f", {limit_of(check)}{over}" if limit_of(check) else ""
    return f"{name}{member} {figure(check.observed, check.unit)}{limit}"


def _next(triage: Triage) -> Iterator[RenderableType]:
    on = [a for a in by_urgency(triage.alarms) if a.state is AlarmState.ON]
    if not on:
        unknown = any(a.state is AlarmState.UNKNOWN for a in triage.alarms)
        yield Text("No incident was seen." if unknown else "No incident is on.", style="strong")
        if unknown:
            yield prose("What is unknown may still be one.", "unsure")
        return
    yield Text("next:", style="quiet")
    for alarm in on:
        yield command_line(alarm.command + triage.suffix, indent=2)


def triage_document(triage: Triage) -> dict[str, JSON]:
    """`mangaops.triage/1`, runbooks in the order of their names."""
    site = triage.site
    return {
        "schema": SCHEMA,
        "environment": {
            "name": site.name,
            "account": site.account,
            "region": site.region,
            "caller": site.caller,
            "protected": site.protected,
        },
        "runbooks": [_alarm(a) for a in sorted(triage.alarms, key=lambda a: a.runbook)],
        "cost": {
            "api_calls": triage.cost.api_calls,
            "metrics_requested": triage.cost.metrics_requested,
            "log_bytes_scanned": triage.cost.log_bytes_scanned,
            "usd_estimate": round(triage.cost.usd_estimate, 6),
        },
        "seconds": round(triage.seconds, 3),
    }


def _alarm(alarm: Alarm) -> JSON:
    return {
        "runbook": alarm.runbook,
        "title": alarm.title,
        "severity": alarm.severity.value,
        "state": alarm.state.value,
        "window": {"from": iso(alarm.window.start), "to": iso(alarm.window.end)},
        "question": alarm.step.question if alarm.step else None,
        "checks": [check_document(c) for c in alarm.step.checks] if alarm.step else [],
        "detail": alarm.detail,
        "command": alarm.command,
    }


def triage_markdown(triage: Triage) -> str:
    site = ", ".join(p for p in (triage.site.name, account(triage.site.account)) if p)
    lines = [
        f"## Triage of {escaped(site)}, {iso(triage.window.end)}",
        "",
        "| state | runbook | observed | next |",
        "|---|---|---|---|",
    ]
    for alarm in by_urgency(triage.alarms):
        command = f"`{alarm.command}`" if alarm.state is AlarmState.ON else ""
        lines.append(
            f"| {alarm.state.value} | {alarm.runbook} | {escaped(figures_of(alarm))} | {command} |"
        )
    return "\n".join(lines) + "\n"
