import errno
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from mangaops.errors import (
    AwsDenied,
    AwsThrottled,
    AwsUnreachable,
    Drifted,
    Expired,
    InputError,
    JournalFailed,
    MangaopsError,
    Refused,
    Stopped,
)
from mangaops.model.change import Outlook, RunStatus, StepState, Watched
from mangaops.model.plan import UndoKind
from mangaops.remedy.execution.watching import Sight
from mangaops.remedy.execution.writing import Sending, StepPen, token_of
from mangaops.remedy.journals.journal import FILE, Journal
from mangaops.remedy.plans.checking import again
from support.fake_world import Desk, Fault, World, approval, plan, step

PLAN = plan(
    step(1, "a", {"x": 1, "y": None}, {"x": 2, "y": 5}),
    step(2, "b", {"z": "old", "rev": 3}, {"z": "new"}),
)


def world(**faults: Fault) -> World:
    """Calls are numbered `c1`, `c2`, ..."""
    targets = {"a": {"x": 1}, "b": {"z": "old", "rev": 3}}
    return World(targets, faults={int(name[1:]): fault for name, fault in faults.items()})


DONE = {"a": {"x": 2, "y": 5}, "b": {"z": "new", "rev": 3}}
BEFORE = {"a": {"x": 1}, "b": {"z": "old", "rev": 3}}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, world())


def states(change: object) -> list[str]:
    return [one.state.value for one in change.outcomes]  # type: ignore[attr-defined]


def test_a_plan_is_applied_and_verified(desk: Desk) -> None:
    change = desk.apply(PLAN)
    assert (change.status, change.run, change.undoable) == (RunStatus.VERIFIED, "r-0001", True)
    assert (states(change), change.detail) == (["verified", "verified"], "")
    assert desk.world.targets == DONE
    assert desk.locks.held == [PLAN.locks]


def test_undo_after_apply_is_identity(desk: Desk) -> None:
    desk.apply(PLAN)
    change = desk.undo()
    assert change is not None
    assert (change.status, change.plan.undoes) == (RunStatus.VERIFIED, "r-0001")
    assert [one.step.target for one in change.outcomes] == ["b", "a"]
    assert desk.world.targets == BEFORE


def test_undo_of_undo_applies_again(desk: Desk) -> None:
    desk.apply(PLAN)
    desk.undo()
    desk.undo("r-0002", "r-0003")
    assert desk.world.targets == DONE


def test_what_is_already_so_is_not_journaled(desk: Desk) -> None:
    desk.world.targets = {name: dict(fields) for name, fields in DONE.items()}
    change = desk.apply(PLAN)
    assert (change.status, change.run, states(change)) == (
        RunStatus.NOTHING_TO_DO,
        "",
        ["skipped", "skipped"],
    )
    assert list(desk.runs.iterdir()) == []


@pytest.mark.parametrize(
    ("looks", "status", "state"),
    [
        (6, RunStatus.VERIFIED, ["verified", "skipped"]),
        (10_000, RunStatus.UNVERIFIED, ["applied", "applied"]),
    ],
)
def test_what_is_already_so_and_on_its_way_is_waited_for(
    desk: Desk, looks: int, status: RunStatus, state: list[str]
) -> None:
    """An earlier run of the same plan was stopped while the world settled."""
    desk.world.targets = {name: dict(fields) for name, fields in DONE.items()}
    desk.world.settles_after = looks
    change = desk.apply(PLAN)
    assert (change.status, states(change), change.undoable) == (status, state, False)
    assert (desk.world.calls, desk.history().status) == (0, status.value)
    assert desk.undo() is None


def test_a_step_that_is_already_so_is_skipped(desk: Desk) -> None:
    desk.world.targets["a"] = {"x": 2, "y": 5}
    assert states(desk.apply(PLAN)) == ["skipped", "verified"]
    desk.undo()
    assert desk.world.targets == {**BEFORE, "a": {"x": 2, "y": 5}}


