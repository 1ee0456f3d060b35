from dataclasses import dataclass, field

import pytest

from mangaops.errors import Refused
from mangaops.model.change import Approval
from mangaops.model.plan import Plan, Risk
from mangaops.remedy.plans.approval import Need, Tier, approve, needed
from support.fake_world import NOW, plan, step

STEP = step(1, "a", {"x": 1}, {"x": 2})
MILD, MODERATE, SEVERE = (plan(STEP, risk=risk) for risk in Risk)
PROTECTED = plan(STEP, risk=Risk.MILD, protected=True)


@dataclass
class Person:
    says: str
    asked: list[str] = field(default_factory=list)

    def yes_or_no(self, question: str) -> bool:
        self.asked.append(question)
        return self.says == "yes"

    def typed(self, question: str) -> str:
        self.asked.append(question)
        return self.says


def how(
    plan: Plan, *, confirm: str | None = None, yes: bool = False, ask: Person | None = None
) -> str:
    given = approve(plan, "d", confirm=confirm, yes=yes, ask=ask, operator="ana", now=NOW)
    assert given == Approval(digest="d", operator="ana", at=NOW, how=given.how)
    return given.how


def test_the_risk_and_a_protected_environment_decide_what_is_needed() -> None:
    assert [needed(one).tier for one in (MILD, MODERATE, SEVERE, PROTECTED)] == [
        Tier.NOTHING,
        Tier.YES,
        Tier.NAME,
        Tier.NAME,
    ]
    assert needed(SEVERE) == Need(tier=Tier.NAME, name="orchestrator")
    assert needed(SEVERE).flag == "--confirm orchestrator"


@pytest.mark.parametrize("one", [MILD, MODERATE, SEVERE, PROTECTED])
def test_the_right_name_answers_every_tier_and_a_wrong_one_none(one: Plan) -> None:
    assert how(one, confirm="orchestrator") == "confirm-flag"
    for wrong in ("other", "", "orchestrator "):
        with pytest.raises(Refused, match="is not what the plan changes"):
            how(one, confirm=wrong, yes=True)


def test_a_harmless_plan_needs_no_answer() -> None:
    assert how(MILD) == "mild"
    assert how(MILD, yes=True) == "mild"


def test_a_yes_is_enough_for_a_moderate_plan() -> None:
    person = Person("yes")
    assert (how(MODERATE, yes=True), how(MODERATE, ask=person)) == ("yes-flag", "yes")
    assert person.asked == ["Apply?"]
    with pytest.raises(Refused, match="declined"):
        how(MODERATE, ask=Person("no"))


@pytest.mark.parametrize("one", [SEVERE, PROTECTED])
def test_a_severe_or_protected_change_asks_for_the_name(one: Plan) -> None:
    person = Person("orchestrator\n")
    assert how(one, ask=person) == "typed"
    assert person.asked == ["Type orchestrator to apply, or Ctrl-C"]
    with pytest.raises(Refused, match="`yes` is not what"):
        how(one, ask=Person("yes"))
    with pytest.raises(Refused, match="--yes is not enough") as caught:
        how(one, yes=True, ask=Person("orchestrator"))
    assert caught.value.hint == "pass --confirm orchestrator"


def test_without_a_terminal_the_refusal_names_the_flag() -> None:
    for one, flag in ((MODERATE, "--yes"), (SEVERE, "--confirm orchestrator")):
        with pytest.raises(Refused, match="no terminal") as caught:
            how(one)
        assert caught.value.hint == f"pass {flag}"
