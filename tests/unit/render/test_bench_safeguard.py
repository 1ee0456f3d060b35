"""How the safeguard, a watch and a stage look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mangaops.bench.comparing.comparison import (
    ArmSummary,
    Comparison,
    Doubt,
    Reason,
    Verdict,
)
from mangaops.bench.guarding.rollout import Quality, Stage, next_step
from mangaops.bench.guarding.safeguard import Condition, End, Hold, Missing, RollBack, reason
from mangaops.bench.guarding.watching import Ended, Round, Watched
from mangaops.model.change import Change, RunStatus
from mangaops.render.bench_rollout import (
    Rollout,
    rollout_document,
    rollout_markdown,
    rollout_text,
)
from mangaops.render.bench_safeguard import (
    safeguard_document,
    safeguard_markdown,
    safeguard_text,
)
from mangaops.render.bench_watch import round_line, watch_document, watch_markdown, watch_text

AT = datetime(2026, 1, 7, 5, 0, tzinfo=UTC)
SUFFIX = " --env prod"
SLOWER = Comparison(
    intent="recommendation",
    verdict=Verdict.FAIL,
    baseline=ArmSummary(version="v2.0", samples=100, failures=0, p95_ms=2410),
    candidate=ArmSummary(version="v2.1", samples=100, failures=0, p95_ms=3904),
    severity="SEV-1",
    ratio=1.62,
    low=1.41,
    high=1.9,
)
UNSURE = replace(SLOWER, verdict=Verdict.INCONCLUSIVE, severity=None, ratio=1.1, low=0.9, high=1.3)
HELD = End(
    decision=Hold(
        intent="recommendation",
        missing=(
            Missing(condition=Condition.SEVERITY, text="SEV-2: only SEV-1 is rolled back"),
            Missing(condition=Condition.WANTED, text="--auto-rollback was not given"),
        ),
        command="rollback-prompt recommendation --to v2.0",
    )
)
DECIDED = RollBack(intent="recommendation", now="v2.1", then="v2.0", reason=reason(SLOWER, ["b-1"]))
VERIFIED = Change(run="r-1", status=RunStatus.VERIFIED, plan=None, undoable=True, seconds=1.2)
BACK = End(decision=DECIDED, change=VERIFIED)
DENIED = End(decision=DECIDED, failed="dynamodb:TransactWriteItems: denied", hint="ask")
REFUSED = End(decision=DECIDED, refused="run r-2 is changing it", hint="wait for it")

HELD_TEXT = """\
NOT ROLLED BACK  recommendation
  - SEV-2: only SEV-1 is rolled back
  - --auto-rollback was not given
by hand: mangaops rollback-prompt recommendation --to v2.0 --env prod
"""
BACK_TEXT = """\
ROLLED BACK  recommendation: v2.1 -> v2.0
  - approved beforehand by --auto-rollback: SEV-1, p95 of recommendation v2.1 is
    1.62 times that of v2.0 (95 % limits 1.41 to 1.90); benchmark run b-1
VERIFIED  (1.2 s)

undo: mangaops undo r-1 --env prod
run   r-1
"""
REFUSED_TEXT = """\
ROLLBACK REFUSED  recommendation: v2.1 -> v2.0
  - approved beforehand by --auto-rollback: SEV-1, p95 of recommendation v2.1 is
    1.62 times that of v2.0 (95 % limits 1.41 to 1.90); benchmark run b-1
  - run r-2 is changing it
