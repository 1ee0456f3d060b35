"""The store of runs: nothing is overwritten, a killed run goes on, damage hides nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mangaops.bench.runs.run_file import header_line, sample_line
from mangaops.bench.runs.store import RunStore, read_file
from mangaops.bench.runs.writer import Writer
from mangaops.errors import AwsDenied, AwsNotFound, AwsRejected, InputError, Locked, MangaopsError
from support.bench_runs import START, bench_run, run_file

RUN = bench_run(n=3, name="b-1")


def _stored(folder: Path, *names: str) -> RunStore:
    folder.mkdir(exist_ok=True)
    for place, name in enumerate(names):
        run = bench_run(n=1, name=name, at=START - timedelta(days=place))
        run_file(folder / f"{name}.jsonl", run)
    return RunStore(str(folder))


def test_a_store_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    store = RunStore("runs", root=tmp_path)
    assert (store.names(), store.headers(), store.stems()) == ((), {}, ())
    assert not (tmp_path / "runs").exists()


def test_a_run_is_written_and_read(tmp_path: Path) -> None:
    synced: list[int] = []
    store = RunStore(str(tmp_path / "new" / "runs"), fsync=synced.append)
    with store.create(RUN.header) as writer:
        for number, sample in enumerate(RUN.samples, 1):
            writer.append(sample)
            assert len(store.read("b-1").samples) == number  # it is there at once
        assert RUN.finished_at
        writer.finish(RUN.finished_at)
    read = store.read("b-1")
    assert (read.header, read.samples, read.finished_at) == (
        RUN.header,
        RUN.samples,
        RUN.finished_at,
    )
    assert len(synced) == 1
    assert writer.path.stat().st_mode & 0o077 == 0


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    store = _stored(tmp_path, "b-1")
    before = (tmp_path / "b-1.jsonl").read_bytes()
    with pytest.raises(InputError, match="there already"):
        store.create(RUN.header)
    assert (tmp_path / "b-1.jsonl").read_bytes() == before


def test_the_newest_run_is_the_last_whatever_it_is_called(tmp_path: Path) -> None:
    assert _stored(tmp_path, "a", "z", "m").names() == ("m", "z", "a")


def test_one_damaged_file_does_not_hide_the_others(tmp_path: Path) -> None:
    store = _stored(tmp_path, "a", "b")
    (tmp_path / "c.jsonl").write_text("{}\n")
    (tmp_path / "d.jsonl").write_bytes(b"\x1f\x8b\x08\x00")
    (tmp_path / "notes.txt").write_text("no run")
    listing = store.listing()
    assert list(listing.headers) == ["b", "a"]
    assert [Path(one.where).name for one in listing.damaged] == ["c.jsonl:1", "d.jsonl:1"]
    assert len([one for one in store.runs() if isinstance(one, MangaopsError)]) == 2
    with pytest.raises(InputError, match="no header"):
        store.read("c")


def test_a_name_that_leads_elsewhere_is_no_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no name of a run"):
        RunStore(str(tmp_path)).read("../b-1")


def _unfinished(folder: Path, samples: int = 3) -> Path:
    path = folder / "b-1.jsonl"
    lines = [header_line(RUN.header), *map(sample_line, RUN.samples[:samples])]
    path.write_text("".join(lines))
    return path


def test_an_unfinished_run_goes_on_without_its_torn_line(tmp_path: Path) -> None:
    path = _unfinished(tmp_path)
    with path.open("a") as stream:
        stream.write('{"number": 4, "int')
    store = RunStore(str(tmp_path))
    with pytest.raises(InputError, match="cut off"):
        store.read("b-1")
    run, writer = store.resume("b-1")
    assert run.samples == RUN.samples[:3]
    assert run.notes == ("the last line was cut off and is dropped",)
    writer.append(RUN.samples[3])
    writer.finish(START)
    assert store.read("b-1").samples == RUN.samples[:4]


def test_a_last_line_without_its_end_is_kept(tmp_path: Path) -> None:
    path = _unfinished(tmp_path)
    path.write_text(path.read_text().removesuffix("\n"))
    run, writer = RunStore(str(tmp_path)).resume("b-1")
    writer.append(RUN.samples[3])
    writer.close()
    assert (run.notes, len(RunStore(str(tmp_path)).read("b-1").samples)) == ((), 4)


def test_a_finished_run_is_not_resumed(tmp_path: Path) -> None:
    store = _stored(tmp_path, "b-1")
    with pytest.raises(InputError, match="finished"):
        store.resume("b-1")


def test_two_writers_of_one_run_are_one_too_many(tmp_path: Path) -> None:
    store = RunStore(str(tmp_path))
    with store.create(RUN.header) as writer:
        writer.append(RUN.samples[0])
        with pytest.raises(Locked, match="measured now"):
            store.resume("b-1")
    run, again = store.resume("b-1")
    again.close()
    assert len(run.samples) == 1


_ENDLESS = """
    import itertools, sys
    from dataclasses import replace
    from mangaops.bench.runs.store import RunStore
    from support.bench_runs import bench_run

    run = bench_run(n=3, name="b-1")
    with RunStore(sys.argv[1]).create(run.header) as writer:
        for number in itertools.count(1):
            writer.append(replace(run.samples[0], number=number))
            if number == 20:
                print("go", flush=True)
