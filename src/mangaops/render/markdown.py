"""A case as Markdown, to paste into a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from mangaops.model.diagnosis import PathStep
from mangaops.model.time import iso
from mangaops.render import figures
from mangaops.render.case import Case
from mangaops.render.checks import limit_of, missing_word
from mangaops.render.diagnosis import cost_line, coverage_line, verdict_word
from mangaops.render.document import is_outcome, plan_command
from mangaops.render.escaping import escaped
from mangaops.render.mark import Mark, mark_of


def case_markdown(case: Case) -> str:
    """The whole answer of `diagnose` for a ticket."""
    blocks = [_head(case), _conclusion(case), _path(case), _remedies(case), _prevention(case)]
    return "\n\n".join("\n".join(block) for block in map(list, blocks) if block) + "\n"


def _head(case: Case) -> Iterator[str]:
    diagnosis, site, window = case.diagnosis, case.site, case.window
    word, _ = verdict_word(diagnosis)
    yield f"## {word}: {escaped(diagnosis.title or diagnosis.runbook)}"
    yield ""
    place = [escaped(site.name), figures.account(site.account), site.region]
    caller = f", as `{figures.caller(site.caller)}`" if site.caller else ""
    yield f"- where: {', '.join(part for part in place if part)}{caller}"
    yield f"- window: {iso(window.start)} to {iso(window.end)}"
    yield f"- runbook: `{diagnosis.runbook}`, run: `{case.run}`"
    if is_outcome(diagnosis):
        severity = f", {diagnosis.severity}" if diagnosis.severity else ""
        yield f"- diagnosis: `{diagnosis.id}`{severity}"


def _conclusion(case: Case) -> Iterator[str]:
    diagnosis = case.diagnosis
    if diagnosis.cause:
        yield escaped(diagnosis.cause)
        yield ""
    yield from (f"- not certain: {escaped(reason)}" for reason in diagnosis.reasons)
    yield from (f"- {escaped(fact)}" for fact in diagnosis.report)
    yield f"- {escaped(coverage_line(case))}; {escaped(cost_line(case))}"


def _path(case: Case) -> Iterator[str]:
    yield "| | check | observed | limit | margin |"
    yield "|---|---|---:|---:|---:|"
    for step in case.diagnosis.path:
        yield f"| | **{escaped(step.question)}** {escaped(step.answer)} | | | |"
        yield from _rows(step, case)


def _rows(step: PathStep, case: Case) -> Iterator[str]:
    last = step is case.diagnosis.path[-1]
    for check in step.checks:
        mark = mark_of(check, step, decides=last)
        name = case.name_of(check) + (f", {check.subject}" if check.subject else "")
        unknown = mark is Mark.UNKNOWN
        seen = missing_word(check, case) if unknown else figures.figure(check.observed, check.unit)
        cells = [mark.value, name, seen, limit_of(check), figures.margin(check.margin)]
        yield f"| {' | '.join(escaped(cell) for cell in cells)} |"


def _remedies(case: Case) -> Iterator[str]:
    if not case.diagnosis.remedies:
        return
    yield "**To do**"
    yield ""
    for remedy in case.diagnosis.remedies:
        command = plan_command(remedy, case.run)
        typed = f": `{command}`" if command else ""
        yield f"- {remedy.urgency.value}: {escaped(remedy.title)}{typed}"


def _prevention(case: Case) -> Iterator[str]:
    if case.diagnosis.prevention:
        yield "**To prevent it**"
        yield ""
        yield from (f"- {escaped(measure)}" for measure in case.diagnosis.prevention)
