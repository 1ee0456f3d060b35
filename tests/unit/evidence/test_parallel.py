import threading

import pytest

from mangaops.errors import AwsDenied
from mangaops.evidence.parallel import run_all


def test_jobs_run_at_once_and_an_operators_error_is_an_answer():
    barrier = threading.Barrier(2, timeout=5)
    denied = AwsDenied("no")

    def fail() -> int:
        barrier.wait()
        raise denied

    assert dict(run_all({"a": barrier.wait, "b": fail}))["b"] is denied


def test_any_other_error_is_raised_in_the_thread_that_waits():
    with pytest.raises(ZeroDivisionError):
        dict(run_all({"a": lambda: 1 // 0, "b": lambda: 1}))
    with pytest.raises(ZeroDivisionError):
        dict(run_all({"a": lambda: 1 // 0}))


def test_no_jobs_are_no_answers():
    assert dict(run_all({})) == {}
