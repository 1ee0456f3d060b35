"""`mangaops bench history` and `aa` as they are typed: which store, which run, which code."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.bench_runs import AFTER, BEFORE, bench_run, run_file
from support.command import Command, credentials

NIGHTS = 24
PRICED = """\
schema: mangaops.config/1
environments:
  staging:
    region: ap-northeast-1
    resources: {bench_store: nightly}
    benchmarks: {margin: 0.4}
"""


def _nights(
    folder: Path, count: int = NIGHTS, *, slower_from: int = 12, changed: str = "v2.1"
) -> None:
    folder.mkdir(parents=True)
    first = datetime.now(UTC) - timedelta(days=count)
    for night in range(count):
        run = bench_run(
            intents={"recommendation": (AFTER if night >= slower_from else BEFORE,)},
            arms=(changed if night >= slower_from else "v2.0",),
            n=100,
            seed=night,
            name=f"b-{night:02}",
            at=first + timedelta(days=night),
        )
        run_file(folder / f"{run.header.run}.jsonl", run)


@pytest.fixture(name="store")
def _store(mangaops: Command) -> Path:
    """The folder that is meant when no other is named."""
    folder = mangaops.home / "state" / "bench"
    _nights(folder)
    return folder


def test_a_slow_down_is_found_told_and_is_3(mangaops: Command, store: Path) -> None:
    (store / "torn.jsonl").write_text('{"schema": "mangaops.be', encoding="utf-8")
    done = mangaops.run("bench", "history")
    assert done.code == 3
    assert "SLOWER" in done.out
    assert "prompt v2.0 -> v2.1" in " ".join(done.out.split())
    assert max(map(len, done.out.splitlines())) <= 80
    told = done.err.splitlines()
    assert "torn.jsonl:1: the header is cut off" in told[0]
    assert told[-1].startswith("next: mangaops bench compare b-")


def test_the_next_line_names_the_same_place_and_compares_prompts_alone(
    mangaops: Command,
) -> None:
    _nights(mangaops.home / "n")
    told = mangaops.run("bench", "history", "--store", "n").err.splitlines()[-1]
    assert told.startswith("next: mangaops bench compare b-")
    assert told.endswith(" --store n")
    _nights(mangaops.home / "m", changed="v2.0")
    again = mangaops.run("bench", "history", "--store", "m")
    assert (again.code, again.err.splitlines()[-1]) == (
        3,
        "next: mangaops bench history --changes --store m",
    )


def test_a_part_of_the_runs_is_too_few_and_json_is_one_document(
    mangaops: Command, store: Path
) -> None:
    assert store
    done = mangaops.run("bench", "history", "--since", "5d", "--output", "json")
    document = json.loads(done.out)
    assert (done.code, document["series"][0]["changes"]) == (4, None)
    none = mangaops.run("bench", "history", "--since", "1m")
    assert (none.code, none.out) == (2, "")
    assert "no run of the last 1m" in none.err


def test_a_run_is_meant_by_its_id_a_beginning_of_it_its_file_or_as_the_last(
    mangaops: Command, store: Path
) -> None:
    for wanted in ("last", "b-23", "23", str(store / "b-23.jsonl")):
        done = mangaops.run("bench", "aa", wanted, "--output", "json")
        (told,) = json.loads(done.out)["intents"]
        assert (done.code, told["run"], told["version"]) == (3, "b-23", "v2.1")
    many = mangaops.run("bench", "aa", "b-1")
    assert (many.code, many.out) == (2, "")
    assert "10 runs begin with `b-1`" in many.err


def test_the_environment_has_the_store_and_the_margin(mangaops: Command) -> None:
    _nights(mangaops.home / "nightly", 1)
    (mangaops.home / "mangaops.yaml").write_text(PRICED, encoding="utf-8")
    done = mangaops.run("bench", "aa")
    assert done.code == 0
    assert "ok  a margin of 40 % means something" in done.out


def test_an_unfinished_run_of_few_calls_is_inconclusive(mangaops: Command) -> None:
    file = run_file(mangaops.home / "a.jsonl", bench_run(n=20, finished=False))
    done = mangaops.run("bench", "aa", "./a.jsonl")
    assert done.code == 4
    assert "INCONCLUSIVE  20 calls are too few" in done.out
    assert "is unfinished" in done.err
    assert file.exists()


@pytest.mark.parametrize(
    ("words", "code", "what", "where"),
    [
        (["history"], 2, "no run is stored yet", "state/bench"),
        (["aa"], 2, "no run is stored yet", "state/bench"),
        (["aa", ""], 2, "no run is named", "RUN"),
        (["aa", "folder"], 2, "this is a folder, and a run is a file", "folder"),
        (["aa", "folder/"], 2, "this is a folder, and a run is a file", "folder"),
        (["history", "--store", "gs://b/p"], 2, "runs are not kept in such a place", "gs://b/p"),
        (["aa", "nothing.jsonl"], 2, "there is no such run", "nothing.jsonl"),
        (["history", "--store", "full.txt"], 2, "the store cannot be read", "full.txt"),
        (["history", "--store", "s3://"], 2, "this is no place in S3", "s3://"),
        (["history", "--store", "s3://b/p"], 1, "", "s3:ListBucket"),
        (["aa", "--env", "nope"], 2, "", ""),
        (["history", "--since", "soon"], 2, "`soon` is not a duration", "--since"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_without_runs_it_is_said_where_none_were_and_what_to_type(
    mangaops: Command, words: list[str], code: int, what: str, where: str
) -> None:
    (mangaops.home / "folder").mkdir()
    (mangaops.home / "full.txt").write_text("", encoding="utf-8")
    done = mangaops.run("bench", *words, **credentials())
    lines = done.err.splitlines()
    assert (done.code, done.out) == (code, "")
    assert lines[0].startswith(f"error  {what}")
    assert where in done.err
    assert lines[-1].startswith("next  ")