"""


def test_a_killed_run_loses_no_sample_that_was_there(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_ENDLESS), str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    run, writer = RunStore(str(tmp_path)).resume("b-1")
    writer.close()
    assert len(run.samples) >= 20
    assert [one.number for one in run.samples] == list(range(1, len(run.samples) + 1))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_told() -> None:
    full = Path("/dev/full")
    handle = os.open(full, os.O_WRONLY)
    writer = Writer(full, handle, samples=0, fsync=lambda _: None, to=lambda _: None)
    with pytest.raises(MangaopsError, match="the run cannot be written") as caught:
        writer.append(RUN.samples[0])
    writer.close()
    assert (writer.samples, caught.value.exit_code) == (0, 1)


class Bucket:
    """S3, as far as the store needs it."""

    def __init__(self) -> None:
        self.objects: dict[str, str] = {}
        self.denied = False

    def keys(self, _bucket: str, prefix: str) -> tuple[str, ...]:
        return tuple(sorted(key for key in self.objects if key.startswith(prefix)))

    def text(self, _bucket: str, key: str) -> str:
        if key not in self.objects:
            raise AwsNotFound("NoSuchKey", operation="s3:GetObject")
        return self.objects[key]

    def beginning(self, bucket: str, key: str, size: int) -> str:
        return self.text(bucket, key)[:size]

    def tagged(self, bucket: str, key: str) -> tuple[str, str]:
        return self.text(bucket, key), str(hash(self.text(bucket, key)))

    def put(self, _bucket: str, key: str, text: str, *, replacing: str | None = None) -> None:
        if self.denied:
            raise AwsDenied("not allowed", operation="s3:PutObject")
        there = self.objects.get(key)
        if (there is None) != (replacing is None) or (there and str(hash(there)) != replacing):
            raise AwsRejected("exists", code="PreconditionFailed", operation="s3:PutObject")
        self.objects[key] = text


@pytest.fixture(name="bucket")
def _bucket() -> Bucket:
    return Bucket()


def _remote(bucket: Bucket, tmp_path: Path) -> RunStore:
    return RunStore("s3://b/runs", objects=lambda: bucket, kept=tmp_path / "sent")


def test_a_run_for_s3_is_sent_when_it_ends(bucket: Bucket, tmp_path: Path) -> None:
    store = _remote(bucket, tmp_path)
    bucket.objects["runs/older/b-0.jsonl"] = "of another prefix"
    bucket.objects["runs-too/b-0.jsonl"] = "of another prefix"
    with store.create(RUN.header) as writer:
        writer.append(RUN.samples[0])
        assert bucket.objects["runs/b-1.jsonl"] == header_line(RUN.header)
        writer.finish(START)
    assert "runs/b-1.jsonl" in bucket.objects
    assert store.names() == ("b-1",)
    assert store.read("b-1").samples == RUN.samples[:1]


@pytest.mark.parametrize("same_machine", [True, False], ids=["here", "elsewhere"])
def test_an_interrupted_run_in_s3_is_replaced_by_its_continuation_alone(
    bucket: Bucket, tmp_path: Path, *, same_machine: bool
) -> None:
    store = _remote(bucket, tmp_path)
    with store.create(RUN.header) as writer:
        writer.append(RUN.samples[0])
    other = store if same_machine else _remote(bucket, tmp_path / "other")
    run, writer = other.resume("b-1")
    writer.append(RUN.samples[1])
    writer.finish(START)
    assert (len(run.samples), store.read("b-1").samples) == (1, RUN.samples[:2])
    assert not writer.path.exists()


def test_what_somebody_else_put_is_not_overwritten(bucket: Bucket, tmp_path: Path) -> None:
    bucket.objects["runs/b-1.jsonl"] = "of somebody else"
    with pytest.raises(AwsRejected) as refused:
        _remote(bucket, tmp_path).create(RUN.header)
    assert refused.value.hint == (
        "another file has its name in S3; nothing was measured: name another place with --store"
    )
    del bucket.objects["runs/b-1.jsonl"]
    writer = _remote(bucket, tmp_path).create(RUN.header)
    bucket.objects["runs/b-1.jsonl"] = "of somebody else"
    with pytest.raises(AwsRejected) as caught:
        writer.finish(START)
    assert bucket.objects["runs/b-1.jsonl"] == "of somebody else"
    assert caught.value.hint == (
        f"the run is kept in {writer.path}; another file has its name in S3, and is not overwritten"
    )


def test_a_run_that_cannot_be_sent_is_kept(bucket: Bucket, tmp_path: Path) -> None:
    store = _remote(bucket, tmp_path)
    writer = store.create(RUN.header)
    bucket.denied = True
    with pytest.raises(AwsDenied) as caught:
        writer.finish(START)
    assert store.names() == ("b-1",)
    assert store.read("b-1").finished_at == START
    assert caught.value.hint == (
        f"the run is kept in {writer.path}; to send it: "
        f"aws s3 cp {writer.path} s3://b/runs/b-1.jsonl"
    )


def test_a_run_that_is_not_in_s3_is_named(bucket: Bucket, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _remote(bucket, tmp_path).read("b-9")
    assert caught.value.where == "s3://b/runs/b-9.jsonl"


def test_a_place_that_takes_nothing_is_told_before_anything_is_measured(
    bucket: Bucket, tmp_path: Path
) -> None:
    store = _remote(bucket, tmp_path)
    bucket.denied = True
    with pytest.raises(AwsDenied) as caught:
        store.create(RUN.header)
    assert caught.value.hint.endswith("nothing was measured: name another place with --store")
    assert not [one for one in (tmp_path / "sent").rglob("*") if one.is_file()]
    bucket.denied = False
    store.create(RUN.header).close()
    bucket.denied = True
    bucket.objects.clear()
    bucket.objects["runs/b-1.jsonl"] = header_line(RUN.header)
    elsewhere = _remote(bucket, tmp_path / "elsewhere")
    with pytest.raises(AwsDenied):
        elsewhere.resume("b-1")


@pytest.mark.parametrize("place", ["gs://bucket/runs", "file:///tmp", "S3://bucket"])
def test_a_place_of_another_kind_is_refused_and_no_folder_is_made(place: str) -> None:
    with pytest.raises(InputError, match="not kept in such a place") as caught:
        RunStore(place)
    assert caught.value.where == place


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "workload.yaml").write_text("")
    for place in ("workload.yaml", "workload.yaml/runs"):
        with pytest.raises(InputError, match="a store is a folder") as caught:
            RunStore(place, root=tmp_path).create(RUN.header)
        assert "resume" not in caught.value.hint


def test_what_could_not_be_read_again_is_not_begun(tmp_path: Path) -> None:
    for header in (replace(RUN.header, seed=-1), replace(RUN.header, workload="x" * 501)):
        with pytest.raises(InputError, match="could not be read: "):
            RunStore(str(tmp_path)).create(header)
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder, and a run is a file"):
        read_file(tmp_path)


def test_what_is_no_run_file_is_not_said_to_be_empty_when_it_is_resumed(tmp_path: Path) -> None:
    (tmp_path / "b-1.jsonl").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="no run file"):
        RunStore(str(tmp_path)).resume("b-1")


def test_a_place_without_a_bucket_is_refused(bucket: Bucket) -> None:
    with pytest.raises(InputError, match="no place in S3"):
        RunStore("s3://", objects=lambda: bucket).names()


def test_an_unreadable_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="the store cannot be read"):
        RunStore(str(tmp_path / "file")).names()
