from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.errors import Drifted, Refused
from mangaops.model.plan import OTHER_THAN, Draft, NothingToDo, Standing, Step, UndoKind, compare
from mangaops.model.request import EnableInvalidation
from mangaops.model.settings import Environment
from mangaops.remedy.action import Progress
from mangaops.remedy.actions.streams.enable_invalidation import EnableInvalidationRemedy
from mangaops.remedy.actions.streams.mapping import MAPPING
from mangaops.remedy.actions.streams.switch import STREAM
from support.plain_pen import PlainPen
from support.small_services import IMAGES, INVALIDATOR, INVENTORY, UNLIMITED, Inventory, arn

LIMITED = {"bisect": True, "retries": 3, "max_age_s": 3600}
NEW = {"mapping_id": {OTHER_THAN: None}, "batch_size": 100}
NONE = dict.fromkeys(("mapping", "mapping_id", "batch_size", "bisect", "retries", "max_age_s"))


def remedy(world: Inventory) -> EnableInvalidationRemedy:
    environment = Environment(region="ap-northeast-1")
    return EnableInvalidationRemedy(tables=world, functions=world, environment=environment)


def drafted(world: Inventory) -> Draft:
    draft = remedy(world).draft(EnableInvalidation())
    assert isinstance(draft, Draft)
    assert draft.confirm == INVENTORY
    return draft


def write(world: Inventory, step: Step) -> PlainPen:
    action, pen = remedy(world).actions[step.action], PlainPen()
    assert compare(step, action.read(step)).standing is Standing.BEFORE
    action.write(step, pen)
    assert compare(step, action.read(step)).standing is Standing.AFTER
    return pen


def settle(world: Inventory, step: Step) -> list[Progress]:
    action = remedy(world).actions[step.action]
    seen = [action.settled(step).progress]
    while seen[-1] is Progress.WAITING:
        seen.append(action.settled(step).progress)
    return seen


def there_and_back(world: Inventory) -> None:
    steps = drafted(world).steps
    for step in (*steps, *(step.inverse(1) for step in reversed(steps))):
        write(world, step)
        assert settle(world, step)[-1] is Progress.REACHED


def test_a_stream_that_feeds_the_invalidator_is_nothing_to_do() -> None:
    answer = remedy(Inventory().with_mapping()).draft(EnableInvalidation())
    assert isinstance(answer, NothingToDo)
    assert answer.reason == (
        f"the stream of {INVENTORY} is on and feeds {INVALIDATOR} (mapping old-1 is Enabled)"
    )
    assert "blocks its shard" in answer.hint


def test_a_stream_that_is_off_is_switched_on_and_mapped_under_its_new_name() -> None:
    world = Inventory(stream=False).with_mapping()
    draft = drafted(world)
    stream, mapping = draft.steps
    assert (stream.action, stream.target, stream.undo) == (STREAM, INVENTORY, UndoKind.EXACT)
    assert (stream.before, stream.after) == (
        {"enabled": False, "view_type": None, "stream": None},
        {"enabled": True, "view_type": IMAGES, "stream": {OTHER_THAN: arn(1)}},
    )
    assert (mapping.action, mapping.target) == (MAPPING, f"{INVENTORY}/{INVALIDATOR}")
    assert (mapping.before, mapping.after) == (NONE, {"mapping": "on", **LIMITED, **NEW})
    assert "old-1 stays on an old stream" in draft.notes[2]
    write(world, stream)
    pen = write(world, mapping)
    assert pen.lines == [f"the stream of {INVENTORY} is being switched on"] * 2
    assert world.mappings[-1].source_arn == arn(2)


def test_a_missing_mapping_is_made_and_taken_away_again() -> None:
    world = Inventory()
    (step,) = drafted(world).steps
    write(world, step)
    assert [one.uuid for one in world.mappings] == ["new-1"]
    write(world, step.inverse(1))
    assert world.mappings == []


def test_a_disabled_mapping_is_switched_on_with_limits_and_gets_its_own_back() -> None:
    world = Inventory().with_mapping("Disabled")
    before = list(world.mappings)
    (step,) = drafted(world).steps
    assert (step.before, step.after) == (
        {"mapping": "off", "mapping_id": "old-1", "batch_size": 100, **UNLIMITED},
        {"mapping": "on", "mapping_id": "old-1", "batch_size": 100, **LIMITED},
    )
    write(world, step)
    write(world, step.inverse(1))
    assert world.mappings == before


def test_limits_that_someone_chose_are_kept() -> None:
    world = Inventory().with_mapping("Disabled", retries=10)
    (step,) = drafted(world).steps
    assert step.after == {**step.before, "mapping": "on"}
    write(world, step)
    assert world.mappings[0].retries == 10


def test_a_mapping_of_an_old_stream_is_left_and_a_new_one_made() -> None:
    world = Inventory().with_mapping(number=0)
    draft = drafted(world)
    assert draft.notes[0].endswith("aws lambda delete-event-source-mapping --uuid old-0")
    (step,) = draft.steps
    write(world, step)
    assert [one.source_arn for one in world.mappings] == [arn(0), arn(1)]


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(
    "world",
    [
        lambda: Inventory(stream=False),
        lambda: Inventory(stream=False).with_mapping(),
        Inventory,
        lambda: Inventory().with_mapping("Disabled"),
        lambda: Inventory().with_mapping(number=0),
    ],
    ids=["stream off", "stream off, mapped", "no mapping", "disabled", "old stream"],
)
def test_there_and_back_is_identity_also_when_answers_are_lost(world: object, lost: bool) -> None:
    there: Inventory = world()  # type: ignore[operator]
    there.lost = lost
    on, mappings = there.on, list(there.mappings)
    there_and_back(there)
    assert (there.on, there.mappings) == (on, mappings)


def test_our_mapping_is_taken_away_also_after_its_stream_was_switched_off() -> None:
    world = Inventory()
    (step,) = drafted(world).steps
    write(world, step)
    world.on = False
    write(world, step.inverse(1))
    assert world.mappings == []


def test_a_stream_with_other_images_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        drafted(Inventory(view="KEYS_ONLY").with_mapping())
    assert caught.value.what == f"the stream of {INVENTORY} is on with KEYS_ONLY, not {IMAGES}"


def test_a_mapping_that_is_being_deleted_is_waited_for() -> None:
    with pytest.raises(Refused):
        drafted(Inventory().with_mapping("Deleting"))


def test_a_stream_that_was_switched_off_meanwhile_is_mapped_to_nothing() -> None:
    world = Inventory()
    (step,) = drafted(world).steps
    world.on = False
    with pytest.raises(Drifted):
        remedy(world).actions[MAPPING].write(step, PlainPen())


def test_a_stream_that_someone_switched_on_with_other_images_is_drift() -> None:
    world = Inventory(stream=False)
    stream = drafted(world).steps[0]
    world.on, world.view = True, "KEYS_ONLY"
    action = remedy(world).actions[STREAM]
    assert compare(stream, action.read(stream)).standing is Standing.OTHER


def test_a_mapping_that_still_comes_up_is_waited_for_before_it_is_changed() -> None:
    world = Inventory().with_mapping("Disabled")
    (step,) = drafted(world).steps
    world.mappings = [replace(world.mappings[0], state="Disabling")]
    pen = PlainPen(stop_after=1.0)
    with pytest.raises(Exception, match="Ctrl-C"):
        remedy(world).actions[MAPPING].write(step, pen)
    assert pen.lines[0] == "mapping old-1 is Disabling"
    assert pen.intents == []
