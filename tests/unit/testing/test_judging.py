"""A test is walked as production walks, and only what it names is compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.model.diagnosis import Diagnosis, Verdict
from mangaops.testing.case import Difference, Expected, Outcome
from mangaops.testing.run import differing
from support.tested_runbooks import HEAD, one, outcomes

SLOW = 'answers: {worth-it: "no"}\n'


def differences(body: str) -> list[tuple[str, str, str]]:
    return [(each.what, each.expected, each.got) for each in one(body).differences]


def concluded(outcome: Outcome) -> Diagnosis:
    assert outcome.diagnosis is not None
    return outcome.diagnosis


def test_what_comes_out_as_expected_passes() -> None:
    outcome = one(
        f"""{SLOW}expect:
  status: diagnosed
  diagnosis: one-intent
  verdict: confirmed
  severity: SEV-1
  path: [{{which: all of them}}, {{worth-it: "no"}}]
  remedies: [{{scale-out: scale-out}}, look]
  missing: []
  cause: has 2,600 ms"""
    )
    assert (outcome.passed, outcome.differences, outcome.error) == (True, (), "")


@pytest.mark.parametrize(
    ("expect", "difference"),
    [
        ("status: healthy", ("status", "healthy", "diagnosed")),
        (
            "status: diagnosed, verdict: likely",
            ("verdict", "likely", "confirmed"),
        ),
        ("status: diagnosed, severity: SEV-2", ("severity", "SEV-2", "SEV-1")),
        (
            "status: diagnosed, path: [{which: all of them}]",
            ("path", "which: all of them", "which: all of them > worth-it: no"),
        ),
        (
            "status: diagnosed, remedies: [scale-out]",
            ("remedies", "scale-out", "scale-out, look"),
        ),
        (
            "status: diagnosed, remedies: [{scale-out: scale-out --to 8}, look]",
            ("remedies", "scale-out: scale-out --to 8, look", "scale-out: scale-out, look"),
        ),
        ("status: diagnosed, missing: [calls]", ("missing", "calls", "none")),
        (
            "status: diagnosed, cause: 2 s",
            ("cause", "2 s", "The slowest intent has 2,600 ms."),
        ),
        ("status: diagnosed, report: [x]", ("report", "x", "none")),
    ],
)
def test_what_comes_out_otherwise_is_told(expect: str, difference: tuple[str, str, str]) -> None:
    assert differences(f"{SLOW}expect: {{{expect}}}") == [difference]


def test_a_long_path_is_told_from_its_first_difference() -> None:
    path = ", ".join(["{which: all of them}"] * 9)
    assert differences(f"{SLOW}expect: {{status: diagnosed, path: [{path}]}}") == [
        ("path", "step 2: which: all of them", "step 2: worth-it: no")
    ]


def test_a_question_that_nobody_answers_is_not_answered() -> None:
    outcome = one(
        "expect: {status: diagnosed, path: [{which: all of them}, {worth-it: not answered}]}"
    )
    assert outcome.passed
    assert [str(edge) for edge in outcome.edges][-1] == "worth-it.on_missing"
    assert concluded(outcome).verdict is Verdict.LIKELY


def test_what_is_not_given_is_not_there() -> None:
    text = "schema: mangaops.runbook-test/1\ntests:\n  - {name: a, expect: {status: healthy}}\n"
    outcome = outcomes(text)[0]
    assert concluded(outcome).coverage.missing == ("answer",)
    assert outcome.differences == (
        Difference(what="status", expected="healthy", got="inconclusive"),
    )


def test_a_test_replaces_evidence_of_the_file_by_its_id() -> None:
    outcome = one("evidence: {answer: {p95: 1500x30}}\nexpect: {status: healthy, missing: []}")
    assert outcome.passed
    assert concluded(outcome).cause == "Not above 2,000 ms."


@pytest.mark.parametrize("state", ["no_data", "denied", "failed", "timeout", "stale"])
def test_a_state_is_evidence_that_is_missing(state: str) -> None:
    outcome = one(
        f"evidence: {{answer: {state}}}\nexpect: {{status: inconclusive, missing: [answer]}}"
    )
    assert outcome.passed
    assert [str(edge) for edge in outcome.edges] == ["trigger.on_missing"]


def test_a_series_whose_newest_minutes_are_missing_is_stale() -> None:
    outcome = one("evidence: {answer: {p95: 2500x25 _x5}}\nexpect: {status: healthy}")
    assert "newest data" in concluded(outcome).cause


def test_parameters_are_set_as_on_the_command_line() -> None:
    assert one("set: {limit_ms: 3000}\nexpect: {status: healthy}").passed
    assert one("set: {watch: false}\nexpect: {status: healthy}").passed


def test_a_forced_walk_leaves_by_no_edge_of_the_trigger() -> None:
    outcome = one(
        'evidence: {answer: {p95: 1x30}}\nforce: true\nanswers: {worth-it: "no"}\n'
        "expect: {status: diagnosed, verdict: likely}"
    )
    assert outcome.passed
    assert [str(edge) for edge in outcome.edges] == ["which: all of them", "worth-it: no"]


def test_rows_without_any_row_are_no_data_of_a_log() -> None:
    outcome = one(f"{SLOW}evidence: {{calls: {{rows: []}}}}\nexpect: {{status: diagnosed}}")
    assert concluded(outcome).coverage.missing == ("calls",)


def test_a_secret_in_a_row_is_redacted_as_in_production() -> None:
    rows = "[{intent: 'password=hunter2', calls: 5}]"
    text = f"{HEAD}tests:\n  - name: a\n    evidence: {{calls: {{rows: {rows}}}}}\n"
    text += "    expect: {status: diagnosed}\n"
    assert "hunter2" not in repr(concluded(outcomes(text)[0]))


def test_a_scenario_that_is_not_there_is_an_error_of_the_test() -> None:
    with pytest.raises(Exception, match="no scenario x for slow-answers"):
        one("scenario: x\nexpect: {status: healthy}")


def test_an_empty_report_means_that_there_is_none() -> None:
    got = replace(concluded(one(f"{SLOW}expect: {{status: diagnosed}}")), report=("CPU 91 %",))
    expected = Expected(status=got.status, report=())
    assert list(differing(expected, got)) == [
        Difference(what="report", expected="none", got="CPU 91 %")
    ]
    assert not list(differing(expected, replace(got, report=())))
