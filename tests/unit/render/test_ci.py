"""What `mangaops ci` says: text, Markdown, JSON, JUnit, annotations."""

from __future__ import annotations

import re
from dataclasses import replace

from mangaops.render.ci import ci_annotations, ci_document, ci_markdown, ci_text
from mangaops.render.ci_junit import ci_junit
from mangaops.render.ci_report import Check, CiReport, State, Step


def check(step: Step, state: State, told: str, *problems: str) -> Check:
    return Check(
        step=step,
        runbook="disk-full",
        file="books/disk-full.yaml",
        state=state,
        told=told,
        seconds=0.25,
        problems=problems,
    )


REPORT = CiReport(
    checks=(
        check(Step.LINT, State.PASSED, "clean"),
        check(Step.READING, State.FAILED, "no parameter", "no parameter `x` | <here>"),
        check(Step.REMEDIES, State.SKIPPED, "--no-sandbox"),
    ),
    seconds=0.8,
    command="mangaops runbook test books/disk-full.yaml -v",
)


def test_the_text_has_a_line_a_check_then_failures_sums_and_what_to_type() -> None:
    assert (
        ci_text(REPORT, width=80, colour=False, verbose=False)
        == """\
lint     disk-full   0.2 s  ok   clean
reading  disk-full   0.2 s  FAIL no parameter
remedies disk-full   0.2 s  --   --no-sandbox

reading of disk-full (books/disk-full.yaml)
  no parameter `x` | <here>

lint      1 passed                    0.2 s
reading   1 failed                    0.2 s
remedies  1 skipped                   0.2 s
1 runbook, 3 checks, 1 failed (0.8 s)
next: mangaops runbook test books/disk-full.yaml -v
"""
    )


def test_a_warning_is_printed_and_passes() -> None:
    warned = replace(check(Step.LINT, State.PASSED, "1 finding"), notes=("a.yaml:1:1: warning",))
    report = CiReport(checks=(warned,))
    for verbose in (False, True):
        told = ci_text(report, width=80, colour=False, verbose=verbose).splitlines()
        assert told[1:4] == [
            "",
            "lint of disk-full (books/disk-full.yaml)",
            "  a.yaml:1:1: warning",
        ]
        assert told[-1].startswith("1 runbook, 1 checks, none failed")
    assert "a.yaml:1:1: warning" in ci_markdown(report)
    assert report.passed


def test_what_was_wanted_and_could_not_be_done_is_not_green() -> None:
    one = check(Step.REMEDIES, State.NOT_RUN, "there is no sandbox", "pip install x")
    report = CiReport(checks=(one, one))
    told = ci_text(report, width=80, colour=False, verbose=False)
    assert told.count("pip install x") == 1
    assert "none failed, 2 could not be run" in told
    assert ci_document(report)["passed"] is False
    assert 'errors="2"' in ci_junit(report)
    assert [line.startswith("::error") for line in ci_annotations(report)] == [True]


def test_the_summary_of_a_job_is_a_table_with_the_failures_below() -> None:
    lines = ci_markdown(REPORT).splitlines()
    assert lines[0] == "## Runbooks: 1 runbook, 3 checks, 1 failed (0.8 s)"
    assert lines[2] == "| runbook | lint | reading | remedies |"
    assert lines[4].startswith("| disk-full | ok clean | FAIL no parameter | ")
    assert "no parameter `x` | <here>" in lines


def test_the_document_has_every_check() -> None:
    document = ci_document(REPORT)
    assert (document["schema"], document["passed"]) == ("mangaops.ci/1", False)
    checks = document["checks"]
    assert isinstance(checks, list)
    assert [one["state"] for one in checks if isinstance(one, dict)] == [
        "passed",
        "failed",
        "skipped",
    ]


def test_junit_counts_and_escapes() -> None:
    text = ci_junit(REPORT)
    head = re.search(r"<testsuites (.*)>", text)
    assert head is not None
    assert head[1] == 'name="mangaops ci" tests="3" failures="1" errors="0" skipped="1"'
    assert '<failure message="no parameter">no parameter `x` | &lt;here&gt;</failure>' in text
    assert '<skipped message="--no-sandbox"/>' in text


def test_what_has_no_line_of_its_own_is_annotated_at_its_runbook() -> None:
    place = "file=books/disk-full.yaml,line=1,title=reading of disk-full"
    assert list(ci_annotations(REPORT)) == [f"::error {place}::no parameter `x` | <here>"]
