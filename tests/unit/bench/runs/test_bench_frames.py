"""Runs as a DataFrame: each call a row, with the conditions of its run."""

from __future__ import annotations

import re
import sys

import pytest

from mangaops.bench.runs import frames
from mangaops.bench.runs.frames import COLUMNS, frame
from mangaops.errors import InputError
from support.bench_runs import BEFORE, bench_run

pandas = pytest.importorskip("pandas")
RUNS = [
    bench_run(n=4),
    bench_run(intents={"faq": (BEFORE,)}, arms=("v3",), n=3, name="b-2", warm_up=0, finished=False),
]


def test_every_call_is_a_row_with_the_conditions_of_its_run() -> None:
    found = frame(RUNS)
    assert len(found) == sum(len(run.samples) for run in RUNS)
    assert list(found.columns) == list(COLUMNS)
    assert found.query("run == 'b-2'").run_finished_at.isna().all()
    assert sorted(found.version.unique()) == ["v2.0", "v2.1", "v3"]
    assert found.total_ms.tolist()[-1] == RUNS[1].samples[-1].total_ms


def test_types_are_the_same_without_any_run() -> None:
    none, some = frame([]), frame(RUNS)
    assert [str(kind) for kind in none.dtypes] == [str(kind) for kind in some.dtypes]
    assert str(some.started_at.dtype) == "datetime64[us, UTC]"
    assert str(some.input_tokens.dtype) == "Int64"


def test_every_column_is_documented() -> None:
    assert set(COLUMNS) <= set(re.findall(r"\w+", frames.__doc__ or ""))


def test_without_pandas_the_line_to_type_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError) as caught:
        frame([])
    assert "pip install" in caught.value.hint
