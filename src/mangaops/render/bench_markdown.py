"""A comparison as Markdown, for a pull request: a summary, a table, the details folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mangaops.bench.comparing.comparison import Comparison, Report, Verdict
from mangaops.render.bench_comparison import summary_line
from mangaops.render.bench_words import (
    arms_named,
    budget_mark,
    budget_words,
    cause_words,
    change,
    figure_rows,
    limits,
    parts_words,
    percent,
    shift_words,
    short_latency,
)
from mangaops.render.escaping import escaped

_SUMMARY = ("", "intent", "p95 before", "p95 after", "change", "95 % limits", "cause")


def comparison_markdown(report: Report) -> str:
    blocks = [[f"## {escaped(summary_line(report))}"], *report_blocks(report)]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def report_blocks(report: Report) -> list[list[str]]:
    """Which runs, a row for each intent, and the details of each."""
    return [
        [escaped(_runs(report))],
        [*table(_SUMMARY, map(_summary, report.comparisons))],
        *([*_details(one)] for one in report.comparisons),
    ]


def _runs(report: Report) -> str:
    runs = dict.fromkeys(one for one in (report.baseline_run, report.candidate_run) if one)
    rule = f"A p95 that is slower by {percent(report.margin)} fails; seed {report.seed}."
    return f"{' against '.join(runs)}. {rule}" if runs else rule


def _summary(one: Comparison) -> tuple[str, ...]:
    severity = f" {one.severity}" if one.severity else ""
    before, after = arms_named(one)
    return (
        f"{one.verdict.value}{severity}",
        one.intent,
        f"{before}: {short_latency(one.baseline.p95_ms)}",
        f"{after}: {short_latency(one.candidate.p95_ms)}",
        change(one.ratio),
        limits(one.low, one.high),
        cause_words(one),
    )


def _details(one: Comparison) -> Iterator[str]:
    yield f"<details><summary>{_html(one.intent)}: {one.verdict.value}</summary>"
    yield ""
    yield from table(
        ("", *map(escaped, arms_named(one)), "change", "95 % limits"), figure_rows(one)
    )
    if facts := [*_facts(one)]:
        yield ""
        yield from facts
    yield ""
    yield "</details>"


def _facts(one: Comparison) -> Iterator[str]:
    told = [shift_words(one), parts_words(one.parts) if one.parts else ""]
    yield from (f"- {escaped(words)}" for words in told if words)
    for check in one.budgets:
        yield f"- budget {budget_mark(check)[0]}: {escaped(budget_words(check))}"
    for reason in one.reasons:
        undecided = one.verdict is Verdict.INCONCLUSIVE
        word = "because" if reason.decides and undecided else "distrust"
        yield f"- {word}: {escaped(reason.text)}"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """`columns` are Markdown already, cells are not."""
    yield f"| {' | '.join(columns)} |"
    yield f"| {' | '.join('---' for _ in columns)} |"
    yield from (f"| {' | '.join(map(escaped, row))} |" for row in rows)


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
