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
    """`compared` is None without a run; `guards` is whether the safeguard acts, or says why not."""

    gate: Gate
    compared: Compared | None
    guards: bool


def gated(asked: Asked) -> ExitCode:
    """Judges, tells, rolls back where that is wanted, and says what the process returns.

    The verdict is told before anything is changed: nothing that fails then can hide it.
    """
    a, b = asked.runs
    found = None
    if a is not None:
        found = compared_runs(asked.context, asked.environment, a, b, asked.against)
    gate = _prompts(asked, found)
    gate = gate if found is None else gate.with_report(found.report)
    judged = Judged(gate=gate, compared=found, guards=_guards(asked, gate))
    _tell(asked, judged)
    if not judged.guards or found is None:
        return exit_code(gate.verdict)
    return _guarded(asked, judged, found)


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


def _guards(asked: Asked, gate: Gate) -> bool:
    """Whether the safeguard is asked: somebody wants it, and something measured failed."""
    wanted = asked.gating.rollback or asked.gating.auto_rollback
    return wanted and gate.report is not None and gate.report.verdict is Verdict.FAIL


def _guarded(asked: Asked, judged: Judged, found: Compared) -> ExitCode:
    """Lets the safeguard act, and tells what it did after what was told already."""
    from mangaops.bench.guarding.safeguard import worst  # noqa: PLC0415 - only after a FAIL
    from mangaops.cli.bench.rolling_back import rolled_back  # noqa: PLC0415 - as above

    ends = rolled_back(
        asked.context,
        asked.where,
        asked.show,
        asked.environment,
        found.report,
        (found.baseline, found.candidate),
        wanted=asked.gating.auto_rollback,
    )
    _tell_ends(asked, judged.gate, ends)
    return worst(ends)


def _tell(asked: Asked, judged: Judged) -> None:
    """The verdict: all of it, but for the one JSON document that the safeguard will end."""
    from mangaops.render.bench_gate import gate_annotations, gate_document, gate_markdown  # noqa: PLC0415 - last
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    gate, emit = judged.gate, asked.context.terminal.emit
    if asked.gating.summary is not None:
        write_summary(gate_markdown(gate), asked.gating.summary)
    annotate(asked.context, gate_annotations(gate), asked=asked.gating.github)
    match asked.show.output:
        case Output.JSON:
            if not judged.guards:
                emit(to_json(gate_document(gate)))
        case Output.MARKDOWN:
            emit(gate_markdown(gate))
        case Output.TEXT:
            emit(_text(asked, judged))


def _tell_ends(asked: Asked, gate: Gate, ends: Sequence[End]) -> None:
    from mangaops.render import bench_safeguard as render  # noqa: PLC0415 - after a FAIL
    from mangaops.render.bench_gate import gate_document, gate_markdown  # noqa: PLC0415 - as above
    from mangaops.render.json_text import to_json  # noqa: PLC0415 - as above

    terminal, suffix = asked.context.terminal, asked.where.suffix
    markdown = "\n" + render.safeguard_markdown(ends, suffix=suffix)
    match asked.show.output:
        case Output.JSON:
            document = render.safeguard_document(ends, suffix=suffix)
            terminal.emit(to_json(gate_document(gate, document)))
        case Output.MARKDOWN:
            terminal.emit(markdown)
        case Output.TEXT:
            width, colour = terminal.width, terminal.colour
            text = render.safeguard_text(ends, width=width, colour=colour, suffix=suffix)
            terminal.emit(f"\n{text}")
    if asked.gating.summary is not None:
        write_summary(gate_markdown(gate) + markdown, asked.gating.summary)


def _text(asked: Asked, judged: Judged) -> str:
    from mangaops.render.bench_comparison import Look  # noqa: PLC0415 - last
    from mangaops.render.bench_gate import gate_text  # noqa: PLC0415 - as above

    terminal = asked.context.terminal
    look = Look(width=terminal.width, colour=terminal.colour, everything=asked.show.verbose)
    return gate_text(judged.gate, _next(asked, judged), look)


def _next(asked: Asked, judged: Judged) -> Sequence[tuple[str, str]]:
    """What the safeguard will say itself is not said twice."""
    found = judged.compared
    if found is None or judged.guards or found.report.verdict is Verdict.PASS:
        return ()
    return tuple(next_commands(found, asked.where))
