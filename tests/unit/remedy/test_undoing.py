import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mangaops.errors import Drifted, MangaopsError, Refused
from mangaops.model.change import RunStatus
from mangaops.model.plan import NothingToDo, Plan, Risk, UndoKind
from mangaops.model.site import Site
from mangaops.remedy.action import Pen
from mangaops.remedy.journals.history import verify
from mangaops.remedy.journals.journal import FIRST_PREV, hash_of
from mangaops.remedy.plans import plan_file
from mangaops.remedy.undoing import undo_plan
from support.fake_world import NOW, SITE, Desk, Fault, World, plan, step

PLAN = plan(step(1, "a", {"x": 1}, {"x": 2}), step(2, "b", {"z": 1}, {"z": 2}), risk=Risk.SEVERE)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, World({"a": {"x": 1}, "b": {"z": 1}}))


def back(desk: Desk, site: Site = SITE) -> Plan | NothingToDo:
    return undo_plan(desk.history(), actions=desk.actions, plan_id="p-2", site=site, now=NOW)


def test_the_way_back_is_a_plan_at_the_risk_of_the_run_last_step_first(desk: Desk) -> None:
    desk.apply(PLAN)
    undo = back(desk)
    assert isinstance(undo, Plan)
    assert (undo.undoes, undo.arguments, undo.draft.risk) == ("r-0001", "undo r-0001", Risk.SEVERE)
    assert undo.steps == (PLAN.steps[1].inverse(1), PLAN.steps[0].inverse(2))
    assert (undo.draft.confirm, undo.draft.title) == ("orchestrator", "undo r-0001: a change")


def test_a_target_that_is_as_before_is_left_and_told(desk: Desk) -> None:
    desk.apply(PLAN)
    desk.world.targets["b"]["z"] = 1
    undo = back(desk)
    assert isinstance(undo, Plan)
    assert [one.target for one in undo.steps] == ["a"]
    assert undo.draft.notes == ("already as before: b",)


def test_a_target_that_somebody_else_changed_is_refused_by_name(desk: Desk) -> None:
    desk.apply(PLAN)
    desk.world.targets["b"]["z"] = 9
    with pytest.raises(Drifted, match=r"since run r-0001: b: z is 9 \(the run left 2\)"):
        back(desk)


def test_what_was_undone_is_not_undone_again(desk: Desk) -> None:
    desk.apply(PLAN)
    desk.undo()
    assert back(desk) == NothingToDo(
        reason="nothing of run r-0001 is left to undo: already as before: b; already as before: a"
    )


def test_a_run_whose_call_was_refused_changed_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, World({"a": {"x": 1}, "b": {"z": 1}}, faults={2: Fault.DENIED}))
    desk.apply(PLAN)
    undo = back(desk)
    assert isinstance(undo, Plan)
    assert [one.target for one in undo.steps] == ["a"]


def test_a_run_is_undone_only_where_it_was_made(desk: Desk) -> None:
    desk.apply(PLAN)
    with pytest.raises(Refused, match="account 123456789012, not 9; environment prod, not other"):
        back(desk, replace(SITE, name="other", account="9"))
    with pytest.raises(Refused, match="run r-0001 is of environment prod, not dev") as caught:
        back(desk, replace(SITE, name="dev"))
    assert caught.value.hint == "mangaops undo r-0001 --env prod"


def test_a_run_of_a_protected_environment_is_undone_as_one(desk: Desk) -> None:
    desk.apply(replace(PLAN, site=replace(SITE, protected=True)))
    undo = back(desk, replace(SITE, protected=False))
    assert isinstance(undo, Plan)
    assert undo.site.protected is True


def test_a_journal_may_not_say_less_risk_than_its_steps_take(desk: Desk) -> None:
    desk.apply(replace(PLAN, draft=replace(PLAN.draft, risk=Risk.MILD)))
    undo = back(desk)
    assert isinstance(undo, Plan)
    assert undo.draft.risk is Risk.SEVERE