by hand: mangaops rollback-prompt recommendation --to v2.0 --env prod
next: wait for it
"""


@pytest.mark.parametrize(
    ("end", "text"),
    [(HELD, HELD_TEXT), (BACK, BACK_TEXT), (REFUSED, REFUSED_TEXT)],
    ids=["held", "rolled-back", "refused"],
)
def test_the_safeguard_says_what_it_did_and_what_to_type(end: End, text: str) -> None:
    assert safeguard_text([end], suffix=SUFFIX) == text


def test_a_rollback_that_is_not_verified_does_not_look_like_one() -> None:
    end = replace(BACK, change=replace(VERIFIED, status=RunStatus.UNVERIFIED))
    text = safeguard_text([end])
    assert text.startswith("ROLLED BACK, NOT VERIFIED  recommendation: v2.1 -> v2.0\n")
    (document,) = safeguard_document([end])
    assert isinstance(document, dict)
    assert (document["outcome"], document["exit_code"]) == ("not_verified", 6)


def test_a_rollback_that_failed_is_told_with_the_command_by_hand() -> None:
    assert safeguard_text([DENIED], suffix=SUFFIX).splitlines()[0].startswith("NOT ROLLED BACK  ")
    told = safeguard_text([DENIED], suffix=SUFFIX)
    assert "  - dynamodb:TransactWriteItems: denied\nby hand: mangaops rollback-prompt" in told
    (document,) = safeguard_document([DENIED], suffix=SUFFIX)
    assert isinstance(document, dict)
    assert (document["outcome"], document["exit_code"]) == ("failed", 3)


def test_the_document_tells_conditions_by_stable_names() -> None:
    assert safeguard_document([HELD], suffix=SUFFIX) == [
        {
            "intent": "recommendation",
            "outcome": "held",
            "from": None,
            "to": None,
            "reason": "",
            "missing": [
                {"condition": "severity", "text": "SEV-2: only SEV-1 is rolled back"},
                {"condition": "wanted", "text": "--auto-rollback was not given"},
            ],
            "refused": None,
            "failed": None,
            "hint": None,
            "command": "mangaops rollback-prompt recommendation --to v2.0 --env prod",
            "change": None,
            "exit_code": 3,
        }
    ]


def test_markdown_has_the_way_back() -> None:
    assert safeguard_markdown([BACK], suffix=SUFFIX) == (
        "**Rolled back**: recommendation: v2.1 -\\> v2.0\n"
        "\n"
        f"- {DECIDED.reason}\n"
        "- verified, run `r-1`; back again: `mangaops undo r-1 --env prod`\n"
    )


def a_round(minute: int, comparison: Comparison | None, run: str = "") -> Round:
    return Round(
        at=AT + timedelta(minutes=minute),
        intent="recommendation",
        baseline="v2.0",
        candidate="v2.1",
        run=run,
        comparison=comparison,
        usd=0.42 if comparison else None,
        problem="" if comparison else "bedrock: slow down",
    )


ROUNDS = (
    a_round(0, UNSURE, "b-1"),
    a_round(15, None),
    replace(a_round(30, SLOWER, "b-3"), end=HELD),
)
WATCHED = Watched(
    rounds=ROUNDS,
    ended=Ended.TIME,
    started_at=AT,
    ended_at=AT + timedelta(hours=1),
    notes=("faq v2: nothing was active before",),
)
WATCH_TEXT = f"""\
FAIL  3 rounds in 1h, $0.84; time is over
  - faq v2: nothing was active before

05:00:00  recommendation  v2.0 -> v2.1
          INCONCLUSIVE  p95 2.41 s -> 3.90 s  +10 % (-10 % to +30 %)
          200 samples so far, this round $0.42, run b-1

05:15:00  recommendation  v2.0 -> v2.1
          bedrock: slow down

05:30:00  recommendation  v2.0 -> v2.1
          FAIL  p95 2.41 s -> 3.90 s  +62 % (+41 % to +90 %)  SEV-1
          200 samples so far, this round $0.42, run b-3

