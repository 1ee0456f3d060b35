"""`mangaops ci` and `diagnose --dry-run`, as they are typed and as the README's workflows do."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from support.command import Command, command_in
from support.started import Started, started

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUNBOOK = "first-token"


def workflow(name: str) -> dict[Any, Any]:
    """The YAML that follows its comment in the README."""
    text = README.partition(f"<!-- workflow {name}")[2].partition("```yaml\n")[2]
    found: dict[Any, Any] = yaml.safe_load(text.partition("```")[0])
    return found


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """A folder with one runbook and its tests, as a pull request has it."""
    home = tmp_path_factory.mktemp("repository")
    (home / "my-runbooks").mkdir()
    for suffix in (".yaml", ".test.yaml"):
        shutil.copy(ROOT / "runbooks" / f"{RUNBOOK}{suffix}", home / "my-runbooks")
    return command_in(home)


@pytest.fixture
def broken(tmp_path: Path) -> Command:
    """The same with a threshold that was turned round."""
    folder = tmp_path / "my-runbooks"
    folder.mkdir()
    text = (ROOT / "runbooks" / f"{RUNBOOK}.yaml").read_text()
    (folder / f"{RUNBOOK}.yaml").write_text(
        text.replace("when: bedrock_", "when: not bedrock_", 1).replace("> first", "< first", 1)
    )
    shutil.copy(ROOT / "runbooks" / f"{RUNBOOK}.test.yaml", folder)
    return command_in(tmp_path)


def test_the_workflow_for_github_does_what_it_says(repository: Command) -> None:
    found = workflow("github")
    assert found[True] == {"pull_request": {"paths": ["my-runbooks/**"]}}  # YAML's `on`
    (job,) = found["jobs"].values()
    lines = [step["run"] for step in job["steps"] if "run" in step]
    assert lines[0] == "pip install './tools/mangaops[sandbox]'"
    for line in lines[1:]:
        words = shlex.split(line.replace("$GITHUB_STEP_SUMMARY", "summary.md"))
        assert words[0] == "mangaops"
        done = repository.run(*words[1:])
        assert done.code == 0, done.out + done.err
    uploaded = [step["with"]["path"] for step in job["steps"] if "upload" in step.get("uses", "")]
    assert uploaded == ["report.xml"]
    suites = ET.parse(repository.home / "report.xml").getroot()  # noqa: S314 - our own
    assert {suite.get("name"): suite.get("failures") for suite in suites} == {
        "lint": "0",
        "tests": "0",
        "reading": "0",
        "remedies": "0",
    }
    summary = (repository.home / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("## Runbooks: 1 runbook, 4 checks, none failed")


def test_the_workflow_for_gitlab_differs_in_nothing_that_is_typed() -> None:
    (job,) = workflow("gitlab").values()
    typed = [step["run"] for step in workflow("github")["jobs"]["runbooks"]["steps"][2:4]]
    assert [*job["script"]] == [
        line.replace('"$GITHUB_STEP_SUMMARY"', "summary.md") for line in typed
    ]
    assert job["artifacts"]["reports"] == {"junit": "report.xml"}
    assert job["artifacts"]["paths"] == ["summary.md"]


def test_a_change_that_breaks_a_test_is_3_and_annotated(broken: Command) -> None:
    done = broken.run("ci", "my-runbooks", "--no-sandbox", "--github")
    assert done.code == 3, done.out
    assert re.search(r"^tests +first-token .* FAIL \d+ of \d+ tests failed", done.out, re.MULTILINE)
    assert "::error file=my-runbooks/first-token.test.yaml,line=" in done.err
    assert max(map(len, done.out.splitlines())) <= 80
    assert done.out.splitlines()[-1].startswith("next: mangaops runbook test my-runbooks/")


def test_a_runbook_that_cannot_be_loaded_fails_once(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("schema: mangaops.runbook/1\nname: one\ntitel: x\n")
    done = command_in(tmp_path).run("ci", "one.yaml", "--output", "json", "--no-sandbox")
    document = json.loads(done.out)
    assert (done.code, document["schema"], document["passed"]) == (3, "mangaops.ci/1", False)
    assert {check["step"]: check["state"] for check in document["checks"]} == {
        "lint": "failed",
        "tests": "skipped",
        "reading": "skipped",
        "remedies": "skipped",
    }


@pytest.mark.parametrize("path", ["nowhere", "."])
def test_nothing_to_check_is_wrong_input(mangaops: Command, path: str) -> None:
    done = mangaops.run("ci", path)
    assert (done.code, done.out) == (2, "")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    home = tmp_path_factory.mktemp("home")
    with started(home, "--scenario", "stale-stream-off") as one:
        yield one


def test_a_diagnosis_makes_the_calls_that_its_dry_run_announces(sandbox: Started) -> None:
    words = ("diagnose", "stale-recommendations", "--env", "sandbox", "--output", "json")
    sandbox.administer("DELETE", "calls")
    plan = json.loads(sandbox.command.run(*words, "--dry-run").out)
    assert sandbox.administer("GET", "calls")["calls"] == []
    done = json.loads(sandbox.command.run(*words).out)
    calls = sandbox.administer("GET", "calls")["calls"]
    counts = Counter(call["operation"] for call in calls)
    announced = {
        call["action"].partition(":")[2]: (call["least"], call["most"]) for call in plan["calls"]
    }
    assert counts.keys() - announced.keys() == set()
    assert announced["GetMetricData"] == (counts["GetMetricData"],) * 2
    assert plan["metrics_requested"]["least"] == done["cost"]["metrics_requested"]
    for name, count in counts.items():
        assert announced[name][1] is None or count <= announced[name][1], name


def test_a_dry_run_needs_neither_credentials_nor_a_sandbox(mangaops: Command) -> None:
    done = mangaops.run("diagnose", RUNBOOK, "--sandbox", "cold-connections", "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert "the sandbox was not started" in done.out
    assert done.out.splitlines()[-1] == (
        "next: mangaops diagnose first-token --sandbox cold-connections"
    )
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--since", "soon"], "error  `soon` is not a duration"),
        (["--set", "nothing=1"], "error  first-token"),
        (["--max-scan-gb", "-1"], "error  --max-scan-gb must not be negative"),
        (["--sandbox", "nowhere"], "error  no scenario is named `nowhere`"),
    ],
)
def test_wrong_input_of_a_dry_run_is_told(mangaops: Command, words: list[str], what: str) -> None:
    done = mangaops.run("diagnose", RUNBOOK, "--dry-run", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(what), done.err
