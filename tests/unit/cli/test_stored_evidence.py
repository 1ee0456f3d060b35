from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mangaops.cli.bench.stored_evidence import StoredComparisons
from mangaops.cli.context import AppContext, place_of, system_context
from mangaops.cli.options import Where
from mangaops.errors import ConfigError
from mangaops.evidence.source import Stopped
from mangaops.evidence.sources.bench_comparison import Compared
from mangaops.model.evidence import Row
from mangaops.model.settings import Environment
from mangaops.model.source import SOURCE_KINDS
from mangaops.model.time import Window
from support.asking import Waiting
from support.bench_runs import AFTER, BEFORE, FAQ, START, Behaviour, run_file

REGION = "ap-northeast-1"
WEEK = Window(start=START - timedelta(days=6), end=START + timedelta(days=1))
HERE = Environment(name="staging")


@pytest.fixture
def app(tmp_path: Path) -> AppContext:
    return system_context({"MANGAOPS_STATE_DIR": str(tmp_path / "state")})


def _compared(
    app: AppContext,
    store: Path | None,
    environment: Environment = HERE,
    window: Window = WEEK,
    stop: Waiting | None = None,
) -> Compared:
    s3: Any = None  # a directory needs no way into S3
    comparisons = StoredComparisons(app=app, environment=environment, region=REGION, objects=s3)
    return comparisons.compared(str(store or ""), window, stop or Waiting())


def _rows(found: Compared) -> Mapping[str, Row]:
    return {str(row["intent"]): row for row in found.rows}


def _stored(folder: Path, *runs: Mapping[str, Any]) -> Path:
    """A run an hour, with its name."""
    folder.mkdir(parents=True, exist_ok=True)
    for hour, drawn in enumerate(runs):
        at = START + timedelta(hours=hour)
        run_file(folder / f"b-{hour}.jsonl", name=f"b-{hour}", at=at, **drawn)
    return folder


BOTH = {"intents": {"recommendation": (BEFORE, AFTER), "faq": (FAQ, FAQ)}}


def test_two_versions_of_one_run_are_a_row_with_the_decomposition(
    app: AppContext, tmp_path: Path
) -> None:
    found = _compared(app, _stored(tmp_path / "runs", BOTH))
    row = _rows(found)["recommendation"]
    assert set(row) == set(SOURCE_KINDS["bench_comparison"].fields)
    assert (row["verdict"], row["interleaved"], row["controlled"]) == ("FAIL", True, True)
    assert (row["baseline_version"], row["candidate_version"]) == ("v2.0", "v2.1")
    assert row["baseline_at"] == row["candidate_at"] == START.timestamp()
    assert str(row["what"]).startswith("recommendation v2.0 to v2.1: FAIL")
    figures = [row[name] for name in ("ratio", "low", "p95_baseline", "first_token_part")]
    assert all(isinstance(one, float) and math.isfinite(one) for one in figures)
    assert float(row["output_tokens_candidate"] or 0) > float(row["output_tokens_baseline"] or 0)
    assert (found.runs, found.newest, found.damaged) == (1, START, ())


def test_of_two_runs_an_intent_that_did_not_move_is_the_control(
    app: AppContext, tmp_path: Path
) -> None:
    kept = {"kept": ("faq",), "n": 400}
    before = {"arms": ("v2.0",), "intents": {"recommendation": (BEFORE,), "faq": (FAQ,)}, **kept}
    after = {"arms": ("v2.1",), "intents": {"recommendation": (AFTER,), "faq": (FAQ,)}, **kept}
    row = _rows(_compared(app, _stored(tmp_path / "runs", before, after)))["recommendation"]
    assert (row["verdict"], row["interleaved"], row["controlled"]) == ("FAIL", False, True)
    assert (row["baseline_run"], row["candidate_run"]) == ("b-0", "b-1")


@pytest.mark.parametrize(
    "others",
    [{}, {"faq": (FAQ, Behaviour(p50=1000, p95=1900, first_token_ms=400, output_tokens=90))}],
    ids=["none", "slower as well"],
)
def test_without_an_intent_that_did_not_move_there_is_no_control(
    app: AppContext, tmp_path: Path, others: Mapping[str, tuple[Behaviour, Behaviour]]
) -> None:
    intents = {"recommendation": (BEFORE, AFTER), **others}
    runs = [
        {"arms": (version,), "intents": {one: (two[arm],) for one, two in intents.items()}}
        for arm, version in enumerate(("v2.0", "v2.1"))
    ]
    row = _rows(_compared(app, _stored(tmp_path / "runs", *runs)))["recommendation"]
    assert (row["interleaved"], row["controlled"]) == (False, False)


