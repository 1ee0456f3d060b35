"""What `doctor` found: problems one by one, what is fine in a line, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mangaops.diagnose.reach import Chance, Prospect
from mangaops.model.evidence import JSON, Row
from mangaops.readiness.doctor import finding as found
from mangaops.readiness.doctor.finding import Checkup, Finding, Outlook, State
from mangaops.render.document import cost_document, environment_document
from mangaops.render.escaping import escaped, visible
from mangaops.render.figures import dollars, scanned
from mangaops.render.grid import grid_markdown
from mangaops.render.place import place_lines, place_words
from mangaops.render.screen import WIDEST, command_line, prose, to_text, typed_line

SCHEMA = "mangaops.doctor/1"
_MARKS = {
    State.FINE: ("ok", "fine"),
    State.WARNING: ("warn", "unsure"),
    State.PROBLEM: ("FAIL", "fail"),
    State.UNKNOWN: ("??", "unsure"),
}
_MOST_NAMES = 6
_INDENT = 8


def checkup_text(checkup: Checkup, *, width: int, colour: bool, everything: bool) -> str:
    """`everything` also lists what is fine, thing by thing."""
    width = min(width, WIDEST)
    parts: list[RenderableType] = [*place_lines(checkup.site, width=width)]
    for group in found.Group:
        lines = [one for one in checkup.findings if one.group is group]
        if lines:
            parts += [Text(""), Text(group.value, style="strong")]
            parts += _lines(lines, everything=everything)
    parts += [Text(""), Text("Runbooks", style="strong")]
    parts += [_line(*told) for told in map(_outlook, checkup.outlooks)]
    parts += [Text(""), prose(_sum(checkup), "strong"), prose(_cost(checkup), "quiet")]
    parts += [typed_line(label, line) for label, line in _next(checkup)]
    return to_text(Group(*parts), width=width, colour=colour)


def _lines(findings: Sequence[Finding], *, everything: bool) -> Iterator[RenderableType]:
    """Problems first; what has the same cause is told once."""
    for one in _merged(findings, everything=everything):
        mark, style = _MARKS[one.state]
        name = f"{one.name}: " if one.name else ""
        yield _line(mark, style, f"{name}{visible(one.detail)}", one.hint)
        yield from (command_line(line, indent=_INDENT) for line in one.commands)


def _line(mark: str, style: str, text: str, hint: str = "") -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, width=4)
    grid.add_column(overflow="fold")
    grid.add_row(Text(mark, style=style), prose(text))
    if hint:
        grid.add_row(Text(""), prose(f"-> {visible(hint)}", "strong"))
    return Padding(grid, (0, 0, 0, 2))


_ORDER = (State.PROBLEM, State.UNKNOWN, State.WARNING, State.FINE)


@dataclass(frozen=True, slots=True)
class _Cause:
    """Findings of one cause look the same but for their names."""

    state: State
    detail: str
    hint: str
    commands: tuple[str, ...]


def _merged(findings: Sequence[Finding], *, everything: bool) -> list[Finding]:
    ordered = sorted(findings, key=lambda one: _ORDER.index(one.state))
    fine = [one for one in ordered if one.state is State.FINE]
    causes: dict[_Cause, list[Finding]] = {}
    for one in ordered if everything else ordered[: len(ordered) - len(fine)]:
        cause = _Cause(one.state, one.detail, one.hint, one.commands)
        if everything and one.state is State.FINE:
            cause = _Cause(one.state, f"{one.name}/{one.detail}", "", ())
        causes.setdefault(cause, []).append(one)
    told = [replace(same[0], name=_names([one.name for one in same])) for same in causes.values()]
    if fine and not everything:
        told.append(replace(fine[0], name="", detail=_all_fine(fine, len(findings))))
    return told


def _names(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    if len(unique) <= _MOST_NAMES:
        return ", ".join(unique)
    return f"{', '.join(unique[:_MOST_NAMES])} and {len(unique) - _MOST_NAMES} more"


def _all_fine(fine: Sequence[Finding], count: int) -> str:
    """In a line: the caller and the clock in full, of many things how many they are."""
    if fine[0].group is found.Group.ACCESS:
        return "; ".join(f"{one.name} {one.detail}" for one in fine)
    if fine[0].group is found.Group.CHANGES:
        return f"allowed: {', '.join(one.name for one in fine)}"
    names = list(dict.fromkeys(one.name for one in fine))
    return (
        ", ".join(names) if len(names) <= _MOST_NAMES else f"{len(fine)} of {count} (-v names them)"
    )


def _outlook(outlook: Outlook) -> tuple[str, str, str]:
    name, count = outlook.runbook, len(outlook.prospects)
    gone, doubted = outlook.of(Chance.IMPOSSIBLE), outlook.of(Chance.AT_MOST_LIKELY)
    if outlook.whole and not outlook.unsaid:
        return "ok", "fine", f"{name}: all {count} diagnoses are possible"
    if len(gone) == count:
        told = [f"none of {count} diagnoses is possible, for want of {_wanting(outlook)}"]
    else:
        left = f"{count - len(gone)} of {count} diagnoses are possible"
        told = [left, *_by_cause(outlook, Chance.IMPOSSIBLE)]
    told += [*_by_cause(outlook, Chance.AT_MOST_LIKELY), *_unsaid(outlook)]
    state = State.WARNING if doubted else State.UNKNOWN
    if not outlook.decidable:
        told.insert(0, "whether this incident is on cannot be said")
    mark, style = _MARKS[State.PROBLEM if gone or not outlook.decidable else state]
    return mark, style, f"{name}: {'; '.join(told)}"


def _unsaid(outlook: Outlook) -> Iterator[str]:
    """`not seen: close reports, on which 9 of them hang`."""
    if outlook.unsaid:
        ids = dict.fromkeys(one for each in outlook.unsaid for one in each.because)
        titles = _names([outlook.titles.get(one, one) for one in ids])
        hang = f"{len(outlook.unsaid)} of {len(outlook.prospects)} hang"
        yield f"not seen, and {hang} on it: {titles}"


def _wanting(outlook: Outlook) -> str:
    ids = dict.fromkeys(one for each in outlook.prospects for one in each.because)
    return _names([outlook.titles.get(one, one) for one in ids])


def _by_cause(outlook: Outlook, chance: Chance) -> Iterator[str]:
    """`impossible without closed connections: gateway-lifetime-limit, ...`."""
    causes: dict[tuple[str, ...], list[str]] = {}
    for one in outlook.of(chance):
        causes.setdefault(one.because, []).append(one.outcome)
    for ids, outcomes in causes.items():
        titles = _names([outlook.titles.get(one, one) for one in ids])
        yield f"{chance.value} without {titles}: {', '.join(outcomes)}"


def _sum(checkup: Checkup) -> str:
    if checkup.interrupted:
        return "Interrupted: what was not read by then is told as missing."
    counts = {state: sum(one.state is state for one in checkup.findings) for state in State}
    lost = sum(len(one.of(Chance.IMPOSSIBLE)) for one in checkup.outlooks)
    told = f"{counts[State.PROBLEM]} missing, {counts[State.WARNING]} to look at"
    unknown = f", {counts[State.UNKNOWN]} not known" if counts[State.UNKNOWN] else ""
    gone = (
        "no diagnosis is"
        if not lost
        else "1 diagnosis is"
        if lost == 1
        else f"{lost} diagnoses are"
    )
    unsure = _names([one.runbook for one in checkup.outlooks if not one.decidable])
    whether = f"; whether there is an incident cannot be said: {unsure}" if unsure else ""
    return f"{told}{unknown}; {gone} impossible{whether}."


def _cost(checkup: Checkup) -> str:
    cost = checkup.cost
    return (
        f"{cost.api_calls} AWS calls, {cost.metrics_requested} metrics, "
        f"{scanned(cost.log_bytes_scanned)} of logs, {dollars(cost.usd_estimate)}, "
        f"{checkup.seconds:.1f} s; nothing was changed"
    )


def _next(checkup: Checkup) -> Iterator[tuple[str, str]]:
    """What to type now, and what to type again when the findings are mended."""
    if checkup.well:
        return
    names = _only(checkup)
    reads = (one for one in checkup.findings if one.group is not found.Group.CHANGES)
    if any(one.detail.startswith("denied") for one in reads):
        yield "next:", " ".join(["mangaops iam doctor", *names]) + checkup.suffix
    yield "once mended:", " ".join(["mangaops doctor", *names]) + checkup.suffix


def _only(checkup: Checkup) -> list[str]:
    """The runbooks that are not whole: what to look at again."""
    return [one.runbook for one in checkup.outlooks if not one.whole]


def checkup_document(checkup: Checkup) -> dict[str, JSON]:
    """`mangaops.doctor/1`; `ready` is what exit code 0 says."""
    return {
        "schema": SCHEMA,
        "ready": checkup.well,
        "environment": environment_document(checkup.site),
        "findings": [_finding_document(one) for one in checkup.findings],
        "runbooks": [_outlook_document(one) for one in checkup.outlooks],
        "cost": cost_document(checkup.cost),
        "seconds": round(checkup.seconds, 3),
    }


def _finding_document(one: Finding) -> JSON:
    return {
        "group": one.group.value.lower(),
        "name": one.name,
        "state": one.state.value,
        "detail": one.detail,
        "hint": one.hint,
        "commands": list(one.commands),
        "evidence": [f"{user.runbook}/{user.evidence}" for user in one.users],
    }


def _outlook_document(one: Outlook) -> JSON:
    return {
        "runbook": one.runbook,
        "title": one.title,
        "decidable": one.decidable,
        "diagnoses": [_prospect_document(each) for each in one.prospects],
        "not_said": [_prospect_document(each) for each in one.unsaid],
    }


def _prospect_document(one: Prospect) -> JSON:
    return {
        "id": one.outcome,
        "title": one.title,
        "chance": one.chance.value,
        "because": list(one.because),
    }


def checkup_markdown(checkup: Checkup) -> str:
    """Everything, as tables."""
    rows = [_finding_row(one) for one in checkup.findings]
    left = [
        {
            "runbook": one.runbook,
            "diagnoses": _outlook(one)[2].removeprefix(f"{one.runbook}: "),
        }
        for one in checkup.outlooks
    ]
    parts = (
        f"## Readiness of {escaped(place_words(checkup.site))}\n",
        grid_markdown(_FINDINGS, rows, {}),
        grid_markdown(("runbook", "diagnoses"), left, {}),
        escaped(f"{_sum(checkup)} {_cost(checkup)}") + "\n",
    )
    return "\n".join(parts)


_FINDINGS = ("", "what", "state", "detail", "what to do")


def _finding_row(one: Finding) -> Row:
    cells = (one.group.value, one.name, _MARKS[one.state][0], one.detail, one.hint)
    return dict(zip(_FINDINGS, cells, strict=True))
