"""One `mangaops bench gate` from its options to its exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mangaops.bench.comparing.comparison import Verdict
from mangaops.bench.guarding.gate import Gate
from mangaops.cli.bench.comparing import compared_runs, exit_code, next_commands
from mangaops.cli.ci_systems import annotate, write_summary
from mangaops.cli.context import AppContext
from mangaops.cli.options import Output, Show, Where
from mangaops.errors import ExitCode

if TYPE_CHECKING:
    from mangaops.bench.comparing.sides import Side
    from mangaops.bench.guarding.safeguard import End
    from mangaops.cli.bench.against import Against
    from mangaops.cli.bench.comparing import Compared
    from mangaops.cli.bench.gate import Gating
    from mangaops.model.settings import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed, and where it holds."""

    context: AppContext
    environment: Environment
    runs: tuple[str | None, str | None]
    against: Against
    gating: Gating
    where: Where
    show: Show


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`compared` is None without a run, `ends` where the safeguard was not asked."""

    gate: Gate
    compared: Compared | None
    ends: Sequence[End] | None


def gated(asked: Asked) -> ExitCode:
    """Judges, rolls back where that is wanted, tells, and says what the process returns."""
    a, b = asked.runs
    found = None
    if a is not None:
        found = compared_runs(asked.context, asked.environment, a, b, asked.against)
    gate = _prompts(asked, found)
    gate = gate if found is None else gate.with_report(found.report)
    judged = Judged(gate=gate, compared=found, ends=_safeguarded(asked, gate, found))
    _tell(asked, judged)
    if judged.ends:
        from mangaops.bench.guarding.safeguard import worst  # noqa: PLC0415 - only after a FAIL

        return worst(judged.ends)
    return exit_code(gate.verdict)


def _prompts(asked: Asked, found: Compared | None) -> Gate:
    """The budgets of --workload, for the version that the run judges where there is one."""
    if asked.gating.workload is None:
        return Gate()
    from mangaops.cli.bench.budgets import budgeted  # noqa: PLC0415 - only with --workload

    return budgeted(
        asked.context,
        asked.environment,
        asked.gating.workload,
        version=asked.against.candidate or (found.candidate.version if found else None),
        intent=asked.against.intent,
    )


def _safeguarded(asked: Asked, gate: Gate, found: Compared | None) -> Sequence[End] | None:
    """What the safeguard did; None where nobody asked it, or nothing measured failed."""
    wanted = asked.gating.auto_rollback
    if not (asked.gating.rollback or wanted) or gate.report is None:
        return None
    if gate.report.verdict is not Verdict.FAIL:
        return None
    from mangaops.cli.bench.rolling_back import rolled_back  # noqa: PLC0415 - only after a FAIL

    return rolled_back(
        asked.context,
        asked.where,
        asked.show,
        asked.environment,
        gate.report,
        wanted=wanted,
        texts=_texts(found.candidate) if found else {},
    )


def _texts(side: Side) -> dict[str, str]:
    """The digest of what was sent, by intent."""
    return {intent: used.digest for intent in side.intents if (used := side.prompt(intent))}


def _tell(asked: Asked, judged: Judged) -> None:
    from mangaops.render.bench_gate import gate_annotations  # noqa: PLC0415 - last

    if asked.gating.summary is not None:
        write_summary(_markdown(asked, judged), asked.gating.summary)
    annotate(asked.context, gate_annotations(judged.gate), asked=asked.gating.github)
    match asked.show.output:
        case Output.JSON:
            asked.context.terminal.emit(_json(asked, judged))
        case Output.MARKDOWN:
            asked.context.terminal.emit(_markdown(asked, judged))
        case Output.TEXT:
            asked.context.terminal.emit(_text(asked, judged))


def _json(asked: Asked, judged: Judged) -> str:
    from mangaops.render.bench_gate import gate_document  # noqa: PLC0415 - last
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    if judged.ends is None:
        return to_json(gate_document(judged.gate))
    from mangaops.render.bench_safeguard import safeguard_document  # noqa: PLC0415 - after a FAIL

    ends = safeguard_document(judged.ends, suffix=asked.where.suffix)
    return to_json(gate_document(judged.gate, ends))


def _markdown(asked: Asked, judged: Judged) -> str:
    from mangaops.render.bench_gate import gate_markdown  # noqa: PLC0415 - last

    text = gate_markdown(judged.gate)
    if not judged.ends:
        return text
    from mangaops.render.bench_safeguard import safeguard_markdown  # noqa: PLC0415 - after a FAIL

    return text + "\n" + safeguard_markdown(judged.ends, suffix=asked.where.suffix)


def _text(asked: Asked, judged: Judged) -> str:
    from mangaops.render.bench_comparison import Look  # noqa: PLC0415 - last
    from mangaops.render.bench_gate import gate_text  # noqa: PLC0415 - as above

    terminal = asked.context.terminal
    look = Look(width=terminal.width, colour=terminal.colour, everything=asked.show.verbose)
    commands = _next(asked, judged)
    text = gate_text(judged.gate, commands, look)
    if not judged.ends:
        return text
    from mangaops.render.bench_safeguard import safeguard_text  # noqa: PLC0415 - after a FAIL

    told = safeguard_text(
        judged.ends, width=terminal.width, colour=terminal.colour, suffix=asked.where.suffix
    )
    return f"{text}\n{told}"


def _next(asked: Asked, judged: Judged) -> Sequence[tuple[str, str]]:
    """What the safeguard says itself is not said twice."""
    found = judged.compared
    if found is None or judged.ends or found.report.verdict is Verdict.PASS:
        return ()
    return tuple(next_commands(found, asked.where))
