from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mangaops.errors import AwsDenied
from mangaops.evidence.source import Stopped
from mangaops.evidence.sources.bench_runs import BenchRunsReader, run_of
from mangaops.model.evidence import Evidence, EvidenceState, Table
from mangaops.model.query import BenchRunsQuery
from support.asking import Waiting, asked, at, declare

COLUMNS = ("run", "started_at", "prompt_version", "intent", "samples")


def _run(run: str, minute: int, samples: int = 2, **more: object) -> str:
    header = {
        "schema": "mangaops.bench-run/1",
        "run": run,
        "started_at": f"2026-11-21T11:{minute:02}:00Z",
        **more,
    }
    return "\n".join([json.dumps(header), *['{"latency_ms": 1}'] * samples, ""])


def _row(run: str, minute: int, samples: int = 2, **more: object) -> dict[str, object]:
    row = dict.fromkeys(COLUMNS)
    return {
        **row,
        "run": run,
        "started_at": at(30 - minute).timestamp(),
        "samples": samples,
        **more,
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        '{"schema": "other/1"}',
        '{"schema": "mangaops.bench-run/1", "run": "a", "started_at": "soon"}',
        '{"schema": "mangaops.bench-run/1", "run": 1, "started_at": "2026-11-21T11:00:00Z"}',
        _run("a", 0) + '{"latency_ms": ',
        "{}",
    ],
)
def test_a_damaged_file_is_no_run(text: str) -> None:
    assert run_of(text) is None


@dataclass
class FakeS3:
    objects: dict[str, str] | AwsDenied = field(default_factory=dict)

    def prepare(self) -> None: ...

    def keys(self, bucket: str, prefix: str) -> tuple[str, ...]:
        assert (bucket, prefix) == ("bench", "runs/")
        if isinstance(self.objects, AwsDenied):
            raise self.objects
        return tuple(self.objects)

    def text(self, bucket: str, key: str) -> str:
        assert bucket == "bench"
        assert isinstance(self.objects, dict)
        return self.objects[key]


def _runs(
    s3: FakeS3, store: str, root: Path = Path("/none"), stop: Waiting | None = None
) -> Evidence:
    reader = BenchRunsReader(s3, root=root)
    return reader.read(declare(BenchRunsQuery(store=store)), asked(stop=stop))


def test_runs_of_an_s3_prefix_are_rows_oldest_first_and_damaged_ones_are_named() -> None:
    s3 = FakeS3(
        {
            "runs/a.jsonl": _run("a", 20, prompt_version="v2", intent="faq"),
            "runs/b.jsonl": _run("b", 10, samples=0),
            "runs/c.jsonl": "?",
            "runs/notes.txt": "?",
        }
    )
    rows = (_row("b", 10, samples=0), _row("a", 20, prompt_version="v2", intent="faq"))
    assert _runs(s3, "s3://bench/runs/") == Evidence(
        id="it",
        kind="bench_runs",
        state=EvidenceState.OK,
        value=Table(columns=COLUMNS, rows=rows),
        summary={"rows": 2, "damaged": 1},
        query={"call": "read run files", "store": "s3://bench/runs/"},
        detail="damaged run files left out: runs/c.jsonl",
    )


def test_runs_of_a_directory_are_read_within_the_root(tmp_path: Path) -> None:
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "a.jsonl").write_text(_run("a", 5), encoding="utf-8")
    evidence = _runs(FakeS3(), "bench", root=tmp_path)
    assert evidence.value == Table(columns=COLUMNS, rows=(_row("a", 5),))


def test_an_empty_directory_is_no_data(tmp_path: Path) -> None:
    evidence = _runs(FakeS3(), ".", root=tmp_path)
    assert (evidence.state, evidence.detail) == (EvidenceState.NO_DATA, "no run files in .")


def test_a_directory_that_does_not_exist_is_no_data(tmp_path: Path) -> None:
    evidence = _runs(FakeS3(), "gone", root=tmp_path)
    assert evidence.state is EvidenceState.NO_DATA
    assert str(tmp_path / "gone") in evidence.detail


def test_only_damaged_files_are_no_data() -> None:
    evidence = _runs(FakeS3({"runs/a.jsonl": "?"}), "s3://bench/runs/")
    assert (evidence.state, evidence.detail) == (
        EvidenceState.NO_DATA,
        "damaged run files left out: runs/a.jsonl",
    )


def test_no_store_is_no_data_that_names_the_setting() -> None:
    assert _runs(FakeS3(), "") == Evidence(
        id="it",
        kind="bench_runs",
        state=EvidenceState.NO_DATA,
        query={"call": "read run files", "store": ""},
        detail="no store of benchmark runs is configured; set resources.bench_store",
    )


def test_a_denied_bucket_is_denied() -> None:
    assert _runs(FakeS3(AwsDenied("no")), "s3://bench/runs/").state is EvidenceState.DENIED


def test_a_stop_ends_the_reading_of_files() -> None:
    with pytest.raises(Stopped):
        _runs(FakeS3({"runs/a.jsonl": "?"}), "s3://bench/runs/", stop=Waiting(requested=True))