def test_a_half_done_step_is_gone_on_with(desk: Desk) -> None:
    desk.world.targets["a"] = {"x": 2}
    assert desk.apply(PLAN).status is RunStatus.VERIFIED
    assert desk.world.effects == [("a", "y", 5), ("b", "z", "new")]


def test_a_target_that_changed_since_is_refused_with_the_difference(desk: Desk) -> None:
    desk.world.targets["b"] = {"z": "old", "rev": 4}
    with pytest.raises(Drifted, match=r"b: rev is 4 \(planned on 3\)") as caught:
        desk.apply(PLAN)
    assert caught.value.hint == "look at it: mangaops plan set-env A=1 --env prod"
    assert (desk.world.calls, list(desk.runs.iterdir())) == (0, [])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("set-parameter -- /a -x", "set-parameter --env prod -- /a -x"),
        ("set-parameter /a 'x -- y'", "set-parameter /a 'x -- y' --env prod"),
    ],
)
def test_the_environment_is_named_before_values_that_begin_with_a_dash(
    arguments: str, line: str
) -> None:
    assert again(replace(PLAN, arguments=arguments)) == f"mangaops plan {line}"


def test_an_old_plan_another_digest_and_a_strange_action_are_refused(desk: Desk) -> None:
    other = replace(PLAN, id="p-2")
    with pytest.raises(Refused, match="not the plan that was approved"):
        desk.executor().apply(other, approval(PLAN))
    strange = plan(replace(PLAN.steps[0], action="ecs.unknown"))
    with pytest.raises(Refused, match=r"`ecs.unknown` is no action"):
        desk.apply(strange)
    desk.time.passed = timedelta(minutes=15).total_seconds()
    with pytest.raises(Expired, match="was good until 2026-11-21T11:15:00Z"):
        desk.apply(PLAN)
    assert desk.world.calls == 0


def test_a_file_with_a_secret_in_it_is_not_applied(desk: Desk) -> None:
    crafted = replace(PLAN, draft=replace(PLAN.draft, steps=(step(1, "a", {}, {"password": "x"}),)))
    with pytest.raises(InputError, match="looks like a secret"):
        desk.apply(crafted)


def test_the_first_failure_stops_the_run_and_tells_what_is_done(tmp_path: Path) -> None:
    desk = Desk(tmp_path, world(c3=Fault.DENIED))
    change = desk.apply(PLAN)
    assert (change.status, states(change)) == (RunStatus.PARTIAL, ["applied", "failed"])
    assert change.detail == "step 2 of 2 failed: fake:Set: not you; done: 1 (a)"
    assert (change.hint, change.undoable) == ("mangaops undo r-0001", True)
    assert desk.history().status == "partial"
    desk.undo()
    assert desk.world.targets == BEFORE


def test_an_undo_that_failed_names_the_run_that_it_was_about(tmp_path: Path) -> None:
    desk = Desk(tmp_path, world(c5=Fault.DENIED))
    desk.apply(PLAN)
    change = desk.undo()
    assert change is not None
    assert (change.status, change.hint) == (RunStatus.PARTIAL, "mangaops undo r-0001")
    desk.undo("r-0001", "r-0003")
    assert desk.world.targets == BEFORE


def test_a_failure_of_the_first_call_is_raised_as_it_is(tmp_path: Path) -> None:
    desk = Desk(tmp_path, world(c1=Fault.DENIED))
    with pytest.raises(AwsDenied):
        desk.apply(PLAN)
    assert desk.history().status == "failed"
    assert desk.undo() is None


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.FAULT_AFTER])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_an_unclear_answer_has_exactly_one_effect(tmp_path: Path, fault: Fault, call: int) -> None:
    desk = Desk(tmp_path, World(world().targets, faults={call: fault}))
    assert desk.apply(PLAN).status is RunStatus.VERIFIED
    assert desk.world.effects == [("a", "x", 2), ("a", "y", 5), ("b", "z", "new")]


