"""A comparison of prompts as it stands on a screen, in a pull request and in a script."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from mangaops.bench.comparing.comparison import Doubt, Parts, Reason, Report
from mangaops.bench.guarding.gate import Gate
from mangaops.render.bench_comparison import Look, Told, comparison_text
from mangaops.render.bench_document import comparison_document, said
from mangaops.render.bench_gate import (
    gate_annotations,
    gate_document,
    gate_markdown,
    gate_text,
    gate_words,
)
from mangaops.render.bench_markdown import comparison_markdown
from mangaops.render.bench_words import change, headline, limits, parts_words, short_latency
from mangaops.render.ecdf import curve
from mangaops.render.json_text import to_json
from mangaops.render.painted import cells
from support.bench_reports import REPORT, SAME, SLOWER
from support.goldens import agree

GOLDEN = Path(__file__).parent / "golden"
CURVES = {
    "recommendation": (
        curve("v2.0", [600 + 9 * n for n in range(200)]),
        curve("v2.1", [*(900 + 12 * n for n in range(196)), *[math.inf] * 4]),
    )
}
TOLD = Told(
    report=REPORT,
    curves=CURVES,
    commands=(("if it is active:", "mangaops rollback-prompt recommendation --to v2.0"),),
)


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("histogram", [False, True], ids=["curves", "histogram"])
def test_text_has_the_verdict_first_and_fits(width: int, histogram: bool) -> None:
    text = comparison_text(TOLD, Look(width=width, histogram=histogram))
    assert max(map(len, text.splitlines())) <= width
    agree(GOLDEN / f"bench-{'histogram' if histogram else 'curves'}-{width}.txt", text)


def test_colour_changes_no_character() -> None:
    import re  # noqa: PLC0415 - here alone

    plain = comparison_text(TOLD, Look(width=80))
    coloured = comparison_text(TOLD, Look(width=80, colour=True))
    assert coloured != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_what_passed_is_one_line_unless_all_is_wanted_or_it_is_all_there_is() -> None:
    report = Report(comparisons=(SAME, replace(SAME, intent="order")))
    short = comparison_text(Told(report=report), Look())
    assert [line.split("  ")[0] for line in short.splitlines()[2:4]] == ["PASS faq", "PASS order"]
    assert "calls" not in short
    assert "calls" in comparison_text(Told(report=report), Look(everything=True))
    assert "calls" in comparison_text(Told(report=Report(comparisons=(SAME,))), Look())


def test_a_long_name_pushes_the_figures_onto_the_next_line() -> None:
    report = Report(comparisons=(replace(SLOWER, intent="x" * 60),))
    lines = comparison_text(Told(report=report), Look()).splitlines()
    assert lines[2:4] == [
        f"FAIL {'x' * 60}",
        "  p95 2.41 s -> 3.21 s  +33 % (95 %: +21 % to +44 %)  SEV-2",
    ]


def test_a_broken_budget_is_shown_although_nothing_became_slower() -> None:
    broken = replace(SAME, budgets=SLOWER.budgets[:1])
    report = Report(comparisons=(broken, SAME))
    assert "FAIL p95 3,210 ms, limit 3,000 ms" in comparison_text(Told(report=report), Look())


def test_markdown_for_a_pull_request() -> None:
    agree(GOLDEN / "bench.md", comparison_markdown(REPORT))


def test_json_has_everything_and_no_infinity() -> None:
    text = to_json(comparison_document(REPORT))
    agree(GOLDEN / "bench.json", text)
    assert json.loads(text)["intents"][2]["p95"]["ratio"] == "inf"


def test_the_words_of_versions_that_are_named_like_markup() -> None:
    odd = replace(SAME, intent="a|b<i>", baseline=replace(SAME.baseline, version="v\x1b[31m|1"))
    report = Report(comparisons=(odd,))
    assert "a\\|b\\<i\\>" in comparison_markdown(report)
    assert "<i>" not in comparison_markdown(report)
    assert "\x1b" not in comparison_text(Told(report=report), Look())


GATE = Gate(
    report=REPORT,
    checked={"recommendation": SLOWER.budgets[1:], "greeting": ()},
    file="workload.yaml",
    version="v2.1",
    skipped=("faq",),
)


def test_the_gate_on_a_screen_in_a_summary_and_in_annotations() -> None:
    agree(GOLDEN / "bench-gate.txt", gate_text(GATE, TOLD.commands, Look(width=80)))
    agree(GOLDEN / "bench-gate.md", gate_markdown(GATE))
    agree(GOLDEN / "bench-gate.json", to_json(gate_document(GATE)))
    agree(GOLDEN / "bench-gate.annotations", "\n".join(gate_annotations(GATE)) + "\n")


def test_a_gate_of_tokens_alone() -> None:
    kept = Gate(checked={"faq": SLOWER.budgets[1:2]}, file="w.yaml", version="v2.1")
    assert gate_words(kept) == "PASS: nothing stands against it"
    assert list(gate_annotations(kept)) == []
    assert gate_document(kept)["comparison"] is None
    none = replace(kept, checked={"faq": ()})
    assert "no budget of tokens is configured" in gate_text(none, (), Look())


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.332, "+33 %"),
        (0.5, "-50 %"),
        (1.0, "+0 %"),
        (5.24, "x 5.2"),
        (math.inf, "infinite"),
        (math.nan, "unknown"),
        (None, "unknown"),
    ],
)
def test_a_change(ratio: float | None, words: str) -> None:
    assert change(ratio) == words


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (1.21, 1.44, "+21 % to +44 %"),
        (1.21, math.inf, "from +21 %"),
        (1.21, None, "from +21 %"),
        (0.0, 1.44, "-100 % to +44 %"),
        (None, 1.44, "up to +44 %"),
        (0.0, math.inf, "unknown"),
        (math.inf, math.inf, "infinite"),
        (None, None, "unknown"),
    ],
)
def test_limits_of_which_one_may_be_missing(
    low: float | None, high: float | None, words: str
) -> None:
    assert limits(low, high) == words


@pytest.mark.parametrize(
    ("ms", "words"),
    [(870.4, "870 ms"), (2410, "2.41 s"), (math.inf, "infinite"), (None, "unknown")],
)
def test_a_short_latency(ms: float | None, words: str) -> None:
    assert short_latency(ms) == words


def test_the_parts_of_a_change_say_which_went_the_other_way() -> None:
    parts = Parts(
        first_token_ms=-120, output_length_ms=-500, generation_speed_ms=20, remainder_ms=-0.2
    )
    assert parts_words(parts) == (
        "Of 600 ms less per call: -120 ms first token, -500 ms shorter answers, "
        "20 ms slower generation, 0 ms remainder."
    )


def test_numbers_that_json_does_not_have() -> None:
    assert [said(one) for one in (1.5, math.inf, -math.inf, math.nan, None)] == [
        1.5,
        "inf",
        "-inf",
        None,
        None,
    ]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("おすすめ漫画の説明二・〇版" * 2, "おすすめ漫画の説明二・一版" * 2),
        ("v2.0" * 9, "v2.1" * 9),
    ],
    ids=["wide", "long"],
)
def test_long_names_of_versions_leave_the_table_and_nothing_is_too_wide(
    width: int, before: str, after: str
) -> None:
    slow = replace(
        SLOWER,
        intent="おすすめの漫画",
        baseline=replace(SLOWER.baseline, version=before),
        candidate=replace(SLOWER.candidate, version=after),
    )
    curves = {slow.intent: (curve(before, [600.0] * 99), curve(after, [900.0] * 99))}
    lines = comparison_text(
        Told(report=Report(comparisons=(slow,)), curves=curves), Look(width=width)
    ).splitlines()
    assert max(map(cells, lines)) <= width
    assert "  baseline  candidate  change" in "".join(lines)
    assert f"{before[:9]}" in "".join(lines)
    assert "the candidate is the slower one" in " ".join(line.strip() for line in lines)


def test_an_infinite_ratio_says_whether_calls_failed() -> None:
    told = [
        headline(
            replace(
                SLOWER,
                ratio=math.inf,
                baseline=replace(SLOWER.baseline, p95_ms=before),
                candidate=replace(SLOWER.candidate, p95_ms=after),
            )
        )[1]
        for before, after in ((2410.0, math.inf), (0.0, 500.0))
    ]
    assert told == ["(so many calls failed)  SEV-2", "(from nothing)  SEV-2"]


def test_a_budget_that_failed_did_not_fail_because_of_a_doubt() -> None:
    together = Reason(doubt=Doubt.MOVED_TOGETHER, text="faq as well", decides=True)
    failed = replace(SLOWER, reasons=(together,))
    for text in (
        comparison_text(Told(report=Report(comparisons=(failed,))), Look()),
        comparison_markdown(Report(comparisons=(failed,))),
    ):
        assert "because" not in text
        assert "faq as well" in text
