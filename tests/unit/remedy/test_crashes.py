"""A crash at every journal entry and around every call: undo restores the world each time."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mangaops.errors import Drifted
from mangaops.model.change import RunStatus
from mangaops.model.plan import Plan, UndoKind
from mangaops.remedy.journals.history import read
from mangaops.remedy.undoing import undo_plan
from support.fake_world import NOW, SITE, Desk, Fault, Killed, World, plan, step

PLAN = plan(
    step(1, "a", {"x": 1, "y": None}, {"x": 2, "y": 5}),
    step(2, "b", {"z": "old", "rev": 3}, {"z": "new"}),
    step(3, "c", {"on": False}, {"on": True}),
)
BEFORE = {"a": {"x": 1}, "b": {"z": "old", "rev": 3}, "c": {"on": False}}
CALLS = 4


def fresh() -> dict[str, dict[str, object]]:
    return {name: dict(fields) for name, fields in BEFORE.items()}


class Disk:
    """Kills the process at the k-th fsync, and leaves on disk what `left` makes of the file."""

    def __init__(self, at: int, path: Path, left: Callable[[bytes], bytes]) -> None:
        self.at = at
        self.path = path
        self.left = left
        self.synced = 0
        self.snapshot: bytes | None = None

    def fsync(self, _: int) -> None:
        self.synced += 1
        if self.synced < self.at:
            return
        if self.snapshot is None:
            self.snapshot = self.left(self.path.read_bytes())
        raise Killed

    def stop_there(self) -> None:
        """What the dying process may still have written never was."""
        if self.snapshot is not None:
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_bytes(self.snapshot)


def whole(content: bytes) -> bytes:
    return content


def without_the_last_line(content: bytes) -> bytes:
    return b"".join(content.splitlines(keepends=True)[:-1])


def with_half_of_the_last_line(content: bytes) -> bytes:
    *lines, last = content.splitlines(keepends=True) or [b""]
    return b"".join([*lines, last[: len(last) // 2]])


LEFT = [whole, without_the_last_line, with_half_of_the_last_line]


def crashes(
    folder: Path, left: Callable[[bytes], bytes], work: Callable[[Desk], object]
) -> Iterator[tuple[int, Desk]]:
    """A desk after `work` was killed at its first, second, ... fsync; ends when it was not."""
    for at in range(1, 60):
        desk = Desk(folder / str(at), World(fresh()))
        disk = Disk(at, desk.runs / "r-0001" / "journal.jsonl", left)
        desk.fsync = disk.fsync
        try:
            work(desk)
        except Killed:
            disk.stop_there()
            desk.fsync = lambda _: None
            yield at, desk
        else:
            return
    pytest.fail("it never came to its end")


@pytest.mark.parametrize("left", LEFT)
def test_a_run_killed_at_any_journal_entry_can_be_undone(
    tmp_path: Path, left: Callable[[bytes], bytes]
) -> None:
    points = 0
    for at, desk in crashes(tmp_path, left, lambda desk: desk.apply(PLAN)):
        points += 1
        history = desk.history()
        assert history.findings == (), at
        assert history.closed is None or left is whole
        changed = {target for target, _, _ in desk.world.effects}
        known = {one.target for one in PLAN.steps if history.touched(one.number)}
        assert changed <= known, f"applied and unknown after fsync {at}"
        desk.undo()
        assert desk.world.targets == BEFORE, at
        assert desk.undo(as_run="r-0003") is None
    assert points >= 2 + 2 + 2 * CALLS + 3 + 3 + 1


@pytest.mark.parametrize("left", LEFT)
def test_a_run_killed_at_any_journal_entry_can_be_gone_on_with(
    tmp_path: Path, left: Callable[[bytes], bytes]
) -> None:
    for at, desk in crashes(tmp_path, left, lambda desk: desk.apply(PLAN)):
        change = desk.apply(PLAN, "r-0005")
        assert change.status in {RunStatus.VERIFIED, RunStatus.NOTHING_TO_DO}, at
        assert len(desk.world.effects) == CALLS, "each field was set exactly once"
        desk.undo("r-0001", "r-0006")
        desk.undo("r-0005", "r-0007") if change.run else None
        assert desk.world.targets == BEFORE, at


@pytest.mark.parametrize("call", range(1, CALLS + 1))
@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_a_run_killed_around_any_call_can_be_undone(
    tmp_path: Path, call: int, fault: Fault
) -> None:
    desk = Desk(tmp_path, World(fresh(), faults={call: fault}))
    path = tmp_path / "r-0001" / "journal.jsonl"
    with pytest.raises(Killed):
        desk.apply(PLAN)
    path.write_bytes(without_the_last_line(path.read_bytes()))  # what the dying process said
    history = desk.history()
    assert (history.closed, history.findings) == (None, ())
    assert [e.kind.value for e in history.entries][-1] == "intent"
    assert len(desk.world.effects) == (call if fault is Fault.KILLED_AFTER else call - 1)
    desk.undo()
    assert desk.world.targets == BEFORE


@pytest.mark.parametrize("left", LEFT)
def test_an_undo_killed_at_any_journal_entry_can_be_repeated(
    tmp_path: Path, left: Callable[[bytes], bytes]
) -> None:
    for at in range(1, 60):
        desk = Desk(tmp_path / str(at), World(fresh()))
        desk.apply(PLAN)
        disk = Disk(at, desk.runs / "r-0002" / "journal.jsonl", left)
        desk.fsync = disk.fsync
        try:
            desk.undo()
        except Killed:
            disk.stop_there()
            desk.fsync = lambda _: None
            desk.undo(as_run="r-0003")
            assert desk.world.targets == BEFORE, at
        else:
            assert desk.world.targets == BEFORE
            return
    pytest.fail("it never came to its end")


def test_a_change_by_somebody_else_after_any_crash_is_never_overwritten(tmp_path: Path) -> None:
    for _, desk in crashes(tmp_path, whole, lambda desk: desk.apply(PLAN)):
        if not desk.history().touched(1):
            continue
        desk.world.targets["a"]["x"] = 77
        effects = len(desk.world.effects)
        with pytest.raises(Drifted, match=r"a: x is 77 \(the run left 2\)"):
            desk.undo()
        assert len(desk.world.effects) == effects


def test_a_step_that_cannot_be_undone_is_told_beside_those_that_can(tmp_path: Path) -> None:
    desk = Desk(tmp_path, World(fresh()))
    desk.apply(
        plan(
            step(1, "a", {"x": 1}, {"x": 2}),
            step(2, "b", {"z": "old"}, {"z": "new"}, undo=UndoKind.NONE),
        )
    )
    back = undo_plan(desk.history(), actions=desk.actions, plan_id="p", site=SITE, now=NOW)
    assert isinstance(back, Plan)
    assert [one.target for one in back.steps] == ["a"]
    assert back.draft.notes == ("cannot be undone: b: sets b",)
    assert read(tmp_path / "r-0001" / "journal.jsonl").status == "verified"
