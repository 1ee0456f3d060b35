"""A probe for a terminal and in Markdown: mode, times, attempts, breakers, the log record."""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mangaops.fm.answer import Mode
from mangaops.fm.target import Target
from mangaops.model.evidence import Row
from mangaops.render.escaping import escaped, visible
from mangaops.render.figures import dollars, number
from mangaops.render.grid import grid_markdown, grid_text
from mangaops.render.painted import cells, painted, wrapped
from mangaops.render.probed import (
    ENOUGH,
    RANK_95,
    Outcome,
    ProbeAnswer,
    Probed,
    first_tokens_ms,
    percentile,
    totals_ms,
)

_STYLES = MappingProxyType(
    {
        Outcome.HEALTHY: "fine",
        Outcome.RETRIED: "unsure",
        Outcome.DEGRADED: "fail",
        Outcome.REFUSED: "fail",
        Outcome.FAILED: "fail",
    }
)
_MODES = MappingProxyType(
    {
        Mode.PRIMARY: "the first choice answered",
        Mode.REPAIRED: "mended, asked once more, or by another way to the same model",
        Mode.BACKUP: "another model, or a stored answer",
        Mode.TEMPLATE: "no model answered: the template of the intent",
        Mode.APOLOGY: "no model answered: the apology",
    }
)
_CLOSED = "closed"
_LABEL = 9
_SHOWN = 60
"""Characters of an answer: it is to be recognised, not read."""
_IN_SHORT = (
    "status",
    "error_code",
    "mode",
    "retry_count",
    "attempts",
    "latency_ms",
    "time_to_first_token_ms",
    "stop_reason",
)
_ATTEMPTS = ("#", "target", "status", "code", "wait", "took")
_UNITS = MappingProxyType(dict.fromkeys(("wait", "took", "first token", "total"), "ms"))
_CALLS = ("call", "outcome", "mode", "attempts", "first token", "total", "answered by")


def probe_text(answer: ProbeAnswer, *, width: int, colour: bool, whole: bool = False) -> str:
    """`whole` shows every record as it would be logged."""
    lines = [*_heading(answer, colour=colour), *_facts(answer, width)]
    for one in answer.calls if whole else answer.calls[:1] if answer.wanted == 1 else ():
        lines += ["", *_attempts_text(one)]
    if answer.wanted > 1 and answer.calls:
        lines += ["", *_indented(grid_text(_columns(answer), _calls(answer), _UNITS))]
    lines += ["", *_breakers(answer, width)]
    lines += ["", *_records(answer, width, whole=whole)]
    lines += [visible(line) for note in answer.notes for line in _lines(f"note: {note}", width)]
    lines.append(visible(f"next: {answer.next}"))
    return "".join(f"{line.rstrip()}\n" for line in _without_doubles(lines))


def probe_markdown(answer: ProbeAnswer) -> str:
    lines = [f"## Probe of {escaped(answer.intent)}: {answer.outcome.value}", ""]
    lines += [f"- {label}: {escaped(text)}" for label, text in _labelled(answer)]
    for one in answer.calls[:1] if answer.wanted == 1 else ():
        rows = _attempts(one)
        lines += ["", *grid_markdown(_ATTEMPTS, rows, _UNITS).splitlines()] if rows else []
    if answer.wanted > 1 and answer.calls:
        lines += ["", *grid_markdown(_columns(answer), _calls(answer), _UNITS).splitlines()]
    if answer.wanted == 1 and answer.calls:
        record = json.dumps(answer.calls[0].record, ensure_ascii=False, indent=2, default=str)
        lines += ["", "```json", record, "```"]
    lines += ["", *(f"- {escaped(note)}" for note in answer.notes), f"- next: `{answer.next}`"]
    return "".join(f"{line}\n" for line in lines)


def _heading(answer: ProbeAnswer, *, colour: bool) -> Iterator[str]:
    word = painted(answer.outcome.value.upper(), _STYLES[answer.outcome], colour=colour)
    yield f"{word}  {visible(answer.intent)}  {visible(answer.environment)}"