def test_a_throttled_call_is_sent_again_up_to_five_times(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path, World(world().targets, faults=dict.fromkeys(range(1, 5), Fault.THROTTLED))
    )
    assert desk.apply(PLAN).status is RunStatus.VERIFIED
    assert len(desk.world.effects) == 3
    kinds = [entry.kind.value for entry in desk.history().entries]
    assert kinds.count("repeated") == 4


def test_a_call_that_stays_throttled_changed_nothing(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path, World(world().targets, faults=dict.fromkeys(range(1, 9), Fault.THROTTLED))
    )
    with pytest.raises(AwsThrottled):
        desk.apply(PLAN)
    assert desk.world.calls == 5
    assert not desk.history().touched(1)


def test_a_call_that_stays_unclear_may_have_landed(tmp_path: Path) -> None:
    faults = dict.fromkeys(range(1, 9), Fault.LOST_REQUEST)
    desk = Desk(tmp_path, World(world().targets, faults=faults))
    change = desk.apply(PLAN)
    assert (change.status, states(change)) == (RunStatus.PARTIAL, ["failed", "planned"])
    assert desk.world.calls == 4
    assert desk.history().touched(1)
    assert desk.undo() is None


def test_a_refusal_after_a_lost_answer_is_the_echo_of_the_write_that_landed(
    tmp_path: Path,
) -> None:
    """The world shows the write only after the second send was refused: a slow first one."""
    desk = Desk(tmp_path, world(c1=Fault.LOST_REQUEST, c2=Fault.DENIED))
    looked = [None, "seen"]
    pen = StepPen(step=1, journal=_journal(desk), sending=_sending(desk))
    answer = pen.call(
        "fake:Set",
        lambda: desk.world.set("a", "x", 2),
        about={},
        landed=lambda: looked.pop(0),
    )
    assert (answer, desk.world.calls, pen.touched) == ("seen", 2, True)


def test_a_world_that_cannot_be_read_leaves_an_unclear_call_unclear(tmp_path: Path) -> None:
    desk = Desk(tmp_path, world(c1=Fault.LOST_ANSWER))
    pen = StepPen(step=1, journal=_journal(desk), sending=_sending(desk))

    def unreadable() -> str:
        raise AwsUnreachable("no route either")

    with pytest.raises(AwsUnreachable, match="timed out"):
        pen.call("fake:Set", lambda: desk.world.set("a", "x", 2), about={}, landed=unreadable)
    assert (desk.world.calls, pen.touched) == (1, True)


def test_a_token_is_the_same_for_the_same_run_step_and_operation(tmp_path: Path) -> None:
    desk = Desk(tmp_path, world())
    tokens = {
        token_of(run, step, operation)
        for run in ("r-1", "r-2")
        for step in (1, 2)
        for operation in ("ecs:UpdateService", "dynamodb:TransactWriteItems")
    }
    assert len(tokens) == 8
    assert {len(token) for token in tokens} == {36}
    pen = StepPen(step=1, journal=_journal(desk), sending=_sending(desk))
    assert pen.token("ecs:UpdateService") == token_of("r-0009", 1, "ecs:UpdateService")


def test_what_undo_needs_is_saved_and_read_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path, world())
    with _journal(desk) as journal:
        pen = StepPen(step=1, journal=journal, sending=_sending(desk))
        first, second = pen.save([b"one", b"two"]), pen.save(iter([]))
        assert (first.name, first.size, second.name) == ("saved-1.jsonl", 8, "saved-2.jsonl")
        reference = {"run": "r-0009", "name": first.name, "sha256": first.sha256}
        assert list(pen.saved(reference)) == [b"one", b"two"]
        path = tmp_path / "r-0009" / "saved-1.jsonl"
        assert path.stat().st_mode & 0o777 == 0o600
        path.write_bytes(b"one\ntwO\n")
        with pytest.raises(MangaopsError, match="was altered since"):
            pen.saved(reference)
        path.unlink()
        with pytest.raises(MangaopsError, match="cannot be read"):
            pen.saved(reference)
        with pytest.raises(MangaopsError, match="names no saved file"):
            pen.saved({**reference, "run": "../r-0009"})
    assert desk.history("r-0009").saved(1).name == "saved-2.jsonl"