def test_calls_that_fail_leave_no_figure_that_is_infinite(app: AppContext, tmp_path: Path) -> None:
    failing = replace(AFTER, failures=0.2)
    stored = _stored(tmp_path / "runs", {"intents": {"recommendation": (BEFORE, failing)}})
    row = _rows(_compared(app, stored))["recommendation"]
    assert (row["verdict"], row["ratio"], row["p95_candidate"]) == ("FAIL", None, None)
    assert row["infinite"] is True
    assert row["doubts"]


def test_too_few_samples_are_told_by_name(app: AppContext, tmp_path: Path) -> None:
    row = _rows(_compared(app, _stored(tmp_path / "runs", {"n": 20})))["recommendation"]
    assert row["verdict"] == "INCONCLUSIVE"
    assert "too-few-samples" in str(row["what"])


def test_damaged_files_are_named_and_do_not_hide_the_others(
    app: AppContext, tmp_path: Path
) -> None:
    stored = _stored(
        tmp_path / "runs", BOTH, {"n": 60, "arms": ("v2.1",), "intents": {"faq": (FAQ,)}}
    )
    (stored / "b-head.jsonl").write_text("?\n", encoding="utf-8")
    later = stored / "b-1.jsonl"
    later.write_text(later.read_text(encoding="utf-8") + "?\n", encoding="utf-8")
    found = _compared(app, stored)
    assert found.damaged == ("b-head", "b-1")
    hidden = {name: row["damaged"] for name, row in _rows(found).items()}
    assert hidden == {"recommendation": "b-head", "faq": "b-1, b-head"}


def test_only_runs_of_the_window_count(app: AppContext, tmp_path: Path) -> None:
    stored = _stored(tmp_path / "runs", BOTH)
    minute = timedelta(minutes=1)
    for window, runs in (
        (Window(start=START, end=START), 1),
        (Window(start=START - minute, end=START - minute), 0),
        (Window(start=START + minute, end=START + 2 * minute), 0),
    ):
        assert _compared(app, stored, window=window).runs == runs


@pytest.mark.parametrize(
    ("measured", "region", "counts"),
    [
        ("staging", REGION, 1),
        ("sandbox", REGION, 0),
        ("production", REGION, 0),
        ("staging", "us-east-1", 0),
        ("staging", "", 0),
        ("", "us-east-1", 0),
        ("", REGION, 1),
        ("", "", 1),
    ],
)
def test_what_was_measured_elsewhere_says_nothing_of_here(
    app: AppContext, tmp_path: Path, measured: str, region: str, counts: int
) -> None:
    stored = _stored(tmp_path / "runs", {"n": 2, "environment": measured, "region": region})
    found = _compared(app, stored)
    assert (found.runs, found.elsewhere) == (counts, 1 - counts)


def test_a_run_of_no_known_place_counts_only_where_the_store_is_of_here(app: AppContext) -> None:
    _stored(app.state / "bench", {"n": 2, "environment": "", "region": ""})
    assert _compared(app, None).runs == 0


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("b-20260107-050000-7f3a", "b-20260107-050000-7f3a"),
        ("b-20260107-010000-7f3a", None),
        ("nightly", "nightly"),
    ],
)
def test_a_damaged_file_that_may_be_a_newer_measurement_is_named_in_the_row(
    app: AppContext, tmp_path: Path, name: str, hidden: str | None
) -> None:
    stored = _stored(tmp_path / "runs", BOTH)
    (stored / f"{name}.jsonl").write_text("?\n", encoding="utf-8")
    (stored / "b-20250101-010000-7f3a.jsonl").write_text("?\n", encoding="utf-8")
    found = _compared(app, stored)
    assert found.damaged == (name,)
    assert {row["damaged"] for row in found.rows} == {hidden}


def test_without_a_store_the_runs_of_the_state_folder_are_compared(app: AppContext) -> None:
    nothing = _compared(app, None)
    assert (nothing.rows, nothing.place) == ((), "the state folder (bench/)")
    _stored(app.state / "bench", BOTH)
    assert set(_rows(_compared(app, None))) == {"recommendation", "faq"}


def test_a_store_that_is_no_folder_is_told(app: AppContext, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        _compared(app, file)


def test_nothing_is_read_once_it_is_stopped(app: AppContext, tmp_path: Path) -> None:
    stored = _stored(tmp_path / "runs", BOTH)
    with pytest.raises(Stopped):
        _compared(app, stored, stop=Waiting(requested=True))


def test_numpy_is_loaded_only_where_runs_are_compared() -> None:
    program = "import sys, mangaops.cli.readers; print('numpy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize("env", ["default", None])
def test_a_sandbox_with_stored_runs_says_where_they_are(app: AppContext, env: str | None) -> None:
    store = "s3://mangaassist-bench/runs"
    there = replace(app, environ={**app.environ, "MANGAOPS_BENCH_STORE": store})
    assert place_of(Where(env=env), there).resources["bench_store"] == store
    assert place_of(Where(env=env), app).resources["bench_store"] == ""
