from __future__ import annotations

import json
import shlex
from dataclasses import replace

import pytest

from mangaops.errors import Drifted, InputError, Refused
from mangaops.model.plan import Draft, NothingToDo, Standing, Step, compare
from mangaops.model.request import SetParameter
from mangaops.model.resources import StoredParameter
from mangaops.model.settings import DEFAULT_RESOURCES, Environment
from mangaops.remedy.action import Progress, Touches
from mangaops.remedy.actions.parameters.set_parameter import VALUE, SetParameterRemedy
from support.plain_pen import PlainPen
from support.small_services import ParameterStore

ROUTER = "/mangaassist/router/complexity_threshold_for_sonnet"
FLASH = "/mangaassist/features/flash_sale_mode"
TTL = "/mangaassist/cache/recommendation_ttl_s"
SHARE = "/mangaassist/prompts/candidate_share"
SONNET = "/mangaassist/models/sonnet"
HERE = Environment(region="ap-northeast-1")


def remedy(store: ParameterStore, place: Environment = HERE) -> SetParameterRemedy:
    return SetParameterRemedy(parameters=store, environment=place)


def answer(
    store: ParameterStore, name: str, value: str, place: Environment = HERE
) -> Draft | NothingToDo:
    return remedy(store, place).draft(SetParameter(name=name, value=value))


def step_of(store: ParameterStore, name: str = ROUTER, value: str = "0.6") -> Step:
    draft = answer(store, name, value)
    assert isinstance(draft, Draft)
    (step,) = draft.steps
    return step


def test_a_parameter_goes_from_the_version_seen_to_a_new_value() -> None:
    store = ParameterStore({"aws:cloudformation:stack-name": "mangaassist"})
    draft = answer(store, ROUTER, "0.6")
    assert isinstance(draft, Draft)
    (step,) = draft.steps
    assert (draft.confirm, step.target) == (ROUTER, ROUTER)
    assert (step.before, step.after) == ({"value": "0.3"}, {"value": "0.6"})
    assert step.arguments == {"version": 4}
    assert draft.conflicts == (
        "will be reverted by the next deploy of stack mangaassist (CloudFormation)",
    )
    assert draft.aws_cli == (
        f"aws ssm put-parameter --name {ROUTER} --value 0.6 --overwrite --region ap-northeast-1",
    )
    assert remedy(store).actions[VALUE].touches(step) == Touches(parameters=(ROUTER,))


def test_an_owner_that_could_not_be_read_is_told() -> None:
    draft = answer(ParameterStore(), ROUTER, "0.6")
    assert isinstance(draft, Draft)
    assert draft.conflicts == ("its tags could not be read (may not): who owns it is not known",)


@pytest.mark.parametrize(("name", "value"), [(ROUTER, "0.3"), (ROUTER, "0.30"), (FLASH, "off")])
def test_a_value_that_is_there_already_is_nothing_to_do(name: str, value: str) -> None:
    assert isinstance(answer(ParameterStore(), name, value), NothingToDo)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        (ROUTER, "1.1", "a number from 0 to 1 is needed"),
        (ROUTER, "nan", "a number from 0 to 1 is needed"),
        (ROUTER, "high", "a number from 0 to 1 is needed"),
        (ROUTER, "0.5_0", "a number from 0 to 1 is needed"),
        (ROUTER, " 0.5 ", "a number from 0 to 1 is needed"),
        (ROUTER, "\u0660.\u0665", "a number from 0 to 1 is needed"),
        (ROUTER, "5e-1", "a number from 0 to 1 is needed"),
        (TTL, "9" * 5000, "a whole number above 0 is needed"),
        (SONNET, "a\x1b[2J", "it has control characters, or bytes that are no UTF-8"),
        (SONNET, "a\udcff", "it has control characters, or bytes that are no UTF-8"),
        (FLASH, "ON", "it is either on or off"),
        (TTL, "0", "a whole number above 0 is needed"),
        (TTL, "1h", "a whole number above 0 is needed"),
        *((SHARE, odd, "a whole number from 0 to 100 is needed") for odd in ("101", "-1", "25%")),
        (SONNET, "two words", "it may hold no blanks"),
        (SONNET, " ", "an empty value cannot be stored"),
        (f"{SONNET}:3", "x", "a parameter's name has letters, digits and _ . / - only"),
    ],
)
def test_a_value_that_the_chatbot_cannot_read_is_wrong_input(
    name: str, value: str, why: str
) -> None:
    with pytest.raises(InputError) as caught:
        answer(ParameterStore(), name, value)
    shown = value.replace("\x1b", r"\x1b").replace("\udcff", r"\udcff")
    assert caught.value.what == f'"{shown}" cannot be the value of {name}: {why}'


