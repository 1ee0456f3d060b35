import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaops.errors import InputError, Refused
from mangaops.model.plan import Draft, Plan, Reason, Risk
from mangaops.remedy.plans import plan_file
from mangaops.remedy.plans.planner import plan_of
from support.fake_world import NOW, SITE, plan, step

WANTED = ["schema", "digest", "expires", "reason", "risk", "steps", "conflicts", "permissions"]
PLAN = plan(step(1, "a", {"x": 1, "list": ("p", "q")}, {"x": 2.5}, arguments={"deep": {"n": None}}))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("aé\ud800z"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("xyz"), inner, max_size=2),
    max_leaves=4,
)
STATES = st.dictionaries(st.text("xyz_", min_size=1), VALUES, max_size=3)


def altered(**changes: object) -> str:
    return json.dumps({**plan_file.to_document(PLAN), **changes})


def test_the_document_has_the_keys_of_the_contract_in_its_order() -> None:
    document = plan_file.to_document(PLAN)
    assert list(document)[: len(WANTED) + 1] == [*WANTED, "aws_cli"]
    assert document["schema"] == "mangaops.plan/1"
    assert document["expires"] == "2026-11-21T11:15:00Z"
    assert document["steps"] == [
        {
            "number": 1,
            "action": "fake.fields",
            "target": "a",
            "before": {"x": 1, "list": ["p", "q"]},
            "after": {"x": 2.5},
            "undo": "exact",
            "summary": "sets a",
            "arguments": {"deep": {"n": None}},
            "not_previewed": "",
        }
    ]


@given(STATES, STATES)
def test_a_plan_comes_back_from_its_file_as_it_was(before: dict, after: dict) -> None:
    made = plan(step(1, "a", before, after))
    read = plan_file.from_text(plan_file.to_text(made), "p.json")
    assert read == made
    assert plan_file.digest(read) == plan_file.digest(made)


def test_a_plan_is_of_whole_seconds_and_lives_fifteen_minutes() -> None:
    made = plan_of(
        Draft(title="t", confirm="c", risk=Risk.MILD, steps=PLAN.steps),
        plan_id="p",
        remedy="r",
        arguments="r",
        site=SITE,
        reason=Reason(text=""),
        now=NOW + timedelta(microseconds=7),
    )
    assert (made.made, made.expires) == (NOW, NOW + timedelta(minutes=15))


YOUNGER = {"watched"}
"""Keys that plans of earlier versions lack."""
NEEDED = [key for key in plan_file.to_document(PLAN) if key not in {"schema", *YOUNGER}]


@pytest.mark.parametrize("key", NEEDED)
def test_every_key_is_needed_and_its_type_is_checked(key: str) -> None:
    document = dict(plan_file.to_document(PLAN))
    wrong = {**document, key: object}
    wrong[key] = [1] if not isinstance(document[key], list) else "no list"
    with pytest.raises(InputError):
        plan_file.from_text(json.dumps(wrong), "p.json")
    del document[key]
    with pytest.raises(InputError, match=f"`{key}` is missing") as caught:
        plan_file.from_text(json.dumps(document), "p.json")
    assert caught.value.where.startswith("p.json")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "no plan file"),
        ("[]", "not an object"),
        ("{}", "schema is not"),
        ('{"schema": "mangaops.diagnosis/1"}', "schema is not"),
        ('{"schema": "mangaops.plan/2"}', "another version"),
        ('{"schema": "mangaops.plan/1", "schema": "mangaops.plan/1"}', "twice"),
        ('{"schema": NaN}', "no number"),
        ('{"schema": 1e999}', "no number"),
        (altered(stesp=1), "unknown key `stesp`, did you mean"),
        (altered(risk="mild"), "altered after it was made"),
        (altered(risk="small"), "small"),
        (altered(settle_seconds=-1), "between 0"),
        (altered(steps=[]), "something in it"),
        (altered(cost_per_hour="1"), "number or null"),
        (altered(cost_per_hour=10**300), "no cost"),
        (altered(cost_per_hour=10**400), "too large a number"),
        (altered(expires="2026-11-21 12:00"), "an instant such as"),
        (altered(digest="0" * 64), "altered after it was made"),
        ("[" * 100_000, "no plan file"),
    ],
)
def test_a_wrong_file_is_refused_with_what_is_wrong(text: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        plan_file.from_text(text, "p.json")
    assert caught.value.where.startswith("p.json")
    assert caught.value.hint


def test_every_value_is_under_the_digest() -> None:
    draft = PLAN.draft
    others = [
        replace(PLAN, id="p-2"),
        replace(PLAN, undoes="r-1"),
        replace(PLAN, site=replace(SITE, protected=True)),
        replace(PLAN, expires=PLAN.expires + timedelta(seconds=1)),
        replace(PLAN, draft=replace(draft, confirm="x")),
        replace(PLAN, draft=replace(draft, cost_per_hour=0.0)),
        replace(PLAN, draft=replace(draft, settle=timedelta(seconds=1))),
        replace(PLAN, draft=replace(draft, steps=(replace(PLAN.steps[0], before={"x": 1}),))),
    ]
    digests = {plan_file.digest(one) for one in [PLAN, *others]}
    assert len(digests) == len(others) + 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("URL", "redis://me:hunter2@cache"),
        ("nested", {"apiToken": "abc"}),
        ("list", ["AKIAABCDEFGHIJKLMNOP"]),
    ],
)
def test_a_plan_never_holds_a_secret(name: str, value: object) -> None:
    with pytest.raises(InputError, match=f"`{name}` looks like a secret"):
        plan(step(1, "a", {name: None}, {name: value}))


def test_a_secret_in_running_text_is_taken_out_of_a_plan() -> None:
    key = "AKIAABCDEFGHIJKLMNOP"
    draft = Draft(
        title=f"set x ({key})",
        confirm="c",
        risk=Risk.MILD,
        steps=(replace(PLAN.steps[0], summary=key, not_previewed=key),),
        reach=(key,),
        conflicts=(key,),
        notes=(key,),
    )
    made = plan_of(
        draft,
        plan_id="p",
        remedy="r",
        arguments=f"r --about {key}",
        site=SITE,
        reason=Reason(text="DB_PASSWORD=reasonsecret1 is wrong"),
        now=NOW,
    )
    assert key not in plan_file.to_text(made)
    assert made.reason.text == "DB_PASSWORD=[redacted] is wrong"


@pytest.mark.parametrize("value", ["sha256:00ff", 5, None])
def test_a_token_in_the_name_of_a_field_is_a_secret_and_not_told(value: object) -> None:
    name = "session:eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxw"
    with pytest.raises(InputError) as caught:
        plan(step(1, "a", {name: value}, {name: None}))
    assert caught.value.what.startswith("`session:[redacted]` looks like a secret")


def test_a_secret_looking_field_may_be_absent_a_number_or_a_digest() -> None:
    before = {"token": None, "answers:key": "sha256:00ff"}
    assert isinstance(plan(step(1, "a", before, {"token": 5})), Plan)


def test_no_plan_is_made_for_an_unknown_account() -> None:
    with pytest.raises(Refused, match="account that is not known"):
        plan_of(
            PLAN.draft,
            plan_id="p",
            remedy="r",
            arguments="r",
            site=replace(SITE, account=""),
            reason=Reason(text=""),
            now=NOW,
        )
