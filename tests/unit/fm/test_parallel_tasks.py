"""Tasks at the same time: whole, late, failing, without a slot, cancelled.

Calls that must not end in time wait for an event of the test's; nothing here sleeps.
"""

from __future__ import annotations

import threading
import time
from asyncio import CancelledError
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from mangaops import fm
from mangaops.fm.parallel import RequiredTaskFailed, Slots, Task, TaskStatus, gather_budgeted
from mangaops.fm.records.fields import FIELDS
from mangaops.fm.retry.deadline import Deadline
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
    cancelled: list[str] = []
    error = OSError("gone")
    tasks = {
        "rag": Task(call=hang, cancel=lambda: cancelled.append("rag")),
        "session": Task(call=fail(error), required=True, cancel=lambda: cancelled.append("no")),
    }
    with pytest.raises(RequiredTaskFailed, match="without session due to OSError") as raised:
        gather(tasks)
    assert raised.value.__cause__ is error
    assert (raised.value.name, cancelled) == ("session", ["rag"])
    with pytest.raises(RequiredTaskFailed, match="due to timeout"):
        gather({"session": Task(call=hang, required=True, budget=SHORT)})


def test_a_dependency_that_hangs_takes_no_slot_of_another(hang: Callable[[], None]) -> None:
    slots = Slots({"search": 2}, default=1)
    slow = Task(call=hang, budget=SHORT, default="none", dependency="search")
    first = gather({"rag": slow, "related": slow}, slots=slots)
    assert first.degraded == ("rag", "related")
    assert slots.taken("search") == 2  # they are still at it
    calls: list[int] = []
    more = Task(call=lambda: calls.append(1), default="none", dependency="search")
    second = gather({"rag": more, "session": Task(call=lambda: "s")}, slots=slots)
    assert second.results == {"rag": "none", "session": "s"}
    assert second.reasons == {"rag": "rag due to no free slot"}
    assert calls == []


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
    cancelled: list[str] = []
    tasks = {
        "rag": Task(call=hang, cancel=lambda: cancelled.append("rag")),
        "user": Task(call=fail(kind()), default="never"),
        "odd": Task(call=hang, cancel=fail(OSError())),
    }
    with pytest.raises(kind):
        gather(tasks)
    assert cancelled == ["rag"]


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