@pytest.mark.parametrize("value", ["-x", "file:///x", "fileb:///x", "http://x", "https://x"])
def test_a_value_that_the_aws_cli_would_read_otherwise_is_sent_literally(value: str) -> None:
    store = ParameterStore()
    store.stored["/a/b"] = StoredParameter(name="/a/b", value="y", version=1, modified_at=None)
    draft = answer(store, "/a/b", value)
    assert isinstance(draft, Draft)
    words = shlex.split(draft.aws_cli[0])
    assert words[:4] == ["aws", "ssm", "put-parameter", "--cli-input-json"]
    assert json.loads(words[4]) == {"Name": "/a/b", "Value": value, "Overwrite": True}


def test_an_unknown_parameter_is_never_made() -> None:
    with pytest.raises(InputError) as caught:
        answer(ParameterStore(), "/mangaassist/models/sonet", "x")
    assert caught.value.hint.startswith(f'did you mean "{SONNET}"?')


def test_a_configured_name_that_is_not_there_is_not_suggested_itself() -> None:
    gone = Environment(resources={**DEFAULT_RESOURCES, "router_threshold_parameter": "/no/such"})
    with pytest.raises(InputError) as caught:
        answer(ParameterStore(), "/no/such", "0.5", gone)
    assert caught.value.hint == "correct resources.router_threshold_parameter in mangaops.yaml"


def test_secrets_are_refused() -> None:
    store = ParameterStore()
    secure = StoredParameter(name="/a/b", value=None, version=1, modified_at=None)
    store.stored["/a/b"] = secure
    store.stored["/a/c"] = replace(secure, name="/a/c", value="redis://u:hunter2@cache:6379")
    store.stored["/a/d"] = replace(secure, name="/a/d", value="password: hunter2")
    for name, value in (
        ("/a/b", "x"),
        ("/a/c", "x"),
        ("/a/d", "x: y"),
        ("/app/api_key", "x"),
        (SONNET, "Bearer abcdefghijkl"),
    ):
        with pytest.raises(Refused) as caught:
            answer(store, name, value)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("lost", [False, True])
def test_there_and_back_and_there_again_restores_the_value(lost: bool) -> None:
    store = ParameterStore()
    store.lost = lost
    step = step_of(store)
    action = remedy(store).actions[VALUE]
    back = step.inverse(1)
    for one, value in ((step, "0.6"), (back, "0.3"), (back.inverse(1), "0.6")):
        assert compare(one, action.read(one)).standing is Standing.BEFORE
        action.write(one, PlainPen())
        assert store.stored[ROUTER].value == value
        assert compare(one, action.read(one)).standing is Standing.AFTER
        assert action.settled(one).progress is Progress.REACHED
    assert store.stored[ROUTER].version == 7


def test_a_third_value_is_drift_before_and_after_the_change() -> None:
    store = ParameterStore()
    step = step_of(store)
    store.write(ROUTER, "0.5")
    action = remedy(store).actions[VALUE]
    for one in (step, step.inverse(1)):
        assert compare(one, action.read(one)).standing is Standing.OTHER
    with pytest.raises(Drifted):
        action.write(step, PlainPen())


def test_an_answer_that_was_lost_while_someone_else_wrote_is_drift() -> None:
    store = ParameterStore()
    store.rival = "0.9"
    with pytest.raises(Drifted) as caught:
        remedy(store).actions[VALUE].write(step_of(store), PlainPen())
    assert caught.value.what == (f"{ROUTER} was changed by someone else: it is 0.9 (version 5)")