def test_a_journal_of_another_version_is_not_called_altered(desk: Desk) -> None:
    desk.apply(PLAN)
    path = desk.runs / "r-0001" / "journal.jsonl"
    rewritten(path, lambda entry: entry.get("plan", {}).pop("confirm", None))
    assert (verify(path), desk.history().plan) == ((), None)
    with pytest.raises(Refused, match="this version of mangaops cannot read") as caught:
        back(desk)
    assert "line 1: `confirm` is missing" in str(caught.value)
    rewritten(path, lambda entry: entry.update(kind="renamed") if entry["seq"] == 2 else None)
    assert verify(path) == ()
    with pytest.raises(Refused, match="line 2: an entry `renamed`"):
        back(desk)


def test_a_run_of_a_version_without_the_youngest_field_can_be_undone(desk: Desk) -> None:
    desk.apply(PLAN)

    def older(entry: dict[str, Any]) -> None:
        if document := entry.get("plan"):
            del document["watched"], document["digest"]
            document["digest"] = hashlib.sha256(plan_file.canonical(document)).hexdigest()

    rewritten(desk.runs / "r-0001" / "journal.jsonl", older)
    assert desk.history().plan == PLAN
    assert isinstance(back(desk), Plan)


def rewritten(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Each entry as `change` leaves it, with hashes that agree: another version's journal."""
    lines, prev = [], FIRST_PREV
    for line in path.read_bytes().splitlines():
        entry = json.loads(line)
        change(entry)
        entry = {**{k: v for k, v in entry.items() if k != "hash"}, "prev": prev}
        lines.append(plan_file.canonical({**entry, "hash": hash_of(entry)}))
        prev = hashlib.sha256(lines[-1]).hexdigest()
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def test_a_saved_file_that_is_gone_is_told_before_anyone_is_asked(desk: Desk) -> None:
    write = desk.action.write

    def saving(one: object, pen: Pen) -> None:
        pen.save([b"what was there"])
        write(one, pen)  # type: ignore[arg-type]

    desk.action.write = saving  # type: ignore[method-assign,assignment]
    desk.apply(PLAN)
    (desk.runs / "r-0001" / "saved-2.jsonl").unlink()
    with pytest.raises(MangaopsError, match="cannot be read"):
        back(desk)


def test_a_way_back_that_is_not_at_its_end_is_gone_on_with(desk: Desk) -> None:
    desk.apply(PLAN)
    desk.world.targets = {"a": {"x": 1}, "b": {"z": 1}}
    desk.world.settles_after = desk.action.looks + 6
    change = desk.undo()
    assert change is not None
    assert (change.status, [one.state.value for one in change.outcomes]) == (
        RunStatus.VERIFIED,
        ["verified", "skipped"],
    )
    assert desk.undo("r-0001", "r-0003") is None


def test_a_journal_that_was_altered_is_no_way_back(desk: Desk) -> None:
    desk.apply(PLAN)
    path = desk.runs / "r-0001" / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"x":1', b'"x":7'))
    with pytest.raises(Refused, match="the journal of run r-0001 was altered: line 1"):
        back(desk)


def test_an_action_gets_back_what_it_saved(desk: Desk) -> None:
    write = desk.action.write

    def saving(one: object, pen: Pen) -> None:
        pen.save([b"what was there"])
        write(one, pen)  # type: ignore[arg-type]

    desk.action.write = saving  # type: ignore[method-assign,assignment]
    desk.apply(PLAN)
    undo = back(desk)
    assert isinstance(undo, Plan)
    saved = desk.history().saved(2)
    assert saved is not None
    assert undo.steps[0].arguments == {"saved": saved.reference()}
    assert (saved.run, saved.name) == ("r-0001", "saved-2.jsonl")


def test_a_run_that_nothing_can_take_back_says_so(desk: Desk) -> None:
    desk.apply(plan(step(1, "a", {"x": 1}, {"x": 2}, undo=UndoKind.NONE)))
    assert back(desk) == NothingToDo(reason="run r-0001 cannot be undone: a: sets a")
