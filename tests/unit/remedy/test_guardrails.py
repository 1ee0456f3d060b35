from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mangaops.errors import Refused
from mangaops.model.settings import Freeze, Guardrails
from mangaops.remedy.action import Touches
from mangaops.remedy.plans.guardrails import Violation, refuse, violations
from support.fake_world import NOW, SITE, plan, step

PLAN = plan(step(1, "a", {"x": 1}, {"x": 2}))
TOKYO_WEEKEND = Freeze(
    reason="weekend", opens=4 * 1440 + 18 * 60, closes=8 * 60, timezone="Asia/Tokyo"
)


@pytest.mark.parametrize(
    ("touches", "guardrails", "rule", "what"),
    [
        (Touches(tasks=65), Guardrails(), "most_tasks", "65 tasks are more than 64"),
        (Touches(ocu=96), Guardrails(), "most_ocu", "96 OCU are more than 64"),
        (Touches(keys=10_001), Guardrails(), "most_keys", "10,001 keys are more than 10,000"),
        (
            Touches(parameters=("/other/x",)),
            Guardrails(parameters=("/mangaassist/*",)),
            "parameters",
            "/other/x is not one of /mangaassist/*",
        ),
        (
            Touches(variables=("CHUNK_SIZE", "LOG_LEVEL")),
            Guardrails(variables=("CHUNK_*",)),
            "variables",
            "LOG_LEVEL is not one of CHUNK_*",
        ),
        (
            Touches(),
            Guardrails(accounts=("1", "2")),
            "accounts",
            "account 123456789012 is not one of 1, 2",
        ),
        (
            Touches(),
            Guardrails(freeze=(Freeze(reason="release", start=NOW, end=NOW.replace(hour=12)),)),
            "freeze",
            "release, until 2026-11-21T12:00:00Z",
        ),
    ],
)
def test_a_broken_rule_is_named_with_its_limit(
    touches: Touches, guardrails: Guardrails, rule: str, what: str
) -> None:
    broken = violations(PLAN, [touches], guardrails, SITE, NOW)
    assert [(one.rule, one.what) for one in broken] == [(rule, what)]
    with pytest.raises(Refused, match=f"guardrail {rule}: ") as caught:
        refuse(broken)
    ways = {"freeze": "wait until 2026-11-21T12:00:00Z", "accounts": "use another account"}
    way = ways.get(rule, "plan less")
    assert caught.value.hint == f"{way}, or change {rule} in mangaops.yaml"


def test_a_freeze_without_an_end_cannot_be_waited_for() -> None:
    frozen = Guardrails(freeze=(Freeze(reason="release", start=NOW),), most_tasks=1)
    with pytest.raises(Refused) as caught:
        refuse(violations(PLAN, [Touches()], frozen, SITE, NOW))
    assert caught.value.hint == "change freeze in mangaops.yaml"
    with pytest.raises(Refused) as caught:
        refuse(violations(PLAN, [Touches(tasks=2)], frozen, SITE, NOW))
    assert caught.value.hint == "plan less, or change most_tasks, freeze in mangaops.yaml"


def test_what_keeps_every_limit_is_allowed() -> None:
    touches = [Touches(tasks=64, ocu=64, keys=5000), Touches(keys=5000, variables=("A",))]
    assert violations(PLAN, touches, Guardrails(), SITE, NOW) == ()
    refuse(())


def test_keys_of_all_steps_count_together() -> None:
    touches = [Touches(keys=6000), Touches(keys=6000)]
    assert [v.rule for v in violations(PLAN, touches, Guardrails(), SITE, NOW)] == ["most_keys"]


def test_an_undo_is_only_asked_whose_account_it_changes() -> None:
    freeze = Freeze(reason="always", start=NOW)
    guardrails = Guardrails(most_tasks=1, freeze=(freeze,), accounts=())
    undo = replace(PLAN, undoes="r-1")
    broken = violations(undo, [Touches(tasks=9)], guardrails, SITE, NOW)
    assert [v.rule for v in broken] == ["accounts"]


@pytest.mark.parametrize(
    ("now", "frozen"),
    [
        (datetime(2026, 11, 20, 8, 59, tzinfo=UTC), False),  # Friday 17:59 in Tokyo
        (datetime(2026, 11, 20, 9, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 22, 12, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 22, 22, 59, tzinfo=UTC), True),  # Monday 07:59 in Tokyo
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), False),
    ],
)
def test_a_weekly_freeze_is_in_its_own_time_zone_and_goes_over_the_weekend(
    now: datetime, frozen: bool
) -> None:
    broken = violations(PLAN, [], Guardrails(freeze=(TOKYO_WEEKEND,)), SITE, now)
    until = "until Mon 08:00 Asia/Tokyo"
    expected = (Violation(rule="freeze", what=f"weekend, {until}", instead=f"wait {until}"),)
    assert broken == (expected if frozen else ())
