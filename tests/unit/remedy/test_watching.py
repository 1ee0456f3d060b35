from datetime import timedelta

import pytest

from mangaops.errors import AwsDenied
from mangaops.model.change import Outlook, Watched
from mangaops.remedy.execution.stopping import Stopper
from mangaops.remedy.execution.watching import Sight, Watch, judge, sight, watched
from support.fake_world import Time


def on(observed: float | None = 2.0, threshold: float | None = 1.0) -> Sight:
    return Sight(holds=True, text="on", observed=observed, threshold=threshold)


def other(observed: float, threshold: float) -> Sight:
    """A figure in another unit: what counts is its share of the threshold."""
    return Sight(holds=True, text="on", observed=observed, threshold=threshold)


OFF = Sight(holds=False, text="off")
UNSEEN = Sight(holds=None, text="unseen")


@pytest.mark.parametrize(
    ("before", "after", "outlook"),
    [
        (on(), OFF, Outlook.IMPROVED),
        (UNSEEN, OFF, Outlook.IMPROVED),
        (on(), UNSEEN, Outlook.NO_EVIDENCE),
        (on(), on(), Outlook.NO_EVIDENCE),
        (on(2.0), on(2.19), Outlook.NO_EVIDENCE),
        (on(2.0), on(2.21), Outlook.WORSE),
        (on(0.5), on(0.3), Outlook.WORSE),
        (on(0.5), on(0.45), Outlook.NO_EVIDENCE),
        (on(), on(None), Outlook.NO_EVIDENCE),
        (UNSEEN, on(9.0), Outlook.NO_EVIDENCE),
        (OFF, on(), Outlook.WORSE),
        (other(63.9, 20.0), other(318.0, 262.0), Outlook.NO_EVIDENCE),
        (
            on(43.9),
            Sight(holds=True, text="carts", what="b", observed=318.0, threshold=1.0),
            Outlook.NO_EVIDENCE,
        ),
    ],
)
def test_an_outlook_compares_what_was_seen_before_and_after(
    before: Sight, after: Sight, outlook: Outlook
) -> None:
    assert judge(before, after) is outlook


class Looks(Watch):
    def __init__(self, *sights: Sight) -> None:
        self.sights = list(sights)
        self.seen = 0

    def look(self) -> Sight:
        self.seen += 1
        return self.sights[min(self.seen, len(self.sights)) - 1]


def seen(looks: Watch, stop: Stopper, time: Time, said: list[str]) -> Watched:
    return watched(
        looks,
        on(),
        length=timedelta(seconds=25),
        monotonic=time.monotonic,
        stop=stop,
        tell=said.append,
    )


def test_it_is_looked_at_once_and_then_every_ten_seconds_until_the_time_is_over() -> None:
    time, said, looks = Time(), [], Looks(on())
    assert seen(looks, Stopper(time.sleep), time, said).outlook is Outlook.NO_EVIDENCE
    assert (looks.seen, time.passed) == (4, pytest.approx(25))
    assert said == ["no evidence yet: on"] * 4


def test_nothing_is_waited_for_when_the_alarm_is_over() -> None:
    time, said = Time(), []
    assert seen(Looks(OFF), Stopper(time.sleep), time, said) == Watched(
        outlook=Outlook.IMPROVED, before="on", after="off"
    )
    assert time.passed == 0


def test_ctrl_c_ends_it_with_what_was_seen_last() -> None:
    time = Time()
    stop = Stopper(time.sleep)
    assert seen(Looks(on(9.0)), stop, time, [stop.request() or ""]).outlook is Outlook.WORSE
    assert time.passed == 0


def test_a_look_that_fails_has_seen_nothing() -> None:
    class Denied:
        def look(self) -> Sight:
            raise AwsDenied("not you", operation="cloudwatch:GetMetricData")

    assert sight(Denied()) == Sight(holds=None, text="not seen: cloudwatch:GetMetricData: not you")
