"""Which activations are measured, when, and how a watch ends. Time moves by waiting alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from mangaops.bench.comparing.comparison import ArmSummary, Comparison, Report, Verdict
from mangaops.bench.guarding.safeguard import Activation, End, Hold, RollBack
from mangaops.bench.guarding.watching import Ended, Measured, Rhythm, Round, Watch, Watched
from mangaops.errors import AwsDenied, AwsThrottled, ExitCode, MangaopsError
from mangaops.model.change import Change, RunStatus

START = datetime(2026, 1, 7, 5, 0, tzinfo=UTC)
MINUTE = 60.0
HELD = End(decision=Hold(intent="recommendation", missing=()))
ROLLED_BACK = End(
    decision=RollBack(intent="recommendation", now="v2.1", then="v2.0", reason="why"),
    change=Change(run="r-1", status=RunStatus.VERIFIED, plan=None),
)


def activated(minute: float, version: str = "v2.1", intent: str = "recommendation") -> Activation:
    at = START + timedelta(minutes=minute)
    return Activation(intent=intent, version=version, activated_at=at, before="v2.0")


def compared(verdict: Verdict, intent: str = "recommendation") -> Comparison:
    arm = ArmSummary(version="v2.0", samples=100, failures=0)
    return Comparison(
        intent=intent,
        verdict=verdict,
        baseline=arm,
        candidate=replace(arm, version="v2.1"),
        severity="SEV-1" if verdict is Verdict.FAIL else None,
    )


@dataclass
class World:
    """A prompt table with one intent, whose measurements take a minute and cost a dollar."""

    table: Callable[[float], Sequence[Activation]] = lambda _: [activated(-10)]
    verdicts: Sequence[Verdict | BaseException] = (Verdict.PASS,)
    end: End = HELD
    seconds: float = 0.0
    measured: list[tuple[float, str, float | None]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    cut: bool = False
    stopped_at: float | None = None
    unjudged: int = 0
    planned: list[int] = field(default_factory=list)

    def clock(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        if self.stopped_at is not None and self.seconds >= self.stopped_at:
            raise KeyboardInterrupt

    def activations(self) -> Sequence[Activation]:
        return self.table(self.seconds / MINUTE)

    def measure(
        self, activation: Activation, most_usd: float | None, planned: int
    ) -> Measured | None:
        self.planned.append(planned)
        if most_usd is not None and most_usd < 1:
            return None
        self.measured.append((self.seconds / MINUTE, activation.version or "", most_usd))
        found = self.verdicts[min(len(self.measured), len(self.verdicts)) - 1]
        self.seconds += MINUTE
        if isinstance(found, BaseException):
            raise found
        report = Report(comparisons=(compared(found, activation.intent),))
        run = f"b-{len(self.measured)}"
        if self.unjudged == len(self.measured):
            return Measured(run=run, report=None, usd=1.0)
        return Measured(run=run, report=report, usd=1.0, cut=self.cut)

    def act(self, report: Report) -> Sequence[End]:
        assert report.verdict is Verdict.FAIL
        return [self.end]

    def tell(self, text: str) -> None:
        self.said.append(text)

    def told(self, done: Round) -> None:
        self.rounds.append(done)


def watched(
    world: World,
    *,
    once: bool = False,
    length: float = 60,
    max_usd: float | None = None,
    rhythm: Rhythm | None = None,
) -> Watched:
    return Watch(
        world=world,
        rhythm=rhythm
        or Rhythm(
            every=timedelta(minutes=15),
            length=timedelta(minutes=length),
            reaction=timedelta(hours=1),
            once=once,
        ),
        clock=world.clock,
        monotonic=lambda: world.seconds,
        sleep=world.sleep,
        max_usd=max_usd,
    ).watched()


def test_a_young_activation_is_measured_again_and_again_until_it_is_old() -> None:
    world = World()
    done = watched(world, length=120)
    assert [minute for minute, *_ in world.measured] == [0, 15, 30, 45]
    assert (done.ended, done.exit_code, done.usd) == (Ended.TIME, ExitCode.DONE, 4.0)
    assert done.ended_at - done.started_at == timedelta(hours=2)
    assert world.rounds == list(done.rounds)
    assert done.notes == ("no prompt was activated within the last 1h",)


@pytest.mark.parametrize(
    ("length", "age", "once", "planned"),
    [
        (60, 0, False, 4),
        (120, 10, False, 4),
        (20, 10, False, 2),
        (60, 59, False, 1),
        (60, 1, True, 1),
    ],
)
def test_each_round_knows_how_many_are_planned(
    length: float, age: float, planned: int, *, once: bool
) -> None:
    world = World(table=lambda _: [activated(-age)])
    watched(world, length=length, once=once)
    assert world.planned == [planned] * planned


def test_without_an_activation_it_waits_and_takes_up_a_new_one_within_a_minute() -> None:
    world = World(table=lambda minute: [activated(-90 if minute < 20 else 20)])
    done = watched(world)
    assert [minute for minute, *_ in world.measured] == [20, 35, 50]
    idle = "no prompt was activated within the last 1h; looking again each minute"
    assert [one for one in world.said if "next round" not in one] == [idle]
    assert done.exit_code is ExitCode.DONE


def test_a_second_activation_does_not_wait_for_the_round_of_the_first() -> None:
    world = World(table=lambda minute: [activated(-1) if minute < 7 else activated(7, "v2.2")])
    watched(world, length=20)
    assert [(minute, version) for minute, version, _ in world.measured] == [
        (0, "v2.1"),
        (7, "v2.2"),
    ]


def test_once_is_one_look_without_waiting() -> None:
    done = watched(World(), once=True)
    assert (len(done.rounds), done.ended) == (1, Ended.ONCE)
    nothing = watched(World(table=lambda _: []), once=True)
    assert (nothing.rounds, nothing.exit_code) == ((), ExitCode.DONE)


def test_a_regression_is_the_safeguards_and_stays_one_though_it_is_rolled_back() -> None:
    world = World(verdicts=[Verdict.PASS, Verdict.FAIL], end=ROLLED_BACK)
    world.table = lambda _: [activated(-10 if len(world.rounds) < 2 else -300, "v2.1")]
    done = watched(world)
    assert [one.end for one in done.rounds] == [None, ROLLED_BACK]
    assert done.exit_code is ExitCode.PROBLEM_FOUND
    assert done.notes == ("no prompt was activated within the last 1h",)


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([Verdict.INCONCLUSIVE, Verdict.PASS], 0),
        ([Verdict.PASS, Verdict.INCONCLUSIVE], 4),
        ([Verdict.FAIL, Verdict.PASS], 3),
        ([AwsThrottled("slow down"), Verdict.PASS], 0),
        ([Verdict.PASS, AwsThrottled("slow down")], 4),
    ],
)
def test_the_last_look_counts_unless_one_has_failed(
    verdicts: list[Verdict | BaseException], code: int
) -> None:
    assert watched(World(verdicts=verdicts), length=20).exit_code is ExitCode(code)


def test_the_money_is_for_all_rounds_together() -> None:
    world = World()
    done = watched(world, max_usd=2.5)
    assert [left for *_, left in world.measured] == [2.5, 1.5]
    assert (done.ended, done.usd, done.exit_code) == (Ended.BUDGET, 2.0, ExitCode.INCONCLUSIVE)


def test_a_round_that_the_money_cut_short_is_kept_and_is_the_last() -> None:
    done = watched(World(cut=True, verdicts=[Verdict.INCONCLUSIVE]), max_usd=1.5)
    assert (done.ended, len(done.rounds), done.exit_code) == (Ended.BUDGET, 1, 4)


@pytest.mark.parametrize("where", ["waiting", "measuring"])
def test_an_interruption_ends_with_what_there_is(where: str) -> None:
    world = World(stopped_at=200 if where == "waiting" else None)
    if where == "measuring":
        world.verdicts = [Verdict.PASS, KeyboardInterrupt()]
    done = watched(world)
    assert [one.run for one in done.rounds] == ["b-1"]
    assert (done.ended, done.exit_code) == (Ended.INTERRUPTED, ExitCode.INTERRUPTED)


def test_a_measurement_that_was_interrupted_is_told_and_not_judged() -> None:
    world = World(verdicts=[Verdict.PASS, Verdict.FAIL], unjudged=2)
    done = watched(world)
    assert [one.problem for one in done.rounds] == ["", "interrupted; its samples are kept in b-2"]
    assert (done.ended, done.usd) == (Ended.INTERRUPTED, 2.0)


def test_rounds_may_follow_each_other_sooner_than_looks() -> None:
    world = World()
    rhythm = Rhythm(every=timedelta(seconds=90), length=timedelta(minutes=5))
    watched(world, rhythm=rhythm)
    assert [minute for minute, *_ in world.measured] == [0, 2, 4]


def test_a_rollback_that_was_interrupted_is_the_end() -> None:
    change = Change(run="r-1", status=RunStatus.PARTIAL, plan=None, interrupted=True)
    done = watched(World(verdicts=[Verdict.FAIL], end=replace(ROLLED_BACK, change=change)))
    assert (done.ended, len(done.rounds), done.exit_code) == (Ended.INTERRUPTED, 1, 130)


def test_what_passes_is_told_and_what_does_not_ends_the_watch() -> None:
    world = World(verdicts=[AwsThrottled("slow down", where="bedrock")])
    done = watched(world, length=5)
    assert [(one.comparison, one.problem) for one in done.rounds] == [(None, "bedrock: slow down")]
    for verdicts, once in (([AwsDenied("no")], False), ([AwsThrottled("slow down")], True)):
        with pytest.raises(MangaopsError):
            watched(World(verdicts=verdicts), once=once)


def test_what_breaks_a_watch_off_does_not_cost_the_rounds_that_stand() -> None:
    for verdict, code in ((Verdict.FAIL, 3), (Verdict.PASS, 1)):
        world = World(verdicts=[verdict, AwsDenied("you may not", hint="ask")])
        done = watched(world)
        assert (len(done.rounds), done.ended, done.exit_code) == (1, Ended.BROKEN, code)
        assert done.notes[-1] == "you may not: ask"


def test_when_the_next_round_begins_is_told_as_long_as_there_is_one() -> None:
    world = World()
    watched(world)
    told = [one for one in world.said if "next round" in one]
    assert told == [
        f"recommendation: next round at {at}" for at in ("05:15:00", "05:30:00", "05:45:00")
    ]


def test_a_table_that_does_not_answer_for_a_while_is_looked_at_again() -> None:
    def table(minute: float) -> Sequence[Activation]:
        if minute < 2:
            raise AwsThrottled("slow down")
        return [activated(-1)]

    world = World(table=table)
    watched(world, length=10)
    assert [minute for minute, *_ in world.measured] == [2]
    assert world.said == ["the prompt table could not be read: slow down"] * 2


@pytest.mark.parametrize(
    ("one", "note"),
    [
        (
            replace(activated(-1), before=None, why="v2.1 is the only version"),
            "recommendation v2.1: v2.1 is the only version",
        ),
        (replace(activated(-1), version=None, why="2 are active"), "2 are active"),
        (
            replace(activated(-1), activated_at=None),
            "when recommendation v2.1 was activated is not known",
        ),
    ],
)
def test_what_cannot_be_measured_is_said_once(one: Activation, note: str) -> None:
    world = World(table=lambda _: [one])
    done = watched(world, length=5)
    assert note in world.said
    assert len(world.said) == len(set(world.said))
    assert (done.rounds, done.exit_code) == ((), ExitCode.DONE)
