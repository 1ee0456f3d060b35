"""Which remedies are rehearsed, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

from mangaops.cli.ci_lines import Line, lines
from mangaops.cli.ci_remedies import rehearsed
from mangaops.errors import Refused
from mangaops.render.ci_report import Found, State
from mangaops.runbook.library import Library, shipped_folder
from support.tested_runbooks import NoSources


def world(words: str) -> str:
    """Plans what is here, has nothing to do for what is so, and refuses the rest."""
    match words.split():
        case ["scale-out", *_]:
            return "6 tasks instead of 4"
        case ["flash-sale-mode", *_]:
            return "nothing to do: it is on"
        case _:
            raise Refused("guardrail most_tasks: 8 are more than 6", hint="ask")


def test_the_first_words_that_can_be_planned_count() -> None:
    some = [Line(outcome="slow", remedy="more", words=("route 9", "scale-out --to 6"))]
    assert rehearsed(some, world) == Found(
        state=State.PASSED,
        told="1 planned",
        notes=("slow / more: mangaops scale-out --to 6: 6 tasks instead of 4",),
    )


def test_nothing_to_do_is_fine_and_said() -> None:
    found = rehearsed([Line(outcome="o", remedy="r", words=("flash-sale-mode on",))], world)
    assert (found.state, found.told) == (State.PASSED, "1 nothing to do")


def test_a_refusal_is_a_failure_with_its_text() -> None:
    found = rehearsed([Line(outcome="o", remedy="r", words=("route 9",))], world)
    assert (found.state, found.told) == (State.FAILED, "1 cannot be planned")
    assert found.problems == (
        "o / r: mangaops route 9: guardrail most_tasks: 8 are more than 6 (ask)",
    )


def test_what_nothing_fills_in_is_not_called_planned() -> None:
    found = rehearsed([Line(outcome="o", remedy="r", words=())], world)
    assert (found.state, found.told) == (State.PASSED, "1 not tried")


def test_a_runbook_without_commands_has_none_to_carry_out() -> None:
    assert rehearsed([], world).told == "none to carry out"


def test_without_tests_and_scenarios_parameters_fill_in_what_needs_no_evidence() -> None:
    book = Library([shipped_folder()]).load("latency-regression")
    renamed = replace(book, name="ours")
    found = lines(renamed, None, NoSources())
    assert {line.words for line in found} == {(), ("route --sonnet-threshold 0.3",)}
