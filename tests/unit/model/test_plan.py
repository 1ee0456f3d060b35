from dataclasses import replace

from mangaops.model.plan import (
    Difference,
    Found,
    Standing,
    Step,
    UndoKind,
    compare,
)

STEP = Step(
    number=1,
    action="scaling.minimum",
    target="prod/orchestrator",
    before={"min": 4, "desired": 4, "revision": "f:3"},
    after={"min": 8, "desired": 8},
    undo=UndoKind.EXACT,
    summary="minimum 4 -> 8",
)


def test_a_target_as_the_plan_saw_it_stands_before() -> None:
    found = compare(STEP, {"min": 4, "desired": 4, "revision": "f:3", "max": 16})
    assert found == Found(standing=Standing.BEFORE)


def test_a_half_done_step_stands_before_and_is_gone_on_with() -> None:
    found = compare(STEP, {"min": 8, "desired": 4, "revision": "f:3"})
    assert found == Found(standing=Standing.BEFORE)


def test_a_target_as_the_step_wants_it_stands_after_whatever_else_moved() -> None:
    assert compare(STEP, {"min": 8, "desired": 8, "revision": "f:4"}).standing is Standing.AFTER


def test_a_field_that_is_neither_is_drift() -> None:
    found = compare(STEP, {"min": 6, "desired": 8, "revision": "f:3"})
    assert found == Found(
        standing=Standing.OTHER, drift=(Difference(field="min", wanted=4, found=6),)
    )


def test_a_field_that_only_the_plan_saw_must_not_have_changed() -> None:
    found = compare(STEP, {"min": 4, "desired": 4, "revision": "f:4"})
    assert found.drift == (Difference(field="revision", wanted="f:3", found="f:4"),)


def test_what_aws_names_itself_is_wanted_as_anything_but_the_old_one() -> None:
    step = replace(STEP, before={"deployment": "a"}, after={"deployment": {"other_than": "a"}})
    assert compare(step, {"deployment": "a"}).standing is Standing.BEFORE
    assert compare(step, {"deployment": "b"}).standing is Standing.AFTER
    assert compare(step, {}).standing is Standing.OTHER


def test_a_step_without_fields_always_stands_before() -> None:
    assert compare(replace(STEP, before={}, after={}), {}).standing is Standing.BEFORE


def test_the_inverse_swaps_before_and_after_and_the_inverse_of_it_is_the_step() -> None:
    assert STEP.inverse(1).before == STEP.after
    assert STEP.inverse(1).inverse(1).after == STEP.after