def _journal(desk: Desk) -> Journal:
    return Journal(desk.runs / "r-0009" / FILE, clock=desk.time.now, fsync=desk.fsync)


def _sending(desk: Desk) -> Sending:
    return Sending(stop=desk.stop, rng=Random(1), tell=lambda _: None)  # noqa: S311 - pauses


def test_the_world_is_polled_with_a_growing_pause(desk: Desk) -> None:
    desk.world.settles_after = 4
    change = desk.apply(PLAN)
    assert change.status is RunStatus.VERIFIED
    assert change.seconds == pytest.approx(0.2 + 0.3 + 0.45 + 0.675)
    assert (1, 2, "look 1") in desk.said


def test_a_world_that_does_not_arrive_in_time_is_not_verified(desk: Desk) -> None:
    desk.world.settles_after = 10_000
    change = desk.apply(PLAN)
    assert (change.status, states(change)) == (RunStatus.UNVERIFIED, ["applied", "applied"])
    assert change.detail.startswith("step 1 of 2: not reached within 1m: look ")
    assert change.hint == "mangaops undo r-0001"
    assert change.seconds == pytest.approx(60, abs=1)


def test_a_write_that_the_world_takes_back_failed(desk: Desk) -> None:
    settled = desk.action.settled

    def taken_back(one: object) -> object:
        desk.world.targets["a"]["x"] = 1
        return settled(one)  # type: ignore[arg-type]

    desk.action.settled = taken_back  # type: ignore[method-assign,assignment]
    change = desk.apply(PLAN)
    assert (change.status, states(change)) == (RunStatus.PARTIAL, ["failed", "verified"])
    assert "x was taken back" in change.detail


class Alarm:
    def __init__(self, *sights: Sight) -> None:
        self.sights = list(sights)

    def look(self) -> Sight:
        return self.sights.pop(0) if len(self.sights) > 1 else self.sights[0]


ON = Sight(holds=True, text="p95 is 2.4 s", observed=2.4, threshold=1.5)
OFF = Sight(holds=False, text="p95 is 0.5 s", observed=0.5, threshold=1.5)
WORSE = Sight(holds=True, text="p95 is 9 s", observed=9.0, threshold=1.5)


def test_the_alarm_is_watched_until_it_is_over(desk: Desk) -> None:
    change = desk.apply(PLAN, watch=Alarm(ON, ON, ON, OFF))
    assert change.status is RunStatus.VERIFIED
    assert change.watched == Watched(
        outlook=Outlook.IMPROVED, before="p95 is 2.4 s", after="p95 is 0.5 s"
    )
    assert change.seconds == pytest.approx(20)


@pytest.mark.parametrize(("after", "outlook"), [(ON, Outlook.NO_EVIDENCE), (WORSE, Outlook.WORSE)])
def test_an_alarm_that_goes_on_is_not_verified(desk: Desk, after: Sight, outlook: Outlook) -> None:
    change = desk.apply(PLAN, watch=Alarm(ON, after))
    assert (change.status, change.watched.outlook) == (RunStatus.UNVERIFIED, outlook)
    assert change.detail.startswith(f"applied, and the alarm: {outlook.value} ({after.text})")
    assert change.hint == "mangaops undo r-0001"
    assert change.seconds == pytest.approx(600)


def stopping_in(desk: Desk, call: int) -> None:
    """Ctrl-C comes while this call is in flight."""
    land = desk.world._land

    def landing(*of: object) -> None:
        land(*of)  # type: ignore[arg-type]
        if desk.world.calls == call:
            desk.stop.request()

    desk.world._land = landing  # type: ignore[method-assign]


