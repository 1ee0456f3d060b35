import os
import signal
import threading

import pytest

from mangaops.errors import Stopped
from mangaops.remedy.execution.stopping import FIRST, Stopper, interruptible
from support.fake_world import Time


def test_a_pause_ends_as_soon_as_a_stop_is_asked_for() -> None:
    time = Time()

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        if time.passed > 0.25:
            stop.request()

    stop = Stopper(sleep)
    with pytest.raises(Stopped):
        stop.pause(60)
    assert time.passed == pytest.approx(0.3)


def test_a_pause_takes_as_long_as_it_is_told() -> None:
    time = Time()
    Stopper(time.sleep).pause(1.25)
    assert time.passed == pytest.approx(1.25)


def test_the_first_ctrl_c_asks_and_the_second_stops_at_once() -> None:
    told: list[str] = []
    stop = Stopper(lambda _: None)
    before = signal.getsignal(signal.SIGINT)
    with interruptible(stop, told.append):
        os.kill(os.getpid(), signal.SIGINT)
        assert (stop.requested, told) == (True, [FIRST])
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_outside_of_the_main_thread_there_is_no_signal_to_handle() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def work() -> None:
        with interruptible(Stopper(lambda _: None), seen.append):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