{HELD_TEXT}
its last round alone: mangaops bench compare b-3 --env prod
"""


def test_a_round_is_a_line_and_a_watch_all_of_them() -> None:
    assert [*map(round_line, ROUNDS)] == [
        "05:00:00 recommendation v2.0 -> v2.1  INCONCLUSIVE  +10 % (-10 % to +30 %)  $0.42",
        "05:15:00 recommendation v2.0 -> v2.1  bedrock: slow down",
        "05:30:00 recommendation v2.0 -> v2.1  FAIL  +62 % (+41 % to +90 %)  SEV-1  $0.42",
    ]
    assert watch_text(WATCHED, suffix=SUFFIX) == WATCH_TEXT


def test_what_may_be_chance_among_so_many_rounds_is_said() -> None:
    text = "p = 0.03, and 0.0125 would tell"
    unsure = replace(UNSURE, reasons=(Reason(doubt=Doubt.SEVERAL_ROUNDS, text=text, decides=True),))
    assert f"          {text}\n" in watch_text(replace(WATCHED, rounds=(a_round(0, unsure),)))


def test_what_was_held_back_is_told_once_an_intent_and_what_was_done_each_time() -> None:
    for ends, held, done in (((HELD, HELD), 1, 0), ((HELD, BACK), 0, 1), ((BACK, HELD), 1, 1)):
        rounds = tuple(replace(a_round(n, SLOWER), end=end) for n, end in enumerate(ends))
        text = watch_text(replace(WATCHED, rounds=rounds), suffix=SUFFIX)
        counted = text.count("--auto-rollback was not given"), text.count("\nROLLED BACK  ")
        assert counted == (held, done)


def test_a_watch_without_an_activation_says_that_nothing_was_measured() -> None:
    note = "no prompt was activated within the last 1h"
    idle = replace(WATCHED, rounds=(), notes=(note,))
    assert watch_text(idle) == f"NOTHING MEASURED  0 rounds in 1h, $0; time is over\n  - {note}\n"
    assert "|" not in watch_markdown(idle)


def test_the_document_and_the_table_of_a_watch_have_every_round() -> None:
    document = watch_document(WATCHED)
    rounds, ends = document["rounds"], document["safeguard"]
    assert isinstance(rounds, list)
    assert isinstance(ends, list)
    assert (document["schema"], document["exit_code"]) == ("mangaops.bench-watch/1", 3)
    assert (document["ended"], document["usd"], len(rounds), len(ends)) == ("time", 0.84, 3, 1)
    row = (
        r"| 05:30:00 | recommendation | v2.0 -\> v2.1 | FAIL SEV-1 | +62 % (+41 % to +90 %) | b-3 |"
    )
    assert row in watch_markdown(WATCHED).splitlines()


FINE = replace(SLOWER, verdict=Verdict.PASS, severity=None, ratio=1.02, low=0.97, high=1.08)
HOURS = timedelta(hours=3)


def stage(stage: Stage, comparison: Comparison | None, quality: Quality, command: str) -> Rollout:
    return Rollout(
        intent="recommendation",
        stage=stage,
        step=next_step(stage, comparison, quality, HOURS),
        quality=quality,
        comparison=comparison,
        runs=("b-1",) if comparison else (),
        held_for=HOURS,
        command=command,
    )


SHARE = "set-parameter /mangaassist/prompts/candidate_share"
PROMOTED = """\
PROMOTE to full (100 %)  recommendation, canary (25 %), served for 3h
  latency and quality pass, and the stage was served
  latency PASS: v2.0 -> v2.1, p95 2.41 s -> 3.90 s  +2 % (95 %: -3 % to +8 %)
  200 samples of b-1
  quality pass
next: mangaops set-parameter /mangaassist/prompts/candidate_share 100 --env prod
"""
HOLDING = """\
HOLD  recommendation, shadow (5 %), served for 3h
  not all is known that shadow must show
  quality unknown
  - needs samples of this stage, none are stored: mangaops bench run WORKLOAD
    --baseline V --candidate V
  - needs a verdict on its quality: --quality pass or fail
  - needs time: 21h more of 1d
"""


@pytest.mark.parametrize(
    ("one", "text", "code"),
    [
        (stage(Stage.CANARY, FINE, Quality.PASS, f"{SHARE} 100"), PROMOTED, 0),
        (stage(Stage.SHADOW, None, Quality.UNKNOWN, ""), HOLDING, 4),
    ],
    ids=["promote", "hold"],
)
def test_a_stage_says_what_is_next_or_what_it_needs(one: Rollout, text: str, code: int) -> None:
    assert (rollout_text(one, suffix=SUFFIX), one.exit_code) == (text, code)


@pytest.mark.parametrize(
    ("where", "quality", "word", "then"),
    [
        (Stage.CANARY, Quality.PASS, "ROLL BACK", "the previous version serves all"),
        (Stage.SHADOW, Quality.PASS, "OPTIMISE", "back to optimising"),
        (Stage.SHADOW, Quality.FAIL, "REJECT", "rejected"),
    ],
    ids=["canary", "shadow", "quality"],
)
def test_what_does_not_go_on_says_where_to(
    where: Stage, quality: Quality, word: str, then: str
) -> None:
    one = stage(where, SLOWER, quality, f"{SHARE} 0")
    step = rollout_document(one)["step"]
    assert isinstance(step, dict)
    assert (step["do"], step["then"], one.exit_code) == ("roll_back", then, 3)
    assert rollout_text(one).startswith(f"{word}  recommendation, ")
    lines = rollout_markdown(one, suffix=SUFFIX).splitlines()
    assert lines[0].startswith(f"**{word}**: recommendation, ")
    assert lines[-1] == f"- next: `mangaops {SHARE} 0 --env prod`"
