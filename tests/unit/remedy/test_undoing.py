from dataclasses import replace
from pathlib import Path

import pytest

from mangaops.errors import Drifted, Refused
from mangaops.model.plan import NothingToDo, Plan, Risk, UndoKind
from mangaops.model.site import Site
from mangaops.remedy.action import Pen
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
    with pytest.raises(Refused, match="changed account 123456789012") as caught:
        back(desk, replace(SITE, name="other", account="9"))
    assert caught.value.hint == "mangaops undo r-0001 --env prod"


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