def _facts(answer: ProbeAnswer, width: int) -> Iterator[str]:
    for label, text in _labelled(answer):
        yield from _fact(label, text, width)


def _fact(label: str, text: str, width: int) -> Iterator[str]:
    """The text in a column of its own, beside its label."""
    for line in _lines(visible(text), width - _LABEL - 2):
        yield f"  {label:<{_LABEL}}{line}"
        label = ""


def _lines(text: str, width: int) -> Iterator[str]:
    """An ARN is a word that no line holds: it goes on in the next one."""
    for line in wrapped(text, width=width):
        whole = cells(line) <= width or cells(line) != len(line)
        yield from (line,) if whole else textwrap.wrap(line, width, break_on_hyphens=False)


def _labelled(answer: ProbeAnswer) -> Iterator[tuple[str, str]]:
    yield "asked", f"{answer.model_id} in {answer.region}{', streamed' * answer.streamed}"
    if answer.chaos is not None:
        yield "chaos", f"{answer.chaos}: {answer.fault}"
    for issue in answer.issues:
        yield issue.severity.value, str(issue)
    if answer.wanted == 1 and answer.calls:
        yield from _one(answer, answer.calls[0])
    elif answer.calls:
        yield from _several(answer)
    if answer.calls:
        yield "tokens", _tokens(answer)


def _one(asked: ProbeAnswer, one: Probed) -> Iterator[tuple[str, str]]:
    answer = one.answer
    yield "mode", f"{answer.mode.value}: {_came_to(one)}"
    for because in answer.descended_because:
        yield "because", because
    if one.broken is not None:
        yield "broken", one.broken
    if one.said is not None:
        yield "AWS said", f'"{one.said}"'
    first = Target(model_id=asked.model_id, region=asked.region)
    by = "" if answer.model_answered in {None, first} else f"{answer.model_answered}: "
    said = answer.text if len(answer.text) <= _SHOWN else f"{answer.text[:_SHOWN]}..."
    yield "answer", f'{by}"{said}"'
    token = "" if one.first_token_s is None else f"first token {_ms(one.first_token_s)}, "
    stop = "" if answer.stop_reason is None else f", stopped by {answer.stop_reason}"
    yield "time", f"{token}total {_ms(answer.total_s)}{stop}"
    if answer.repair is not None:
        yield "JSON", answer.repair.state.value.replace("_", " ")


def _came_to(one: Probed) -> str:
    if one.broken is not None:
        return "broke off after text had come"
    if one.blocked:
        return "blocked content: a model was asked, and the refusal is given"
    return _MODES[one.answer.mode]


def _several(answer: ProbeAnswer) -> Iterator[tuple[str, str]]:
    calls = answer.calls
    told = ", ".join(
        f"{count} {outcome.value}" for outcome in Outcome if (count := answer.count(outcome))
    )
    yield "calls", f"{len(calls)} of {answer.wanted}: {told}"
    for label, values in (("first", first_tokens_ms(calls)), ("total", totals_ms(calls))):
        if values:
            yield label, _percentiles(values)


def _percentiles(values: Sequence[float]) -> str:
    found = {rank: percentile(values, rank) for rank in ENOUGH}
    told = [f"p{rank} {_said(value)}" for rank, value in found.items() if value is not None]
    if found[RANK_95] is None:
        told.append(f"no p95 of fewer than {ENOUGH[RANK_95]} calls")
    return ", ".join(told)


def _said(milliseconds: float) -> str:
    return "failed" if math.isinf(milliseconds) else _ms(milliseconds / 1000)


def _tokens(answer: ProbeAnswer) -> str:
    spent = answer.spending
    told = [f"{spent.input:,} in, {spent.output:,} out"] if spent.known else []
    if spent.untold:
        attempts = f"{spent.untold} attempt{'s' if spent.untold > 1 else ''}"
        told.append(f"not told by {attempts} (about {spent.untold_input:,} in)")
    return f"{', and '.join(told)}; {_cost(answer)}"


