from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.errors import AwsNotFound, AwsUnreachable, Drifted, Refused
from mangaops.model.plan import Draft, NothingToDo, Standing, Step, UndoKind, compare
from mangaops.model.request import EnableInvalidation
from mangaops.model.resources import EventSource, TableStream
from mangaops.model.settings import Environment
from mangaops.remedy.action import Progress
from mangaops.remedy.actions.enable_invalidation import EnableInvalidationRemedy
from mangaops.remedy.actions.stream_mapping import MAPPING
from mangaops.remedy.actions.table_stream import STREAM
from support.plain_pen import PlainPen

TABLE = "manga-inventory"
FUNCTION = "inventory-invalidator"
IMAGES = "NEW_AND_OLD_IMAGES"
UNLIMITED = {"bisect": False, "retries": -1, "max_age_s": -1}
LIMITED = {"bisect": True, "retries": 3, "max_age_s": 3600}
NONE = {"mapping": None, "bisect": None, "retries": None, "max_age_s": None}


def arn(number: int) -> str:
    return f"arn:aws:dynamodb:ap-northeast-1:1:table/{TABLE}/stream/{number}"


class World:
    """A table whose stream gets a new ARN each time it is switched on, and its mappings.

    Each change of the table takes `busy` looks. `lost`: no answer ever arrives.
    """

    def __init__(self, *, stream: bool = True, view: str = IMAGES) -> None:
        self.number = 1
        self.on = stream
        self.view = view
        self.mappings: list[EventSource] = []
        self.busy = 0
        self.lost = False
        self.made = 0

    def with_mapping(self, state: str = "Enabled", *, number: int = 1, **limits: int) -> World:
        self.mappings.append(
            EventSource(
                uuid=f"old-{number}",
                state=state,
                source_arn=arn(number),
                table=TABLE,
                last_result=None,
                reason=None,
                **{**UNLIMITED, **limits},  # type: ignore[arg-type]
            )
        )
        return self

    def stream(self, table: str) -> TableStream:
        assert table == TABLE
        view = self.view if self.on else None
        return TableStream(enabled=self.on, arn=arn(self.number), view_type=view)

    def at_rest(self, table: str) -> bool:
        assert table == TABLE
        self.busy = max(0, self.busy - 1)
        return self.busy == 0

    def switch_stream(self, table: str, *, on: bool) -> None:
        assert (table, self.on) == (TABLE, not on)
        self.on, self.view, self.busy = on, IMAGES, 3
        self.number += on
        self._answer()

    def must_exist(self, function: str) -> None:
        if function != FUNCTION:
            raise AwsNotFound("Function not found")

    def event_sources(self, function: str) -> tuple[EventSource, ...]:
        assert function == FUNCTION
        return tuple(self.mappings)

    def map_stream(
        self, function: str, stream_arn: str, *, retries: int, max_age_s: int
    ) -> EventSource:
        assert (function, self.on, self.busy, stream_arn) == (FUNCTION, True, 0, arn(self.number))
        self.made += 1
        made = EventSource(
            uuid=f"new-{self.made}",
            state="Enabled",
            source_arn=stream_arn,
            table=TABLE,
            last_result=None,
            reason=None,
            bisect=True,
            retries=retries,
            max_age_s=max_age_s,
        )
        self.mappings.append(made)
        self._answer()
        return made

    def set_mapping(
        self,
        uuid: str,
        *,
        on: bool,
        bisect: bool | None = None,
        retries: int | None = None,
        max_age_s: int | None = None,
    ) -> None:
        given = {"bisect": bisect, "retries": retries, "max_age_s": max_age_s}
        changed = {name: value for name, value in given.items() if value is not None}
        state = "Enabled" if on else "Disabled"
        self.mappings = [
            replace(one, state=state, **changed) if one.uuid == uuid else one
            for one in self.mappings
        ]
        self._answer()

    def delete_mapping(self, uuid: str) -> None:
        self.mappings = [one for one in self.mappings if one.uuid != uuid]
        self._answer()

    def _answer(self) -> None:
        if self.lost:
            raise AwsUnreachable("no answer")


def remedy(world: World) -> EnableInvalidationRemedy:
    environment = Environment(region="ap-northeast-1")
    return EnableInvalidationRemedy(tables=world, functions=world, environment=environment)


def drafted(world: World) -> Draft:
    draft = remedy(world).draft(EnableInvalidation())
    assert isinstance(draft, Draft)
    assert draft.confirm == TABLE
    return draft


def write(world: World, step: Step) -> PlainPen:
    action, pen = remedy(world).actions[step.action], PlainPen()
    assert compare(step, action.read(step)).standing is Standing.BEFORE
    action.write(step, pen)
    assert compare(step, action.read(step)).standing is Standing.AFTER
    return pen


def settle(world: World, step: Step) -> list[Progress]:
    action = remedy(world).actions[step.action]
    seen = [action.settled(step).progress]
    while seen[-1] is Progress.WAITING:
        seen.append(action.settled(step).progress)
    return seen


def there_and_back(world: World) -> None:
    steps = drafted(world).steps
    for step in (*steps, *(step.inverse(1) for step in reversed(steps))):
        write(world, step)
        assert settle(world, step)[-1] is Progress.REACHED


