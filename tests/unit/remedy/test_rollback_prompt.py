from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mangaops.errors import Drifted, InputError, Refused
from mangaops.model.plan import Difference, Draft, NothingToDo, Standing, Step, compare
from mangaops.model.request import RollbackPrompt
from mangaops.model.resources import PromptVersion
from mangaops.model.settings import Environment
from mangaops.remedy.action import Progress
from mangaops.remedy.actions.prompts.rollback_prompt import ACTIVE, RollbackPromptRemedy
from support.plain_pen import PlainPen
from support.small_services import PROMPTS, PromptTable

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


def row(
    version: str, *, active: bool = False, hours: float | None = None, intent: str = "faq"
) -> PromptVersion:
    """A version that was activated so many hours ago, or nobody knows when."""
    return PromptVersion(
        intent=intent,
        version=version,
        active=active,
        prompt_tokens={"v2.1": 1200}.get(version, 420),
        max_output_tokens=300,
        activated_at=None if hours is None else NOW - timedelta(hours=hours),
    )


def faq(*more: PromptVersion) -> PromptTable:
    return PromptTable(
        row("v1.9", hours=900), row("v2.0", hours=90), row("v2.1", active=True, hours=1), *more
    )


def remedy(table: PromptTable) -> RollbackPromptRemedy:
    environment = Environment(region="ap-northeast-1")
    return RollbackPromptRemedy(prompts=table, environment=environment, clock=lambda: NOW)


def drafted(table: PromptTable, intent: str = "faq", to: str = "") -> Draft:
    draft = remedy(table).draft(RollbackPrompt(intent=intent, to=to))
    assert isinstance(draft, Draft)
    return draft


def step_of(draft: Draft) -> Step:
    (step,) = draft.steps
    return step


def test_the_version_that_was_active_before_becomes_active_again() -> None:
    draft = drafted(faq(row("v3.0-draft")))
    step = step_of(draft)
    assert (draft.confirm, step.action, step.target) == ("faq", ACTIVE, f"{PROMPTS}/faq")
    assert (step.before, step.after) == (
        {"active": "v2.1", "inactive": "v2.0"},
        {"active": "v2.0", "inactive": "v2.1"},
    )
    assert draft.reach[-1] == "prompt_tokens: 1,200 in v2.1, 420 in v2.0"
    assert draft.permissions == ("dynamodb:UpdateItem",)


def test_a_version_that_was_activated_after_the_active_one_is_not_the_one_before() -> None:
    table = faq(row("v2.2", hours=0.5))
    assert step_of(drafted(table)).after["active"] == "v2.0"
    assert step_of(drafted(table, to="v2.2")).after["active"] == "v2.2"


def test_without_an_intent_the_only_one_activated_lately_is_taken_and_told() -> None:
    draft = drafted(faq(row("v9", active=True, hours=3, intent="greeting")), intent="")
    assert draft.confirm == "faq"
    assert draft.notes[0] == (
        "chosen: faq is the only prompt activated within 2h (v2.1, 1h ago); "
        "v2.0 was active before (activated 2026-11-17T17:00:00Z)"
    )


def test_of_several_activated_lately_one_has_to_be_named() -> None:
    with pytest.raises(InputError) as caught:
        drafted(faq(row("v9", active=True, hours=0.1, intent="greeting")), intent="")
    assert caught.value.what == "2 prompts were activated within the last 2h: faq, greeting"
    assert caught.value.hint == (
        "name one: mangaops rollback-prompt faq or mangaops rollback-prompt greeting"
    )


def test_when_none_was_activated_lately_the_intents_are_named() -> None:
    with pytest.raises(InputError) as caught:
        drafted(PromptTable(row("v1", active=True, hours=50)), intent="")
    assert "there are faq" in caught.value.hint


@pytest.mark.parametrize(
    ("intent", "to", "hint"),
    [
        ("fag", "", 'did you mean "faq"? there are faq'),
        ("faq", "v2", 'did you mean "v2.1"? there are v1.9, v2.0, v2.1'),
        ("faq", "main", "there are v1.9, v2.0, v2.1"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(intent: str, to: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        drafted(faq(), intent=intent, to=to)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("table", "what"),
    [
        (faq(row("v3", active=True, hours=2)), "2 versions of faq are active at once: v2.1, v3"),
        (PromptTable(row("v1"), row("v2")), "no version of faq is active; there are v1, v2"),
        (PromptTable(row("v1", active=True, hours=1)), "v1 is the only version of faq"),
        (
            PromptTable(row("v1"), row("v2", active=True, hours=1)),
            "which version of faq was active before v2 is not known: none is known to be older",
        ),
        (
            PromptTable(row("v1", hours=3), row("v2", active=True)),
            "which version of faq was active before v2 is not known: it has no activated_at",
        ),
    ],
)
def test_a_table_that_is_not_as_it_should_be_is_refused(table: PromptTable, what: str) -> None:
    with pytest.raises(Refused) as caught:
        drafted(table)
    assert caught.value.what == what


def test_the_active_version_needs_no_rollback() -> None:
    answer = remedy(faq()).draft(RollbackPrompt(intent="faq", to="v2.1"))
    assert answer == NothingToDo(
        reason="v2.1 is the active version of faq already", hint="other versions: v1.9, v2.0"
    )


@pytest.mark.parametrize("lost", [False, True])
def test_there_and_back_is_identity_also_when_answers_are_lost(lost: bool) -> None:
    table = faq()
    table.lost = lost
    before, step = list(table.rows), step_of(drafted(table))
    action = remedy(table).actions[ACTIVE]
    for one in (step, step.inverse(1)):
        assert compare(one, action.read(one)).standing is Standing.BEFORE
        action.write(one, PlainPen())
        assert compare(one, action.read(one)).standing is Standing.AFTER
        assert action.settled(one).progress is Progress.REACHED
    assert table.rows == before
    assert table.tokens == ["r-test-1-TransactWriteItems"] * 2


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [one for one in rows if one.version != "v2.0"],
        lambda rows: [replace(one, active=False) for one in rows],
        lambda rows: [replace(one, active=one.version == "v1.9") for one in rows],
    ],
    ids=["target gone", "none active", "another one active"],
)
def test_any_other_state_of_the_versions_is_drift(change: object) -> None:
    table = faq()
    step = step_of(drafted(table))
    table.rows = change(table.rows)  # type: ignore[operator]
    action = remedy(table).actions[ACTIVE]
    assert compare(step, action.read(step)).standing is Standing.OTHER
    with pytest.raises(Drifted):
        action.write(step, PlainPen())


def test_a_second_active_version_is_drift() -> None:
    table = faq()
    step = step_of(drafted(table))
    table.rows.append(row("v3", active=True))
    found = compare(step, remedy(table).actions[ACTIVE].read(step))
    assert found.drift == (Difference(field="active", wanted="v2.1", found=["v2.1", "v3"]),)


def test_two_active_versions_after_a_write_are_a_failure() -> None:
    table = faq()
    step = step_of(drafted(table))
    action = remedy(table).actions[ACTIVE]
    action.write(step, PlainPen())
    table.rows.append(row("v3", active=True))
    settled = action.settled(step)
    assert settled.progress is Progress.FAILED
    assert settled.detail == "2 versions are active: v2.0, v3"
