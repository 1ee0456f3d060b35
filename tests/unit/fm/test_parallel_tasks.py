"""Tasks at the same time: whole, late, failing, without a slot, cancelled.

Calls that must not end in time wait for an event of the test's; nothing here sleeps.
"""

from __future__ import annotations

import threading
import time
from asyncio import CancelledError
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any

import pytest

from mangaops import fm
from mangaops.fm.parallel import RequiredTaskFailed, Task, TaskStatus, gather_budgeted
from mangaops.fm.records.fields import FIELDS
from mangaops.fm.retry.deadline import Deadline
from mangaops.fm.slots import Slots
from support.fake_time import FakeClock

LONG, SHORT = 30.0, 0.02


@pytest.fixture
def hang() -> Iterator[Callable[[], None]]:
    """Calls that wait until the test is over; then no thread of them is left."""
    over = threading.Event()
    waiting: list[threading.Thread] = []

    def wait() -> None:
        waiting.append(threading.current_thread())
        over.wait(LONG)

    yield wait
    over.set()
    for thread in waiting:
        thread.join(LONG)
        assert not thread.is_alive()


def gather(tasks: dict[str, Task], deadline: float = LONG, **more: Any) -> fm.Gathered:
    slots = more.pop("slots", Slots())
    return gather_budgeted(tasks, deadline=deadline, clock=time.monotonic, slots=slots)


def fail(error: BaseException) -> Callable[[], Any]:
    def call() -> Any:
        raise error

    return call


def test_all_have_their_results_in_the_order_asked() -> None:
    both = threading.Barrier(2)  # passes only when both run at the same time

    def one() -> int:
        return both.wait(LONG)

    tasks = {"b": Task(call=one), "a": Task(call=one, required=True), "c": Task(call=dict)}
    gathered = gather(tasks)
    assert list(gathered.results) == ["b", "a", "c"]
    assert {gathered.results["a"], gathered.results["b"]} == {0, 1}
    assert (gathered.degraded, gathered.reasons) == ((), {})
    assert {timing.status for timing in gathered.timings.values()} == {TaskStatus.OK}


def test_a_task_that_is_late_has_its_default(hang: Callable[[], None]) -> None:
    tasks = {
        "rag": Task(call=hang, budget=SHORT, default=()),
        "session": Task(call=lambda: "s", required=True),
    }
    gathered = gather(tasks)
    assert gathered.results == {"rag": (), "session": "s"}
    assert gathered.degraded == ("rag",)
    assert gathered.reasons == {"rag": "rag due to timeout"}
    assert gathered.timings["rag"].status is TaskStatus.TIMEOUT


def test_the_deadline_is_the_most_of_a_budget(hang: Callable[[], None]) -> None:
    tasks = {"rag": Task(call=hang, budget=1e9), "all": Task(call=hang)}
    assert gather(tasks, deadline=SHORT).degraded == ("rag", "all")
    passed = Deadline(at=5.0, clock=FakeClock(5.0))
    calls: list[int] = []
    late = gather_budgeted(
        {"rag": Task(call=lambda: calls.append(1))}, deadline=passed, clock=FakeClock(5.0)
    )
    assert (calls, late.reasons) == ([], {"rag": "rag due to no time left"})


def test_an_optional_task_that_fails_has_its_default_and_no_text_of_the_error() -> None:
    gathered = gather({"rag": Task(call=fail(OSError("prompt: secret")), default=[])})
    assert gathered.results == {"rag": []}
    assert gathered.reasons == {"rag": "rag due to OSError"}
    assert gathered.timings["rag"].error == "OSError"


def test_a_required_task_that_fails_ends_all_at_once(hang: Callable[[], None]) -> None:
    cancelled: SimpleQueue[str] = SimpleQueue()
    error = OSError("gone")
    tasks = {
        "rag": Task(call=hang, cancel=lambda: cancelled.put("rag")),
        "session": Task(call=fail(error), required=True, cancel=lambda: cancelled.put("no")),
    }
    with pytest.raises(RequiredTaskFailed, match="without session due to OSError") as raised:
        gather(tasks)
    assert raised.value.__cause__ is error
    assert raised.value.name == "session"
    assert cancelled.get(timeout=LONG) == "rag"
    with pytest.raises(RequiredTaskFailed, match="due to timeout"):
        gather({"session": Task(call=hang, required=True, budget=SHORT)})


def test_a_dependency_that_hangs_takes_no_slot_of_another(hang: Callable[[], None]) -> None:
    slots = Slots({"search": 2}, default=1)
    slow = Task(call=hang, budget=SHORT, default="none", dependency="search")
    first = gather({"rag": slow, "related": slow}, slots=slots)
    assert first.degraded == ("rag", "related")
    assert slots.taken("search") == 2  # they are still at it
    calls: list[int] = []
    more = Task(call=lambda: calls.append(1), default="none", dependency="search", budget=SHORT)
    second = gather({"rag": more, "session": Task(call=lambda: "s")}, slots=slots)
    assert second.results == {"rag": "none", "session": "s"}
    assert second.reasons == {"rag": "rag due to no free slot"}
    assert calls == []
    assert slots.waiting("search") == 0


