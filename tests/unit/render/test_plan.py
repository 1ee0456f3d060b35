"""Plans and changes as they stand on the screen, in JSON, and in a ticket."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shlex import quote

import pytest

from mangaops.model.change import Change, StepOutcome, StepState
from mangaops.model.plan import Plan, Reason
from mangaops.render.change import change_document, change_text
from mangaops.render.json_text import to_json
from mangaops.render.plan import plan_text, summary_words
from mangaops.render.ticket import change_markdown, plan_markdown
from support import plans

GOLDEN = Path(__file__).parent / "golden"
PLANS: dict[str, Plan] = {"plan": plans.PLAN, "plan-many-fields": plans.MANY}
CHANGES: dict[str, Callable[[], Change]] = {
    "change-verified": plans.verified,
    "change-partial": plans.partial,
    "change-interrupted": plans.interrupted,
    "change-dry-run": plans.dry_run,
    "change-refused": plans.refused,
    "change-nothing-to-do": plans.nothing_to_do,
}
APPLY = "mangaops apply /home/ana/.local/state/mangaops/plans/p-12ab.json --env production-tokyo"


def agree(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("MANGAOPS_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_plan_on_a_terminal(name: str, width: int) -> None:
    text = plan_text(PLANS[name], width=width, colour=False, now=plans.NOW, then=APPLY)
    agree(f"{name}-{width}.txt", text)


def test_a_verbose_plan_has_the_shell_lines_and_what_is_counted_on() -> None:
    text = plan_text(plans.PLAN, width=80, colour=False, now=plans.NOW, verbose=True)
    agree("plan-verbose.txt", text)


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_for_a_ticket(name: str) -> None:
    agree(f"{name}.md", plan_markdown(PLANS[name], now=plans.NOW, then=APPLY))


def test_a_command_is_never_broken() -> None:
    text = plan_text(plans.PLAN, width=40, colour=False, now=plans.NOW, then=APPLY)
    assert f"next: {APPLY}\n" in text


def test_a_value_cannot_look_like_a_line_of_ours() -> None:
    """Line breaks and signs that turn the direction of writing are shown as escapes."""
    sly = "a\nVERIFIED line2\u202e"
    step = replace(
        plans.ENVIRONMENT,
        target=sly,
        summary=sly,
        before={sly: None},
        after={sly: sly},
        not_previewed=sly,
    )
    draft = replace(
        plans.DRAFT, title=sly, steps=(step,), reach=(sly,), aws_cli=(f"aws x {quote(sly)}",)
    )
    plan = replace(plans.PLAN, draft=draft, arguments=f"set {quote(sly)}", reason=Reason(text=sly))
    change = replace(
        plans.verified(),
        plan=plan,
        outcomes=(StepOutcome(step=step, state=StepState.VERIFIED, detail=sly),),
        detail=sly,
    )
    told = [
        plan_text(plan, width=120, colour=False, now=plans.NOW, verbose=True),
        plan_markdown(plan, now=plans.NOW),
        change_text(change, width=120, colour=False),
        change_markdown(change),
    ]
    for text in told:
        assert not [one for one in text.splitlines() if one.strip(" +-`'").startswith("VERIFIED l")]
        assert "\u202e" not in text
    lines = told[0].splitlines()
    assert r"  ~ a\nVERIFIED line2\u202e  [undo: exact]" in lines
    assert r"  aws x 'a'$'\n''VERIFIED line2'$'\u202e''" + "'" in lines


def test_an_undo_that_failed_is_repeated_and_not_taken_back() -> None:
    undo = replace(plans.PLAN, undoes="r-7f3a")
    change = replace(plans.partial(), plan=undo, hint="mangaops undo r-7f3a")
    text = change_text(change, width=80, colour=False, suffix=" --env prod")
    assert "next: mangaops undo r-7f3a --env prod\n" in text
    assert "undo: " not in text
    assert "- undo: " not in change_markdown(change)
    document = change_document(change, suffix=" --env prod")
    assert document["hint"] == "mangaops undo r-7f3a --env prod"


def test_a_plan_that_is_over_says_so() -> None:
    late = plans.NOW + timedelta(days=1)
    assert summary_words(replace(plans.PLAN, undoes="r-1"), late) == (
        "Plan p-12ab: 2 changes, severe risk, takes back r-1. "
        "Expired at 2026-11-21 11:46 UTC (23.8 h ago)."
    )


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_on_a_terminal(name: str) -> None:
    change = CHANGES[name]()
    agree(f"{name}.txt", change_text(change, width=80, colour=False, suffix=" --env prod"))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_for_a_ticket(name: str) -> None:
    agree(f"{name}.md", change_markdown(CHANGES[name](), suffix=" --env prod"))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_as_json(name: str) -> None:
    agree(f"{name}.json", to_json(change_document(CHANGES[name](), suffix=" --env prod")))
