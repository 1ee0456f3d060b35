"""The gate's answer: for a terminal or the log of a job, as JSON, Markdown and annotations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mangaops.bench.comparing.comparison import BudgetCheck, Comparison, Verdict
from mangaops.bench.guarding.gate import Gate
from mangaops.model.evidence import JSON
from mangaops.render.bench_comparison import Look, Told, comparison_text
from mangaops.render.bench_document import budget_document, comparison_document
from mangaops.render.bench_markdown import report_blocks, table
from mangaops.render.bench_words import STYLES, budget_mark, budget_words, headline
from mangaops.render.escaping import escaped, visible
from mangaops.render.figures import counted
from mangaops.render.painted import painted, wrapped

SCHEMA = "mangaops.bench-gate/1"


def gate_text(gate: Gate, commands: Sequence[tuple[str, str]], look: Look) -> str:
    word = gate.verdict.value
    head, *rest = wrapped(gate_words(gate), width=look.columns, hanging=2)
    head = painted(word, STYLES[gate.verdict], colour=look.colour) + head.removeprefix(word)
    lines = [head, *rest, "", *_prompts(gate, look)]
    text = "".join(f"{line}\n" for line in lines)
    if gate.report is None:
        told = (f"{label} {line}" for label, line in commands)
        return text + "".join(f"{line}\n" for line in told)
    return text + comparison_text(Told(report=gate.report, commands=commands), look)


def gate_words(gate: Gate) -> str:
    """`FAIL (SEV-2): 1 of 2 intents is slower; 1 budget is broken`."""
    told = []
    if gate.report is not None:
        for verdict, word in ((Verdict.FAIL, "failed"), (Verdict.INCONCLUSIVE, "undecided")):
            number = sum(
                one.verdict is verdict and not one.set_aside for one in gate.report.comparisons
            )
            if number:
                told.append(f"{counted(number, 'comparison')} {word}")
    if gate.broken:
        told.append(f"{counted(len(gate.broken), 'budget')} broken")
    unknown = sum(check.kept is None for _, check in gate.budgets())
    if unknown:
        told.append(f"{counted(unknown, 'budget')} not known to be kept")
    severity = f" ({gate.severity})" if gate.severity else ""
    return f"{gate.verdict.value}{severity}: {', '.join(told) or 'nothing stands against it'}"


def _prompts(gate: Gate, look: Look) -> Iterator[str]:
    """A line for each budget of a prompt, aligned by intent."""
    if not gate.file:
        return
    title = f"budgets of {visible(gate.version)} in {visible(gate.file)}"
    yield painted(title, "quiet", colour=look.colour)
    width = max((len(visible(intent)) for intent in gate.checked), default=0)
    for intent, check in _checks(gate):
        mark, style = budget_mark(check)
        start = f"  {mark:<4} {visible(intent):<{width}}  "
        first, *rest = wrapped(budget_words(check), width=look.columns - len(start))
        yield start.replace(mark, painted(mark, style, colour=look.colour), 1) + first
        yield from (" " * len(start) + line for line in rest)
    if not any(gate.checked.values()):
        yield "  no budget of tokens is configured for these intents"
    if gate.skipped:
        told = f"not in it, and not checked: {', '.join(map(visible, gate.skipped))}"
        yield from wrapped(told, width=look.columns, indent=2)
    yield ""


def _checks(gate: Gate) -> Iterator[tuple[str, BudgetCheck]]:
    for intent, checks in gate.checked.items():
        yield from ((intent, check) for check in checks)


def gate_document(gate: Gate, safeguard: Sequence[JSON] | None = None) -> dict[str, JSON]:
    """`comparison` is null without a run, `safeguard` without --rollback."""
    return {
        "schema": SCHEMA,
        "verdict": gate.verdict.value,
        "severity": gate.severity,
        "workload": gate.file or None,
        "version": gate.version or None,
        "prompts": [
            {"intent": intent, "budgets": [budget_document(check) for check in checks]}
            for intent, checks in gate.checked.items()
        ],
        "not_checked": list(gate.skipped),
        "comparison": comparison_document(gate.report) if gate.report else None,
        "safeguard": None if safeguard is None else list(safeguard),
    }


def gate_markdown(gate: Gate) -> str:
    """For a pull request or a job's summary."""
    blocks = [[f"## Prompt gate: {escaped(gate_words(gate))}"]]
    rows = [(budget_mark(check)[0], intent, budget_words(check)) for intent, check in _checks(gate)]
    if rows:
        blocks.append([*table(("", "intent", f"budget of {escaped(gate.version)}"), rows)])
    if gate.skipped:
        blocks.append([f"Not checked: {escaped(', '.join(gate.skipped))}."])
    if gate.report is not None:
        blocks += report_blocks(gate.report)
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def gate_annotations(gate: Gate) -> Iterator[str]:
    """One for each comparison that did not pass, and each budget that is not kept."""
    from mangaops.render.annotations import annotation  # noqa: PLC0415 - for GitHub alone

    for intent, check in _checks(gate):
        if not check.kept:
            level = "warning" if check.kept is None else "error"
            title = f"budget of {intent} {gate.version}"
            yield annotation(level, budget_words(check), file=gate.file, title=title)
    for one in gate.report.comparisons if gate.report else ():
        if told := _annotated(one):
            level, message = told
            title = f"latency of {one.intent}"
            yield annotation(level, message, file="", title=title)


def _annotated(one: Comparison) -> tuple[str, str] | None:
    broken = [budget_words(check) for check in one.budgets if check.kept is False]
    if one.verdict is Verdict.PASS and not broken:
        return None
    told = [f"{one.verdict.value} {'  '.join(headline(one))}", *broken]
    told += [reason.text for reason in one.reasons if reason.decides]
    undecided = one.verdict is Verdict.INCONCLUSIVE and not broken
    return "warning" if undecided else "error", "\n".join(told)
