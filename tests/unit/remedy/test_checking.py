import re
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pkgutil import walk_packages

import pytest

from mangaops.errors import Expired, Refused
from mangaops.model.plan import Plan, Risk
from mangaops.remedy import actions
from mangaops.remedy.plans.checking import refuse_expired, refuse_given
from mangaops.remedy.plans.risks import LEAST, MANY_KEYS, least_risk
from support.fake_world import NOW, SITE, plan, step

PREFIX = f"{actions.__name__}."
ACTION = re.compile(r"[a-z]+\.[a-z_]+")
ENVIRONMENT = step(1, "c/s", {"A": "1"}, {"A": "2"}, action="ecs.environment")
PLAN = plan(ENVIRONMENT, risk=Risk.SEVERE)


def keys(count: int, **other: object) -> Plan:
    held = {f"k{number}": "sha256:00" for number in range(count)}
    return plan(step(1, "cache", held, dict.fromkeys(held), action="cache.keys", **other))


def test_a_plan_of_this_place_and_of_its_own_risk_may_be_given() -> None:
    refuse_given(PLAN, SITE)
    refuse_given(keys(MANY_KEYS), SITE)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (replace(PLAN, draft=replace(PLAN.draft, risk=Risk.MILD)), "mild risk, and its steps are"),
        (keys(MANY_KEYS + 1), "moderate risk, and its steps are severe"),
        (replace(PLAN, undoes="r-0000"), "takes no run back"),
        (replace(PLAN, site=replace(SITE, name="dev")), "environment dev, not prod"),
        (replace(PLAN, site=replace(SITE, account="9")), "account 9, not 123456789012"),
    ],
)
def test_a_plan_file_does_not_decide_how_much_approval_it_needs(given: Plan, what: str) -> None:
    with pytest.raises(Refused, match=what) as caught:
        refuse_given(given, SITE)
    assert caught.value.hint


def test_a_plan_of_an_unprotected_environment_is_refused_by_a_protected_one() -> None:
    with pytest.raises(Refused, match="was not protected, and prod is"):
        refuse_given(PLAN, replace(SITE, protected=True))


def test_every_action_has_its_least_risk() -> None:
    modules = [import_module(one.name) for one in walk_packages(actions.__path__, PREFIX)]
    names = {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and ACTION.fullmatch(value)
    }
    assert names == set(LEAST)


def test_a_step_that_nobody_knows_is_severe() -> None:
    assert least_risk([step(1, "a", {}, {})]) is Risk.SEVERE
    assert least_risk([]) is Risk.MILD


def test_a_plan_does_not_choose_how_long_it_lives() -> None:
    refuse_expired(PLAN, NOW)
    refuse_expired(PLAN, NOW - timedelta(minutes=1))
    with pytest.raises(Expired):
        refuse_expired(PLAN, PLAN.expires)
    with pytest.raises(Refused, match="made in the future, at 2026-11-21T11:00:00Z"):
        refuse_expired(PLAN, NOW - timedelta(seconds=61))
    with pytest.raises(Refused, match="no plan lives so long"):
        refuse_expired(replace(PLAN, expires=PLAN.expires + timedelta(seconds=1)), NOW)
