import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mangaops.errors import InputError, JournalFailed
from mangaops.remedy.journals.history import Finding, read, verify
from mangaops.remedy.journals.journal import Journal, Kind
from mangaops.remedy.plans import plan_file
from support.fake_world import NOW, Desk, World, plan, step


def fsync_nothing(_: int) -> None:
    return None


def journal(
    path: Path,
    fsync: Callable[[int], None] = fsync_nothing,
    write: Callable[[int, bytes], int] = os.write,
) -> Journal:
    return Journal(path, clock=lambda: NOW, fsync=fsync, write=write)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """The journal of a whole run."""
    desk = Desk(tmp_path, World({"a": {"x": "é"}}))
    desk.apply(plan(step(1, "a", {"x": "é"}, {"x": "ü"})))
    return tmp_path / "r-0001" / "journal.jsonl"


def test_a_journal_is_for_its_owner_only(written: Path) -> None:
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert stat.S_IMODE(written.parent.stat().st_mode) == 0o700


def test_a_run_is_told_entry_by_entry(written: Path) -> None:
    history = read(written)
    assert [entry.kind.value for entry in history.entries] == [
        "opened",
        "locked",
        "intent",
        "result",
        "applied",
        "verified",
        "closed",
    ]
    assert (history.status, history.torn, history.findings) == ("verified", False, ())
    assert history.plan == plan(step(1, "a", {"x": "é"}, {"x": "ü"}))
    assert history.approval is not None
    assert history.approval.digest == plan_file.digest(history.plan)


def test_each_entry_is_durable_before_the_next_one(tmp_path: Path) -> None:
    synced: list[bool] = []
    path = tmp_path / "runs" / "r-1" / "journal.jsonl"
    made = journal(path, lambda fd: synced.append(stat.S_ISDIR(os.fstat(fd).st_mode)))
    with made:
        assert synced == [True, True]
        made.append(Kind.LOCKED, names=[])
        made.append(Kind.CLOSED, status="verified", detail="")
    assert synced == [True, True, False, False]


def test_a_run_that_has_a_journal_is_not_written_over(written: Path) -> None:
    with pytest.raises(JournalFailed):
        journal(written)


def test_any_altered_byte_is_found(written: Path) -> None:
    whole = written.read_bytes()
    for place in range(len(whole)):
        for byte in {whole[place] ^ 1, ord("\n"), ord(" ")} - {whole[place]}:
            written.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
            history = read(written)
            assert history.findings or history.torn, (place, byte)
            assert history.torn is False or place == len(whole) - 1


def test_an_entry_that_is_missing_moved_or_repeated_is_found(written: Path) -> None:
    lines = written.read_bytes().splitlines(keepends=True)
    for place in range(len(lines) - 1):
        without = lines[:place] + lines[place + 1 :]
        swapped = [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]
        twice = [*lines[: place + 1], *lines[place:]]
        for other in (without, swapped, twice):
            written.write_bytes(b"".join(other))
            assert verify(written)[0].line in {place + 1, place + 2}


def test_a_finding_names_the_line_and_what_is_wrong(written: Path) -> None:
    text = written.read_bytes()
    written.write_bytes(text.replace(b'"done"', b'"gone"'))
    assert verify(written) == (
        Finding(line=4, what="this entry was altered: its hash is of another one"),
        Finding(line=5, what="the entry before it is not the one that was: altered or missing"),
    )


def test_a_line_cut_off_by_a_crash_is_told_and_left_out(written: Path) -> None:
    whole = written.read_bytes()
    lines = whole.splitlines(keepends=True)
    for cut in range(1, len(lines[-1])):
        written.write_bytes(whole[:-cut])
        history = read(written)
        assert (history.torn, history.findings) == (True, ())
        assert len(history.entries) == len(lines) - 1
    assert history.status == "ended without a word"


def test_an_empty_journal_is_a_run_that_changed_nothing(written: Path) -> None:
    written.write_bytes(b"")
    assert (read(written).plan, read(written).findings) == (None, ())


def test_a_run_without_a_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="r-9 has no journal"):
        read(tmp_path / "r-9" / "journal.jsonl")


def test_a_journal_in_a_place_that_is_no_folder_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(JournalFailed, match="nothing was changed"):
        journal(tmp_path / "runs" / "r-1" / "journal.jsonl")


def test_an_entry_that_the_disk_took_only_half_is_taken_back(tmp_path: Path) -> None:
    """The first entry is taken whole, of the second ten bytes, and the disk is full."""
    takes = iter([10_000, 10, None, 10_000])

    def filling(descriptor: int, content: bytes) -> int:
        taken = next(takes)
        if taken is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(descriptor, content[:taken])

    made = journal(tmp_path / "r-1" / "journal.jsonl", write=filling)
    with made:
        made.append(Kind.LOCKED, names=["a"])
        with pytest.raises(JournalFailed, match="No space left"):
            made.append(Kind.LOCKED, names=["b"])
        made.append(Kind.CLOSED, status="partial", detail="")
    history = read(made.path)
    assert [entry.kind for entry in history.entries] == [Kind.LOCKED, Kind.CLOSED]
    assert (history.torn, [f.what for f in history.findings]) == (
        False,
        ["the first entry, with the plan, is missing"],
    )


@pytest.mark.parametrize("taken", [0, 10, 10_000])
def test_an_interrupt_as_a_write_returns_leaves_the_chain_whole(tmp_path: Path, taken: int) -> None:
    """Ctrl-C after none, some and all of the second entry's bytes."""
    takes = iter([None, taken, None])

    def interrupted(descriptor: int, content: bytes) -> int:
        most = next(takes)
        if most is None:
            return os.write(descriptor, content)
        os.write(descriptor, content[:most])
        raise KeyboardInterrupt

    made = journal(tmp_path / "r-1" / "journal.jsonl", write=interrupted)
    with made:
        made.append(Kind.LOCKED, names=["a"])
        with pytest.raises(KeyboardInterrupt):
            made.append(Kind.LOCKED, names=["b"])
        made.append(Kind.CLOSED, status="partial", detail="")
    history = read(made.path)
    landed = [Kind.LOCKED] if taken > 10 else []
    assert [entry.kind for entry in history.entries] == [Kind.LOCKED, *landed, Kind.CLOSED]
    assert history.torn is False
    assert {f.what for f in history.findings} <= {"the first entry, with the plan, is missing"}