@pytest.mark.parametrize("call", [1, 2])
def test_the_first_ctrl_c_lets_the_call_finish_and_tells_the_way_back(
    desk: Desk, call: int
) -> None:
    stopping_in(desk, call)
    change = desk.apply(PLAN)
    assert (change.interrupted, change.hint) == (True, "mangaops undo r-0001")
    assert (desk.world.calls, desk.history().status) == (call, "partial")
    desk.stop.requested = False
    desk.undo()
    assert desk.world.targets == BEFORE


def test_a_ctrl_c_after_all_was_applied_and_reached_came_too_late(desk: Desk) -> None:
    stopping_in(desk, 3)
    change = desk.apply(PLAN)
    assert (change.status, change.interrupted) == (RunStatus.VERIFIED, False)


def test_a_ctrl_c_while_the_world_settles_leaves_it_unverified(desk: Desk) -> None:
    desk.world.settles_after = 3
    stopping_in(desk, 3)
    change = desk.apply(PLAN)
    assert (change.status, change.interrupted) == (RunStatus.UNVERIFIED, True)
    assert change.detail == "stopped by Ctrl-C; done: 1 (a), 2 (b)"


def test_a_stop_before_the_first_write_changes_nothing(desk: Desk) -> None:
    desk.stop.request()
    with pytest.raises(Stopped):
        desk.apply(PLAN)
    assert desk.world.calls == 0


def test_the_second_ctrl_c_stops_at_once_and_the_call_is_not_known(desk: Desk) -> None:
    def at_once(*_: object) -> None:
        raise KeyboardInterrupt

    desk.world._land = at_once  # type: ignore[method-assign]
    change = desk.apply(PLAN)
    assert (change.status, change.interrupted) == (RunStatus.PARTIAL, True)
    assert change.detail == "stopped at once; not begun: 2 (b)"
    assert desk.history().touched(1)


def test_a_bug_leaves_a_closed_journal(desk: Desk) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError

    desk.world._land = bug  # type: ignore[method-assign]
    with pytest.raises(ZeroDivisionError):
        desk.apply(PLAN)
    assert (desk.history().status, desk.history().touched(1)) == ("partial", True)


def test_a_journal_that_cannot_be_written_means_that_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    desk = Desk(tmp_path / "runs", world())
    with pytest.raises(JournalFailed):
        desk.apply(PLAN)
    assert desk.world.calls == 0


def test_a_disk_that_fills_up_stops_the_run_wherever_it_is(tmp_path: Path) -> None:
    ends = []
    for full in range(1, 20):
        synced = 0

        def fsync(_: int, full: int = full) -> None:
            nonlocal synced
            synced += 1
            if synced >= full:
                raise OSError(errno.ENOSPC, "No space left on device")

        desk = Desk(tmp_path / str(full), world(), fsync=fsync)
        try:
            change = desk.apply(PLAN)
        except JournalFailed:
            assert desk.world.effects == []
            ends.append("raised")
        else:
            ends.append(change.status.value)
            if change.status is RunStatus.VERIFIED:
                break
            assert desk.world.effects
            assert "No space left" in change.detail
            desk.fsync = lambda _: None
            desk.undo()
            assert desk.world.targets == BEFORE
    assert list(dict.fromkeys(ends)) == ["raised", "partial", "unverified", "verified"]


def test_what_cannot_be_undone_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path, world())
    once = plan(step(1, "a", {"x": 1}, {"x": 2}, undo=UndoKind.NONE))
    assert desk.apply(once).undoable is False
    assert desk.undo() is None


def test_a_step_that_was_not_begun_is_not_called_failed(desk: Desk) -> None:
    stopping_in(desk, 2)
    change = desk.apply(PLAN)
    assert [one.state for one in change.outcomes] == [StepState.APPLIED, StepState.PLANNED]
    assert change.detail == "stopped by Ctrl-C; done: 1 (a); not begun: 2 (b)"