def _cost(answer: ProbeAnswer) -> str:
    spent = answer.spending
    if answer.free:
        return "costs nothing, in the sandbox"
    if not spent.known:
        return "cost not known"
    if spent.usd is None:
        return "price not known"
    return f"at least {dollars(spent.usd)}" if spent.untold else dollars(spent.usd)


def _attempts_text(one: Probed) -> Iterator[str]:
    rows = _attempts(one)
    if rows:
        yield from _indented(grid_text(_ATTEMPTS, rows, _UNITS))
    else:
        yield "  no attempt was made"


def _attempts(one: Probed) -> list[Row]:
    return [
        {
            "#": position,
            "target": visible(_target(found)),
            "status": visible(str(found.get("status", ""))),
            "code": visible(_code(found)),
            "wait": _number(found.get("retry_wait_ms")),
            "took": _number(found.get("latency_ms")),
        }
        for position, found in enumerate(one.attempts, 1)
    ]


def _target(found: Mapping[str, Any]) -> str:
    name = found.get("model") or found.get("model_id") or "?"
    return f"{name} {found.get('region', '')}".rstrip()


def _code(found: Mapping[str, Any]) -> str:
    status, code = found.get("http_status"), found.get("error_code")
    short = str(code).removesuffix("Exception") if code else ""
    return " ".join(str(part) for part in (status, short) if part)


def _columns(answer: ProbeAnswer) -> list[str]:
    """Only a stream tells when its first token came."""
    return [name for name in _CALLS if answer.streamed or name != "first token"]


def _calls(answer: ProbeAnswer) -> list[Row]:
    return [
        {
            "call": position,
            "outcome": one.outcome.value,
            "mode": one.answer.mode.value,
            "attempts": one.answer.attempts,
            "first token": _in_ms(one.first_token_s),
            "total": _in_ms(one.answer.total_s),
            "answered by": _by(one),
        }
        for position, one in enumerate(answer.calls, 1)
    ]


def _by(one: Probed) -> str:
    """The short name: the ids are in the document."""
    found = one.answer.model_answered
    name = one.record.get("model", "?")
    return "no model" if found is None else visible(f"{name} {found.region}")


def _breakers(answer: ProbeAnswer, width: int) -> Iterator[str]:
    other = [one for one in answer.breakers if one.state != _CLOSED]
    for one in other:
        told = f"{one.state}: {one.model_id} in {one.region} ({one.operation})"
        yield from _fact("breaker", told, width)
    if answer.breakers:
        closed = len(answer.breakers) - len(other)
        told = f"{closed} of {len(answer.breakers)} closed, of this process alone; "
        yield from _fact("breaker", f"{told}those of the service: mangaops logs breaker", width)


def _records(answer: ProbeAnswer, width: int, *, whole: bool) -> Iterator[str]:
    if whole:
        for one in answer.calls:
            for record in one.records:
                yield visible(json.dumps(record, ensure_ascii=False, default=str))
        return
    if answer.wanted == 1 and answer.calls:
        record = answer.calls[0].record
        told = [f"{name} {record[name]}" for name in _IN_SHORT if record.get(name) is not None]
        text = f"bedrock_call: {', '.join(told)}; whole with -v"
        yield from _fact("logged", text, width)


def _indented(text: str) -> Iterator[str]:
    return (f"  {line}" for line in text.splitlines())


def _without_doubles(lines: Sequence[str]) -> Iterator[str]:
    """Empty parts leave no two empty lines behind."""
    before = ""
    for line in lines:
        if line or before:
            yield line
        before = line


def _ms(seconds: float) -> str:
    return f"{number(round(seconds * 1000))} ms"


def _in_ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _number(value: Any) -> int | None:
    return round(value) if isinstance(value, int | float) and math.isfinite(value) else None