def test_a_stream_that_feeds_the_invalidator_is_nothing_to_do() -> None:
    answer = remedy(World().with_mapping()).draft(EnableInvalidation())
    assert isinstance(answer, NothingToDo)
    assert answer.reason == (
        f"the stream of {TABLE} is on and feeds {FUNCTION} (mapping old-1 is Enabled)"
    )
    assert "blocks its shard" in answer.hint


def test_a_stream_that_is_off_is_switched_on_and_mapped_under_its_new_name() -> None:
    world = World(stream=False).with_mapping()
    draft = drafted(world)
    stream, mapping = draft.steps
    assert (stream.action, stream.target, stream.undo) == (STREAM, TABLE, UndoKind.EXACT)
    assert (stream.before, stream.after) == (
        {"enabled": False, "view_type": None},
        {"enabled": True, "view_type": IMAGES},
    )
    assert (mapping.action, mapping.target) == (MAPPING, f"{TABLE}/{FUNCTION}")
    assert (mapping.before, mapping.after) == (NONE, {"mapping": "on", **LIMITED})
    assert "old-1 stays on an old stream" in draft.notes[1]
    write(world, stream)
    pen = write(world, mapping)
    assert pen.lines == [f"the stream of {TABLE} is being switched on"] * 2
    assert world.mappings[-1].source_arn == arn(2)


def test_a_missing_mapping_is_made_and_taken_away_again() -> None:
    world = World()
    (step,) = drafted(world).steps
    write(world, step)
    assert [one.uuid for one in world.mappings] == ["new-1"]
    write(world, step.inverse(1))
    assert world.mappings == []


def test_a_disabled_mapping_is_switched_on_with_limits_and_gets_its_own_back() -> None:
    world = World().with_mapping("Disabled")
    before = list(world.mappings)
    (step,) = drafted(world).steps
    assert (step.before, step.after) == (
        {"mapping": "off", **UNLIMITED},
        {"mapping": "on", **LIMITED},
    )
    write(world, step)
    write(world, step.inverse(1))
    assert world.mappings == before


def test_limits_that_someone_chose_are_kept() -> None:
    world = World().with_mapping("Disabled", retries=10)
    (step,) = drafted(world).steps
    assert step.after == {**step.before, "mapping": "on"}
    write(world, step)
    assert world.mappings[0].retries == 10


def test_a_mapping_of_an_old_stream_is_left_and_a_new_one_made() -> None:
    world = World().with_mapping(number=0)
    draft = drafted(world)
    assert draft.notes[0].endswith("aws lambda delete-event-source-mapping --uuid old-0")
    (step,) = draft.steps
    write(world, step)
    assert [one.source_arn for one in world.mappings] == [arn(0), arn(1)]


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(
    "world",
    [
        lambda: World(stream=False),
        lambda: World(stream=False).with_mapping(),
        World,
        lambda: World().with_mapping("Disabled"),
        lambda: World().with_mapping(number=0),
    ],
    ids=["stream off", "stream off, mapped", "no mapping", "disabled", "old stream"],
)
def test_there_and_back_is_identity_also_when_answers_are_lost(world: object, lost: bool) -> None:
    there: World = world()  # type: ignore[operator]
    there.lost = lost
    on, mappings = there.on, list(there.mappings)
    there_and_back(there)
    assert (there.on, there.mappings) == (on, mappings)


def test_our_mapping_is_taken_away_also_after_its_stream_was_switched_off() -> None:
    world = World()
    (step,) = drafted(world).steps
    write(world, step)
    world.on = False
    write(world, step.inverse(1))
    assert world.mappings == []


def test_a_stream_with_other_images_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        drafted(World(view="KEYS_ONLY").with_mapping())
    assert caught.value.what == f"the stream of {TABLE} is on with KEYS_ONLY, not {IMAGES}"


def test_a_mapping_that_is_being_deleted_is_waited_for() -> None:
    with pytest.raises(Refused):
        drafted(World().with_mapping("Deleting"))


def test_a_stream_that_was_switched_off_meanwhile_is_mapped_to_nothing() -> None:
    world = World()
    (step,) = drafted(world).steps
    world.on = False
    with pytest.raises(Drifted):
        remedy(world).actions[MAPPING].write(step, PlainPen())


def test_a_stream_that_someone_switched_on_with_other_images_is_drift() -> None:
    world = World(stream=False)
    stream = drafted(world).steps[0]
    world.on, world.view = True, "KEYS_ONLY"
    action = remedy(world).actions[STREAM]
    assert compare(stream, action.read(stream)).standing is Standing.OTHER


def test_a_mapping_that_still_comes_up_is_waited_for_before_it_is_changed() -> None:
    world = World().with_mapping("Disabled")
    (step,) = drafted(world).steps
    world.mappings = [replace(world.mappings[0], state="Disabling")]
    pen = PlainPen(stop_after=1.0)
    with pytest.raises(Exception, match="Ctrl-C"):
        remedy(world).actions[MAPPING].write(step, pen)
    assert pen.lines[0] == "mapping old-1 is Disabling"
    assert pen.intents == []