def test_more_calls_than_slots_wait_for_one_within_their_budget() -> None:
    slots, lock = Slots(default=3), threading.Lock()
    at_once, most = 0, 0

    def call() -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.001)
        with lock:
            at_once -= 1

    task = Task(call=call, required=True, dependency="search")
    gathered = gather({f"t{number}": task for number in range(40)}, slots=slots)
    assert gathered.degraded == ()
    assert most <= 3
    assert (slots.taken("search"), slots.waiting("search")) == (0, 0)


def test_what_waits_for_a_slot_waits_no_longer_than_it_may(hang: Callable[[], None]) -> None:
    slots = Slots(default=1)
    tasks = {
        "first": Task(call=hang, dependency="search", budget=SHORT),
        "next": Task(call=hang, dependency="search", budget=SHORT / 2, required=True),
    }
    with pytest.raises(RequiredTaskFailed, match="next due to no free slot"):
        gather(tasks, slots=slots)
    assert slots.waiting("search") == 0


def test_a_slot_that_nobody_wants_any_more_goes_to_the_next() -> None:
    slots, told = Slots(default=1), []
    assert slots.take("d", lambda: None) is None
    tickets = [slots.take("d", lambda who=who: told.append(who)) for who in "abc"]  # type: ignore[misc]
    first, second, third = tickets
    assert first is not None
    assert second is not None
    assert third is not None
    slots.withdraw(second)
    slots.give_back("d")
    assert told == ["a"]
    slots.withdraw(first)  # it was told, and does not want it
    assert told == ["a", "c"]
    slots.give_back("d")
    assert (slots.taken("d"), slots.waiting("d")) == (0, 0)


def test_the_calls_of_many_threads_never_exceed_the_slots() -> None:
    slots, lock = Slots(default=2), threading.Lock()
    at_once, most, done = 0, 0, 0

    def call() -> None:
        nonlocal at_once, most, done
        with lock:
            at_once += 1
            most = max(most, at_once)
        with lock:
            at_once -= 1
            done += 1

    def gather_some() -> None:
        task = Task(call=call, dependency="d")
        gather({f"t{number}": task for number in range(10)}, slots=slots)

    threads = [threading.Thread(target=gather_some) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert done == 80
    assert most <= 2
    assert (slots.taken("d"), slots.waiting("d")) == (0, 0)


def test_a_cancel_that_blocks_or_exits_holds_nobody_up(hang: Callable[[], None]) -> None:
    tasks = {
        "slow": Task(call=hang, budget=SHORT, default=0, cancel=hang),
        "exits": Task(call=hang, budget=SHORT, default=0, cancel=fail(SystemExit())),
    }
    assert gather(tasks).degraded == ("slow", "exits")  # else it would take half a minute


def test_the_calls_see_the_context_of_the_caller() -> None:
    correlation = ContextVar("correlation", default="none")
    correlation.set("C-1")
    tasks = {name: Task(call=correlation.get, dependency="d") for name in "ab"}
    assert gather(tasks, slots=Slots(default=1)).results == {"a": "C-1", "b": "C-1"}


def test_no_number_is_no_limit() -> None:
    with pytest.raises(ValueError, match="a budget is a number"):
        Task(call=dict, budget=float("nan"))
    with pytest.raises(ValueError, match="a deadline is a number"):
        gather({"a": Task(call=dict)}, deadline=float("nan"))


def test_slots_are_given_back_and_no_thread_is_left() -> None:
    slots = Slots(default=1)
    before = threading.active_count()
    for _ in range(20):
        gather({"a": Task(call=dict), "b": Task(call=fail(OSError()))}, slots=slots)
        assert (slots.taken("a"), slots.taken("b")) == (0, 0)
    for thread in threading.enumerate():
        if thread.name in {"a", "b"}:
            thread.join(LONG)
    assert threading.active_count() <= before


@pytest.mark.parametrize("kind", [KeyboardInterrupt, CancelledError, SystemExit])
def test_a_cancellation_passes(kind: type[BaseException], hang: Callable[[], None]) -> None:
    cancelled: SimpleQueue[str] = SimpleQueue()
    tasks = {
        "rag": Task(call=hang, cancel=lambda: cancelled.put("rag")),
        "user": Task(call=fail(kind()), default="never"),
        "odd": Task(call=hang, cancel=fail(OSError())),
    }
    with pytest.raises(kind):
        gather(tasks)
    assert cancelled.get(timeout=LONG) == "rag"


def test_what_the_log_is_told(hang: Callable[[], None]) -> None:
    tasks = {
        "rag": Task(call=hang, budget=SHORT),
        "cache": Task(call=fail(ValueError("text of a user"))),
        "session": Task(call=lambda: 1),
    }
    records = gather(tasks).records(at=datetime(2026, 11, 21, 10, tzinfo=UTC), correlation_id="c-1")
    assert all(record.keys() <= FIELDS[record["log_type"]] for record in records)
    assert [record.get("task") for record in records] == ["rag", "cache", "session", None]
    assert [record.get("status") for record in records] == ["timeout", "error", "ok", None]
    assert "text of a user" not in str(records)
    assert records[-1] == {
        "log_type": "degraded",
        "timestamp": records[0]["timestamp"],
        "correlation_id": "c-1",
        "message": "Proceeding without rag due to timeout; "
        "Proceeding without cache due to ValueError",
        "missing": ["rag", "cache"],
    }


def test_slots_are_at_least_one() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Slots({"search": 0})
