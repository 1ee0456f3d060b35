"""A step of the cache is carried out on the cache that it names, and only when it is whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from mangaops.errors import InputError, MangaopsError, Refused
from mangaops.model.change import RunStatus, StepState
from mangaops.model.evidence import JSON
from mangaops.model.plan import Draft, Plan, Reason, Step
from mangaops.model.request import InvalidateCache
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action, Progress, Settled
from mangaops.remedy.actions.cache.invalidate_cache import ACTION, InvalidateCacheRemedy
from mangaops.remedy.plans.planner import plan_of
from support.fake_cache import FakeCache, FakeInventory, FakePen
from support.fake_world import NOW, SITE, Desk, World

KEYS = {"precompute:genre:a:1": "one", "precompute:genre:a:2": "two", "session:1": "x"}
SAVED = {"run": "r-1", "name": "saved-1.jsonl", "sha256": "0" * 64}


def remedy(cache: FakeCache, after: timedelta = timedelta()) -> InvalidateCacheRemedy:
    return InvalidateCacheRemedy(
        cache=cache,
        stock=FakeInventory({}),
        environment=Environment(),
        clock=lambda: NOW + after,
        sleep=lambda _: None,
    )


def drafted(cache: FakeCache, request: InvalidateCache | None = None) -> Draft:
    draft = remedy(cache).draft(request or InvalidateCache(genre="a"))
    assert isinstance(draft, Draft)
    return draft


def planned(cache: FakeCache) -> tuple[Step, Action]:
    return drafted(cache).steps[0], remedy(cache).actions[ACTION]


def other(address: str, *servers: str, **texts: str) -> FakeCache:
    cache = FakeCache(texts)
    cache.address, cache.servers = address, servers
    return cache


def refused(step: Step, cache: FakeCache, kind: type[MangaopsError] = Refused) -> set[str]:
    """The reasons for which reading, writing and checking are refused; nothing is written."""
    action, pen, before = remedy(cache).actions[ACTION], FakePen(), dict(cache.texts)
    told: set[str] = set()
    for method in (action.read, lambda one: action.write(one, pen), action.settled):
        with pytest.raises(kind) as error:
            method(step)
        told.add(error.value.what)
    assert (pen.calls, pen.files, cache.texts) == ([], [], before)
    return told


@pytest.mark.parametrize("way", ["there", "back"])
def test_another_cache_than_the_step_names_is_refused(way: str) -> None:
    step, _ = planned(FakeCache(KEYS))
    back = replace(step.inverse(1), arguments={**step.arguments, "saved": SAVED})
    told = refused(step if way == "there" else back, other("b:6379/0", "b" * 16))
    assert told == {"this step is about the cache cache:6379/0, and b:6379/0 is reached"}


def test_another_server_behind_the_same_forwarded_port_is_refused() -> None:
    step, _ = planned(FakeCache(KEYS))
    told = refused(step, other("cache:6379/0", "b" * 16, **KEYS))
    assert told == {"another server answers at cache:6379/0 than the one of this step"}


def test_the_same_server_over_another_forwarded_port_is_the_same_cache() -> None:
    cache = FakeCache(KEYS)
    step, action = planned(cache)
    cache.address = "localhost:9999/0"
    action.write(step, FakePen())
    assert (cache.texts, action.settled(step).progress) == ({"session:1": "x"}, Progress.REACHED)


def test_another_database_of_the_same_server_is_another_cache() -> None:
    cache = FakeCache(KEYS)
    step, _ = planned(cache)
    cache.address = "cache:6379/1"
    assert refused(step, cache) == {
        "this step is about the cache cache:6379/0, and cache:6379/1 is reached"
    }


def test_a_cluster_is_the_same_while_one_of_its_primaries_is() -> None:
    cache = FakeCache(KEYS)
    cache.servers = ("1" * 16, "2" * 16)
    step, action = planned(cache)
    cache.servers = ("2" * 16, "3" * 16)
    action.write(step, FakePen())
    assert cache.texts == {"session:1": "x"}
    cache.servers = ("3" * 16,)
    refused(step, cache)


def test_where_the_server_tells_no_id_the_address_is_compared_and_the_plan_says_so() -> None:
    note = "the server does not tell its replication id: only its address is compared later"
    assert note not in drafted(FakeCache(KEYS)).notes
    silent = other("cache:6379/0", **KEYS)
    assert note in drafted(silent).notes
    step, _ = planned(silent)
    refused(step, other("b:6379/0", "b" * 16, **KEYS))
    remedy(silent).actions[ACTION].write(step, FakePen())
    assert silent.texts == {"session:1": "x"}


def _without_after(step: Step) -> Step:
    return replace(step, after={})


def _one_less(step: Step) -> Step:
    return replace(step, before=dict(list(step.before.items())[:1]))


def _another_key(step: Step) -> Step:
    return replace(step, after={**step.after, "session:1": None})


def _no_change(step: Step) -> Step:
    return replace(step, after=step.before)


def _half_back(step: Step) -> Step:
    key = next(iter(step.after))
    return replace(step, after={**step.after, key: step.before[key]})


def _no_digest(step: Step) -> Step:
    return replace(step, before=dict.fromkeys(step.before, 1))


def _no_key(step: Step) -> Step:
    return replace(step, before={}, after={})


def _no_text(step: Step) -> Step:
    return replace(step, before={"\udcff": "sha256:1"}, after={"\udcff": None})


def _servers(told: JSON) -> Callable[[Step], Step]:
    return lambda step: replace(step, arguments={**step.arguments, "servers": told})


HALVES = (
    _without_after, _one_less, _another_key, _no_change, _half_back, _no_digest, _no_key, _no_text
)  # fmt: skip


@pytest.mark.parametrize("forged", HALVES)
def test_a_step_whose_sides_are_not_of_the_same_keys_is_wrong_input(
    forged: Callable[[Step], Step],
) -> None:
    cache = FakeCache(KEYS)
    step, action = planned(cache)
    for one in (forged(step), forged(step).inverse(1)):
        refused(one, cache, InputError)
        with pytest.raises(InputError):
            action.touches(one)


@pytest.mark.parametrize("told", [None, "x", 1, [1], {"x": 1}])
def test_servers_that_are_no_list_of_texts_are_wrong_input(told: JSON) -> None:
    cache = FakeCache(KEYS)
    refused(_servers(told)(planned(cache)[0]), cache, InputError)


@pytest.mark.parametrize("rate", [-1, 1e-300, 10**400])
def test_a_hand_made_rate_that_is_none_is_wrong_input_and_nothing_is_removed(rate: float) -> None:
    cache = FakeCache(KEYS)
    step, action = planned(cache)
    with pytest.raises(InputError, match="is no rate"):
        action.write(replace(step, arguments={**step.arguments, "rate": rate}), FakePen())
    assert cache.texts == KEYS


@pytest.mark.parametrize(
    ("request_", "option"),
    [
        (InvalidateCache(genre="\udcff"), "--genre"),
        (InvalidateCache(pattern="a\udcff*"), "--pattern"),
        (InvalidateCache(products=("m1", "\udc80")), "--product"),
    ],
)
def test_bytes_that_are_no_utf8_are_wrong_input_that_names_the_option(
    request_: InvalidateCache, option: str
) -> None:
    with pytest.raises(InputError, match="is no UTF-8 text") as error:
        remedy(FakeCache(KEYS)).draft(request_)
    assert error.value.where == option
    error.value.what.encode()


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("pattern", ["[a-z]*", "?*:*", "*[rs]*"])
def test_a_pattern_that_selects_every_key_is_refused(pattern: str, told: bool) -> None:
    cache = FakeCache(KEYS)
    cache.size_told = told
    with pytest.raises(Refused, match="means every key of the cache"):
        remedy(cache).draft(InvalidateCache(pattern=pattern))


def test_a_pattern_of_all_keys_but_one_or_of_the_only_key_may_be_meant() -> None:
    draft = drafted(FakeCache(KEYS), InvalidateCache(pattern="p*"))
    assert draft.title == "Remove 2 keys from the cache (pattern p*)"
    draft = drafted(FakeCache({"session:1": "x"}), InvalidateCache(pattern="session:*"))
    assert draft.title == "Remove 1 key from the cache (pattern session:*)"


def test_few_of_many_keys_are_selected_without_counting_all() -> None:
    cache = FakeCache(KEYS | {f"other:{n}": "x" for n in range(9)})
    drafted(cache, InvalidateCache(pattern="s*"))
    drafted(cache, InvalidateCache(pattern="p*"))
    assert cache.scanned == ["s*", "p*"]


def test_a_key_that_was_gone_before_the_removal_is_not_missed_when_it_is_undone() -> None:
    cache, pen = FakeCache(KEYS), FakePen()
    step, action = planned(cache)
    del cache.texts["precompute:genre:a:2"]
    action.write(step, pen)
    back = replace(step.inverse(1), arguments={**step.arguments, "saved": SAVED})
    action.write(back, pen)
    assert action.settled(back) == Settled(
        progress=Progress.REACHED,
        detail="1 of 2 keys are back; gone before they were to be removed: 1",
    )
    del cache.texts["precompute:genre:a:1"]
    assert action.settled(back).progress is Progress.WAITING


@dataclass
class CacheDesk(Desk):
    """The executor over a cache; `later` is by how much its clock is ahead."""

    cache: FakeCache = field(kw_only=True)
    later: timedelta = timedelta()

    @property
    def actions(self) -> Mapping[str, Action]:  # type: ignore[override]
        return remedy(self.cache, self.later).actions

    def plan(self) -> Plan:
        return plan_of(
            drafted(self.cache),
            plan_id="p-0001",
            remedy="invalidate-cache",
            arguments="invalidate-cache --genre a",
            site=SITE,
            reason=Reason(text="because"),
            now=NOW,
        )


def test_when_every_saved_key_has_expired_there_is_nothing_to_undo(tmp_path: Path) -> None:
    cache = FakeCache(KEYS)
    cache.ttls = {"precompute:genre:a:1": 9_000}
    desk = CacheDesk(tmp_path, World({}), cache=cache)
    plan = desk.plan()
    del cache.texts["precompute:genre:a:2"]
    assert desk.apply(plan).status is RunStatus.VERIFIED
    desk.later = timedelta(seconds=10)
    change = desk.undo()
    assert change is not None
    assert (change.status, change.undoable) == (RunStatus.NOTHING_TO_DO, False)
    assert [(one.state, one.detail) for one in change.outcomes] == [
        (StepState.SKIPPED, "nothing was left to change")
    ]
    assert desk.said[-1] == (1, 1, "expired meanwhile, and not restored: 1")
    assert cache.texts == {"session:1": "x"}


def test_what_is_left_of_the_keys_is_back_and_verified(tmp_path: Path) -> None:
    cache = FakeCache(KEYS)
    cache.ttls = {"precompute:genre:a:1": 9_000}
    desk = CacheDesk(tmp_path, World({}), cache=cache)
    desk.apply(desk.plan())
    desk.later = timedelta(seconds=10)
    change = desk.undo()
    assert change is not None
    assert (change.status, change.outcomes[0].detail) == (
        RunStatus.VERIFIED,
        "1 of 2 keys are back; expired meanwhile: 1",
    )
