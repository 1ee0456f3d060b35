"""What a stage of a prompt may do next: text, JSON, Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import assert_never

from mangaops.bench.comparing.comparison import Comparison
from mangaops.bench.guarding.rollout import (
    SHARES,
    Back,
    Hold,
    Promote,
    Quality,
    RollBack,
    Stage,
    Stay,
    Step,
)
from mangaops.errors import ExitCode
from mangaops.model.change import Change
from mangaops.model.evidence import JSON
from mangaops.model.time import format_duration
from mangaops.render.bench_document import intent_document
from mangaops.render.bench_words import headline
from mangaops.render.escaping import escaped, visible
from mangaops.render.figures import counted
from mangaops.render.painted import painted, wrapped

SCHEMA = "mangaops.bench-rollout/1"
_WIDEST = 120
_BACK = MappingProxyType(
    {Back.OPTIMISE: "OPTIMISE", Back.REJECT: "REJECT", Back.PREVIOUS: "ROLL BACK"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One answer. `command` follows `mangaops`; empty where nothing is to be typed."""

    intent: str
    stage: Stage
    step: Step
    quality: Quality
    comparison: Comparison | None = None
    runs: tuple[str, ...] = ()
    held_for: timedelta | None = None
    notes: tuple[str, ...] = ()
    command: str = ""
    change: Change | None = None

    @property
    def exit_code(self) -> ExitCode:
        match self.step:
            case Promote() | Stay():
                return ExitCode.DONE
            case Hold():
                return ExitCode.INCONCLUSIVE
            case RollBack():
                return ExitCode.PROBLEM_FOUND
            case _:
                assert_never(self.step)


def rollout_text(one: Rollout, *, width: int = 80, colour: bool = False, suffix: str = "") -> str:
    columns = min(width, _WIDEST)
    word, style = _word(one.step)
    about = f"{visible(one.intent)}, {stage_words(one)}"
    lines = [f"{painted(word, style, colour=colour)}  {painted(about, 'strong', colour=colour)}"]
    for fact in _facts(one):
        lines += wrapped(visible(fact), width=columns, indent=2, hanging=2)
    for need in one.step.needs if isinstance(one.step, Hold) else ():
        lines += wrapped(f"- needs {visible(need)}", width=columns, indent=2, hanging=2)
    for note in one.notes:
        lines += wrapped(f"note: {visible(note)}", width=columns, indent=2, hanging=2)
    if one.command and one.change is None:
        label = painted("next:", "quiet", colour=colour)
        lines.append(
            f"{label} {painted(f'mangaops {one.command}{suffix}', 'command', colour=colour)}"
        )
    text = "\n".join(lines) + "\n"
    if one.change is not None:
        from mangaops.render.change import change_text  # noqa: PLC0415 - rich

        text += "\n" + change_text(one.change, width=columns, colour=colour, suffix=suffix)
    return text


def stage_words(one: Rollout) -> str:
    """`canary (25 %), served for 2h`."""
    known = None if one.stage is Stage.OFF else one.held_for
    held = "" if known is None else f", served for {_minutes(known)}"
    return f"{one.stage.value} ({SHARES[one.stage]} %){held}"


def _minutes(length: timedelta) -> str:
    return format_duration(timedelta(minutes=length // timedelta(minutes=1)))


def _word(step: Step) -> tuple[str, str]:
    match step:
        case Promote(to=to):
            return f"PROMOTE to {to.value} ({SHARES[to]} %)", "fine"
        case Hold():
            return "HOLD", "unsure"
        case RollBack(back=back):
            return _BACK[back], "fail"
        case Stay():
            return "STAY", "fine"
        case _:
            assert_never(step)


def _facts(one: Rollout) -> Iterator[str]:
    step = one.step
    yield f"{step.why}; {step.back.value}" if isinstance(step, RollBack) else step.why
    compared = one.comparison
    if compared is not None:
        versions = f"{compared.baseline.version} -> {compared.candidate.version}"
        told = "  ".join(part for part in headline(compared) if part)
        yield f"latency {compared.verdict.value}: {versions}, {told}"
        samples = compared.baseline.samples + compared.candidate.samples
        yield f"{counted(samples, 'sample')} of {', '.join(one.runs) or 'no run'}"
    yield f"quality {one.quality.value}"


def rollout_document(one: Rollout, *, suffix: str = "") -> dict[str, JSON]:
    return {
        "schema": SCHEMA,
        "intent": one.intent,
        "stage": one.stage.value,
        "share": SHARES[one.stage],
        "held_for_s": None if one.held_for is None else int(one.held_for.total_seconds()),
        "quality": one.quality.value,
        "step": _step(one.step),
        "comparison": None if one.comparison is None else intent_document(one.comparison),
        "runs": list(one.runs),
        "notes": list(one.notes),
        "command": f"mangaops {one.command}{suffix}" if one.command else None,
        "change": _change(one.change, suffix),
    }


def _step(step: Step) -> dict[str, JSON]:
    match step:
        case Promote():
            return {"do": "promote", "to": step.to.value, "share": SHARES[step.to], "why": step.why}
        case Hold():
            return {"do": "hold", "why": step.why, "needs": list(step.needs)}
        case RollBack():
            return {"do": "roll_back", "share": 0, "why": step.why, "then": step.back.value}
        case Stay():
            return {"do": "stay", "why": step.why}
        case _:
            assert_never(step)


def _change(change: Change | None, suffix: str) -> JSON:
    if change is None:
        return None
    from mangaops.render.change import change_document  # noqa: PLC0415 - rich

    return change_document(change, suffix=suffix)


def rollout_markdown(one: Rollout, *, suffix: str = "") -> str:
    word, _ = _word(one.step)
    lines = [f"**{word}**: {escaped(one.intent)}, {stage_words(one)}", ""]
    lines += [f"- {escaped(fact)}" for fact in _facts(one)]
    lines += [
        f"- needs {escaped(n)}" for n in (one.step.needs if isinstance(one.step, Hold) else ())
    ]
    lines += [f"- note: {escaped(note)}" for note in one.notes]
    if one.change is not None:
        run = f", run `{one.change.run}`" if one.change.run else ""
        lines.append(f"- `{one.command}`: {one.change.status.value.replace('_', ' ')}{run}")
    elif one.command:
        lines.append(f"- next: `mangaops {one.command}{suffix}`")
    return "\n".join(lines) + "\n"
