"""A FAIL by the budget alone, and too few calls for a test of ranks."""

from __future__ import annotations

from dataclasses import replace

from mangaops.bench.comparing.comparison import Doubt, Reason, Report
from mangaops.bench.guarding.gate import Gate
from mangaops.render.bench_comparison import Look, Told, comparison_text
from mangaops.render.bench_gate import gate_words
from mangaops.render.bench_words import shift_words
from support.bench_reports import SLOWER

ASIDE = replace(
    SLOWER, reasons=(Reason(doubt=Doubt.SAME_PROMPT, text="the same prompt", decides=True),)
)


def test_a_ratio_that_was_set_aside_is_told() -> None:
    report = Report(comparisons=(ASIDE,))
    text = comparison_text(Told(report=report), Look())
    assert "over its budget; the ratio decides nothing" in text
    words = gate_words(Gate().with_report(report))
    assert words.startswith("FAIL (SEV-2): 1 budget broken")
    assert "comparison" not in words


def test_a_call_a_side_says_nothing_of_the_distribution() -> None:
    few = replace(SLOWER, baseline=replace(SLOWER.baseline, samples=1))
    assert shift_words(few) == ""
    assert shift_words(SLOWER)
