"""Every check of a run: what was compared, by how much it held, what would have changed it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from mangaops.diagnose.explain import deciding_check, turning_point
from mangaops.model.diagnosis import Check, PathStep
from mangaops.model.evidence import EvidenceState, Scalar
from mangaops.render.case import Case, Seen
from mangaops.render.checks import missing_word, subject_of
from mangaops.render.diagnosis import cost_line, coverage_line, header, verdict_word
from mangaops.render.figures import age, figure, instant, margin
from mangaops.render.mark import STYLES, mark_of
from mangaops.render.screen import WIDEST, prose, to_text

_MEASURED = frozenset({"latest", "min", "max", "avg", "sum"})


def explanation_text(case: Case, *, width: int, colour: bool, now: datetime) -> str:
    """The answer of `explain` as text."""
    width = min(width, WIDEST)
    diagnosis = case.diagnosis
    word, style = verdict_word(diagnosis)
    conclusion = Text.assemble((word, style), f"  {diagnosis.id}", (f"  {diagnosis.runbook}", ""))
    parts: list[RenderableType] = [
        *header(case.site, case.window, case.run, now=now, width=width),
        conclusion,
        Text(""),
    ]
    for step in diagnosis.path:
        parts += _step(step, case, last=step is diagnosis.path[-1])
    if diagnosis.confirmations:
        final = PathStep(
            node="confirm",
            question="Is it confirmed?",
            answer=diagnosis.verdict.value,
            goto=diagnosis.id,
            checks=diagnosis.confirmations,
        )
        parts += _step(final, case, last=True)
    parts += [prose(f"- {reason}", "unsure") for reason in diagnosis.reasons]
    parts += _closest(case)
    parts += [Text(""), Text("evidence", style="strong"), *_evidence(case, now)]
    parts += [prose(coverage_line(case), "quiet"), prose(cost_line(case), "quiet")]
    return to_text(Group(*parts), width=width, colour=colour)


def _step(step: PathStep, case: Case, *, last: bool) -> Iterator[RenderableType]:
    yield Text.assemble((step.node, "strong"), "  ", step.question)
    deciding = deciding_check(step) if len(step.checks) > 1 else None
    for check in step.checks:
        mark = mark_of(check, step, decides=last)
        decides = "  (decides)" if check is deciding else ""
        head = Text.assemble((f"{mark:<4}", STYLES[mark]), f"  {_title(check, case)}{decides}")
        yield Padding(head, (0, 0, 0, 2))
        for line in _lines(check, case):
            yield Padding(prose(line), (0, 0, 0, 8))
    yield Text(f"  -> {step.answer or 'no answer'}: {step.goto}", style="quiet")
    yield Text("")


def _title(check: Check, case: Case) -> str:
    name = case.name_of(check)
    return f"{name}: {subject_of(check)}" if check.subject else name


def _lines(check: Check, case: Case) -> Iterator[str]:
    yield check.expression
    if check.result is None:
        yield f"not decided: {missing_word(check, case)}"
        for key in check.missing:
            if key in case.evidence and case.evidence[key].detail:
                yield f"{key}: {case.evidence[key].detail}"
        return
    told = f"observed {figure(check.observed, check.unit)}"
    if check.threshold is not None:
        told += f", against {figure(check.threshold, check.unit)}"
    if check.margin is not None:
        told += f" ({margin(check.margin) or '0 %'})"
    yield told
    yield turning_point(check)
    if check.gaps:
        yield "some minutes had no datapoint, so this weighs less"


def _closest(case: Case) -> Iterator[RenderableType]:
    """The decision that the least change would have turned."""
    checks = [check for step in case.diagnosis.path for check in step.checks]
    near = [c for c in checks if c.margin is not None and c.result is not None]
    if near:
        check = min(near, key=lambda c: abs(c.margin or 0.0))
        told = f"{_title(check, case)}, {margin(check.margin) or '0 %'} from its limit"
        yield prose(f"closest call: {told}", "strong")


def _evidence(case: Case, now: datetime) -> Iterator[RenderableType]:
    for item in case.evidence.values():
        yield Padding(prose(_seen_line(item, now)), (0, 0, 0, 2))


def _seen_line(item: Seen, now: datetime) -> str:
    parts = [f"{item.id} ({item.kind}): {item.state.value.replace('_', ' ')}"]
    if item.state is EvidenceState.NOT_NEEDED:
        return parts[0]
    parts += [f"{key} {_fact(key, value, item.unit)}" for key, value in _plain_facts(item)]
    if item.newest:
        parts.append(f"newest {instant(item.newest)}, {age(item.newest, now)}")
    return ", ".join(part for part in [*parts, item.detail] if part)


def _plain_facts(item: Seen) -> Iterator[tuple[str, Scalar]]:
    """Members of a group are counted by `series`; JSON has each of them."""
    for key, value in item.summary.items():
        if value is None or isinstance(value, (str, bool, int, float)):
            yield key, value


def _fact(key: str, value: Scalar, unit: str) -> str:
    return figure(value, unit if key in _MEASURED else "")
