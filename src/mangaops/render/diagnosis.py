"""A case for a terminal: where and when, the path, the verdict, what to do, what to type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mangaops.model.diagnosis import Diagnosis, Verdict
from mangaops.model.evidence import EvidenceState
from mangaops.model.runbook import Status, Urgency
from mangaops.model.site import Site
from mangaops.model.time import Window
from mangaops.render import figures
from mangaops.render.case import Case
from mangaops.render.checks import path
from mangaops.render.document import executable, is_outcome, plan_command
from mangaops.render.screen import WIDEST, command_line, prose, to_text, typed_line

_URGENCY = {
    Urgency.IMMEDIATE: "now",
    Urgency.SHORT_TERM: "short term",
    Urgency.MEDIUM_TERM: "medium term",
}


def case_text(case: Case, *, width: int, colour: bool, now: datetime) -> str:
    """The whole answer of `diagnose` as text."""
    width = min(width, WIDEST)
    blocks: list[list[RenderableType]] = [
        [*header(case.site, case.window, case.run, now=now, width=width)],
        [path(case, width=width)],
        [*_verdict(case)],
        [*_remedies(case)],
        [*_prevention(case.diagnosis)],
        [*_next(case)],
    ]
    spaced = [part for block in blocks if block for part in (*block, Text(""))]
    return to_text(Group(*spaced[:-1]), width=width, colour=colour)


def header(
    site: Site, window: Window, run: str, *, now: datetime, width: int
) -> Iterator[RenderableType]:
    """Environment, account, region, caller, window, run: pieces that are never broken."""
    name = f"{site.name} (protected)" if site.protected else site.name
    pieces = [
        name,
        figures.account(site.account) or "account unknown",
        site.region,
        f"as {figures.caller(site.caller)}" if site.caller else "",
        window_text(window, now),
        f"run {run}" if run else "",
    ]
    line = ""
    for piece in pieces:
        if line and len(line) + 2 + len(piece) > width:
            yield Text(line, style="strong")
            line = ""
        line = "  ".join(part for part in (line, piece) if part)
    yield Text(line, style="strong")


def window_text(window: Window, now: datetime) -> str:
    """`11:00-11:30 UTC, just now`; with dates where today's does not hold for both."""
    same_day = window.start.date() == window.end.date()
    start = window.start.strftime("%Y-%m-%d %H:%M")
    if same_day and window.end.date() == now.date():
        start = window.start.strftime("%H:%M")
    end = window.end.strftime("%H:%M" if same_day else "%Y-%m-%d %H:%M")
    return f"{start}-{end} UTC ({figures.age(window.end, now)})"


def verdict_word(diagnosis: Diagnosis) -> tuple[str, str]:
    """The verdict in one word, and its style."""
    match diagnosis.status, diagnosis.verdict:
        case Status.HEALTHY, _:
            return "HEALTHY", "fine"
        case Status.INCONCLUSIVE, _:
            return "INCONCLUSIVE", "unsure"
        case _, Verdict.CONFIRMED:
            return "CONFIRMED", "fail"
        case _:
            return "LIKELY", "fail"


def _verdict(case: Case) -> Iterator[RenderableType]:
    diagnosis = case.diagnosis
    word, style = verdict_word(diagnosis)
    head = Text(word, style=style)
    head.append("  " + (diagnosis.title or diagnosis.runbook), style="strong")
    severity = f", {diagnosis.severity}" if diagnosis.severity else ""
    told = f"{diagnosis.id}{severity}" if is_outcome(diagnosis) else diagnosis.runbook
    head.append(f"  ({told})", style="quiet")
    yield head
    if case.interrupted:
        yield _indented(Text("Interrupted: this is what could be said by then.", style="unsure"))
    if diagnosis.cause:
        yield _indented(prose(diagnosis.cause))
    for reason in diagnosis.reasons:
        yield _bullet("?", reason, "unsure")
    for fact in diagnosis.report:
        yield _bullet("-", fact)
    yield _indented(prose(coverage_line(case), "quiet"))
    yield _indented(prose(cost_line(case), "quiet"))
    unread = not_needed(case)
    if unread:
        yield _indented(Text(f"not needed on this path: {', '.join(unread)}", style="quiet"))


def coverage_line(case: Case) -> str:
    """How much of what the walk asked for was seen."""
    coverage = case.diagnosis.coverage
    missing = f"; missing: {', '.join(coverage.missing)}" if coverage.missing else ""
    return f"evidence: {coverage.checked} of {coverage.of} seen{missing}"


def cost_line(case: Case) -> str:
    """What the reading took."""
    cost = case.cost
    parts = [f"{cost.api_calls} AWS calls", f"{cost.metrics_requested} metrics"]
    if cost.log_bytes_scanned:
        parts.append(f"{figures.scanned(cost.log_bytes_scanned)} of logs scanned")
    return ", ".join([*parts, figures.dollars(cost.usd_estimate), f"{case.seconds:.1f} s"])


def not_needed(case: Case) -> list[str]:
    skipped = (s for s in case.evidence.values() if s.state is EvidenceState.NOT_NEEDED)
    return [item.id for item in skipped]


def _remedies(case: Case) -> Iterator[RenderableType]:
    for urgency, label in _URGENCY.items():
        remedies = [r for r in case.diagnosis.remedies if r.urgency is urgency]
        if not remedies:
            continue
        yield Text(f"to do, {label}", style="strong")
        for remedy in remedies:
            yield _bullet("-", remedy.title)
            command = plan_command(remedy, case.run)
            if command:
                yield command_line(command + case.suffix, indent=4)


def _prevention(diagnosis: Diagnosis) -> Iterator[RenderableType]:
    if diagnosis.prevention:
        yield Text("to prevent it", style="strong")
        yield from (_bullet("-", measure) for measure in diagnosis.prevention)


def next_command(case: Case) -> str:
    """What to type now: the plan of the most urgent remedy, where there is one."""
    if case.diagnosis.continue_with:
        return f"mangaops diagnose {case.diagnosis.continue_with}{case.suffix}"
    if case.diagnosis.status is Status.HEALTHY and not is_outcome(case.diagnosis):
        return f"mangaops triage{case.suffix}"
    return _plan(case) or f"mangaops explain {case.run}"


def _plan(case: Case) -> str:
    remedies = executable(case.diagnosis)
    command = plan_command(remedies[0], case.run) if remedies else None
    return f"{command}{case.suffix}" if command else ""


def _next(case: Case) -> Iterable[RenderableType]:
    lead = "goes on in another runbook, " if case.diagnosis.continue_with else ""
    command = next_command(case)
    yield typed_line(f"{lead}next:", command)
    if command == _plan(case):
        yield typed_line("why: ", f"mangaops explain {case.run}")


def _indented(text: Text) -> RenderableType:
    return Padding(text, (0, 0, 0, 2))


def _bullet(sign: str, words: str, style: str = "") -> RenderableType:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    grid.add_row(Text(sign, style=style or "quiet"), prose(words, style))
    return _indented_table(grid)


def _indented_table(grid: Table) -> RenderableType:
    return Padding(grid, (0, 0, 0, 2))
