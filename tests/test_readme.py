"""The README is executed: its commands, its example, its tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mangaops.bench.measuring.workload import load_workload
from mangaops.cli.model_client import config_of
from mangaops.config.load import load_settings
from mangaops.diagnose.signatures import SIGNATURES
from mangaops.diagnose.walk import walk
from mangaops.errors import ExitCode
from mangaops.fm.breaker.config import BreakerConfig
from mangaops.fm.defaults import manga_assist
from mangaops.model.diagnosis import Answers, Diagnosis
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState, Record, Series
from mangaops.model.request import REMEDIES
from mangaops.model.settings import Benchmarks, Environment, ModelPlace
from mangaops.model.source import SOURCE_KINDS
from mangaops.model.time import Window
from mangaops.runbook.bind import bind
from mangaops.runbook.example import RUNBOOK
from mangaops.runbook.lint import lint
from mangaops.runbook.load import load_text
from mangaops.testing.example import TESTS
from support.command import Command, command_in

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
END = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)


def after(marker: str) -> str:
    """What stands between an HTML comment that starts so and the next empty line or fence."""
    _, _, rest = README.partition(f"<!-- {marker}")
    body = rest.partition("-->")[2].lstrip("\n")
    if body.startswith("```"):
        return body.partition("\n")[2].partition("```")[0]
    return body.partition("\n\n")[0]


def commands() -> Iterator[str]:
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        yield from re.findall(r"^\$ (.*)$", block, re.MULTILINE)


def test_the_first_two_commands_do_all_the_setting_up() -> None:
    assert list(commands())[:2] == ["make demo", "make test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"demo", "test", "lint", "bench"} <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


def test_the_exit_codes_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", after("exit codes"), re.MULTILINE)
    assert {name: int(code) for code, name in rows} == {c.name: int(c) for c in ExitCode}


def test_the_permissions_are_those_of_the_kinds_of_evidence() -> None:
    needed = {action for kind in SOURCE_KINDS.values() for action in kind.permissions}
    assert set(after("permissions").split()) == needed


def test_the_workload_is_one(tmp_path: Path) -> None:
    file, prompt = tmp_path / "workload.yaml", tmp_path / "prompts" / "recommendation-v2.1.txt"
    prompt.parent.mkdir()
    prompt.write_text("You recommend manga.", encoding="utf-8")
    file.write_text(after("workload"), encoding="utf-8")
    assert list(load_workload(file).intents) == ["recommendation", "faq"]


def test_every_function_of_the_condition_language_is_listed() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", after("functions"), re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == set(SIGNATURES)


def test_the_guardrails_are_those_that_the_text_promises(tmp_path: Path) -> None:
    file = tmp_path / "mangaops.yaml"
    file.write_text(after("guardrails"), encoding="utf-8")
    environment = load_settings(file).environment("prod")
    rails = environment.guardrails
    assert (environment.protected, environment.lock_table) == (True, "mangaops-locks")
    assert environment.ocu_price_per_hour == 0.334
    assert (rails.most_tasks, rails.most_ocu, rails.most_keys) == (16, 16, 5000)
    assert rails.accounts == ("123456789012",)
    assert [freeze.reason for freeze in rails.freeze] == ["weekend", "winter sale"]


def test_the_benchmarks_shown_are_the_defaults_but_for_the_rollback(tmp_path: Path) -> None:
    file = tmp_path / "mangaops.yaml"
    file.write_text(after("benchmarks"), encoding="utf-8")
    shown = load_settings(file).environment("prod").benchmarks
    assert shown == replace(Benchmarks(), auto_rollback=True)


def test_the_models_shown_are_called_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "mangaops.yaml"
    file.write_text(after("fm"), encoding="utf-8")
    shown = load_settings(file).environment("prod")
    calls = shown.model_client.intents["recommendation"]
    assert calls.backups == (ModelPlace(model="haiku"),)
    assert config_of(shown, "faq", manga_assist().policy("faq")).breaker == BreakerConfig()


def test_every_remedy_is_in_the_table() -> None:
    rows = README.partition("| Remedy | Changes | Undo |")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z]+(?:-[a-z]+)*)[ `]", rows)
    assert [name for name in REMEDIES if name not in named] == []


def seen(cpu: float, tasks: Mapping[str, float]) -> EvidenceSet:
    start = END.timestamp() - 1800
    points = tuple((start + 60 * minute, cpu) for minute in range(30))
    series = Series(
        start=start, end=END.timestamp(), period=60, points=points, newest=END.timestamp()
    )
    return EvidenceSet().with_items(
        Evidence(id="cpu", kind="metric", state=EvidenceState.OK, value=series),
        Evidence(
            id="tasks", kind="ecs_service", state=EvidenceState.OK, value=Record(fields=tasks)
        ),
    )


@pytest.mark.parametrize(
    ("cpu", "tasks", "concluded", "cause"),
    [
        (50.0, {"running": 4, "desired": 4}, "healthy", "The CPU was 50 %, not above 80 %."),
        (
            91.0,
            {"running": 2, "desired": 4},
            "tasks-missing",
            "2 of 4 tasks run, and share all the load.",
        ),
        (91.0, {"running": 4, "desired": 4}, "too-few-tasks", "All 4 tasks run, at 91 % CPU."),
    ],
)
def test_the_example_runbook_is_clean_and_concludes(
    cpu: float, tasks: Mapping[str, float], concluded: str, cause: str
) -> None:
    runbook = load_text(after("example"), "cpu-high.yaml")
    window = Window(start=datetime(2026, 11, 21, 11, 0, tzinfo=UTC), end=END)
    bound = bind(runbook, Environment(), {})
    diagnosis = walk(bound, seen(cpu, tasks), window, answers=Answers())
    assert lint(runbook) == ()
    assert isinstance(diagnosis, Diagnosis)
    assert (diagnosis.id, diagnosis.cause) == (concluded, cause)


def test_the_examples_are_those_of_the_schemas() -> None:
    assert (after("example"), after("tests:")) == (RUNBOOK, TESTS)


def test_the_tests_of_the_example_pass_as_it_is_shown(tmp_path: Path) -> None:
    (tmp_path / "cpu-high.yaml").write_text(RUNBOOK, encoding="utf-8")
    (tmp_path / "cpu-high.test.yaml").write_text(TESTS, encoding="utf-8")
    typed, _, shown = after("tested").partition("\n")
    done = command_in(tmp_path).run(*typed.split()[2:])
    assert (done.code, done.out) == (0, shown)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Command, dict[str, str]]]:
    """A home in which a sandbox runs, and the variables that lead to it."""
    command = command_in(tmp_path_factory.mktemp("readme"))
    started = command.run(
        "sandbox", "start", "--scenario", "cold-connections", "--port", "0", "--detach"
    )
    variables = dict(re.findall(r"^export (\w+)=(.*)$", started.out, re.MULTILINE))
    assert "AWS_ENDPOINT_URL" in variables, started.err
    try:
        yield command, variables
    finally:
        command.run("sandbox", "stop")


def test_every_command_of_the_readme_can_be_typed(
    typed: tuple[Command, dict[str, str]],
) -> None:
    command, variables = typed
    codes = {}
    for line in commands():
        words = line.split()
        if words[0] == "mangaops" and words[1:3] not in (["sandbox", "start"], ["sandbox", "stop"]):
            done = command.run(*words[1:], "--output", "json", **variables)
            document = json.loads(done.out)
            codes[line] = (done.code, document["schema"])
    assert codes == {
        "mangaops triage": (3, "mangaops.triage/1"),
        "mangaops diagnose first-token --since 30m": (3, "mangaops.diagnosis/1"),
        "mangaops doctor": (0, "mangaops.doctor/1"),
        "mangaops explain last": (0, "mangaops.diagnosis/1"),
        "mangaops diagnose first-token": (3, "mangaops.diagnosis/1"),
        "mangaops plan --run last scale-out -o fix.plan": (0, "mangaops.plan/1"),
        "mangaops apply fix.plan --yes": (0, "mangaops.run/1"),
        "mangaops undo last --yes": (0, "mangaops.run/1"),
        "mangaops diagnose first-token --record incident.capsule": (3, "mangaops.diagnosis/1"),
        "mangaops diagnose --replay incident.capsule": (3, "mangaops.diagnosis/1"),
        "mangaops capsule show incident.capsule": (0, "mangaops.capsule-summary/1"),
        "mangaops capsule diff last incident.capsule": (0, "mangaops.capsule-diff/1"),
        "mangaops init": (5, "mangaops.init/1"),
        "mangaops iam diagnose --all": (0, "mangaops.policy/1"),
        "mangaops iam remedy scale-out set-env": (0, "mangaops.policy/1"),
        "mangaops ci": (0, "mangaops.ci/1"),
        "mangaops diagnose first-token --dry-run": (0, "mangaops.reading-plan/1"),
        "mangaops probe": (0, "mangaops.probe/1"),
        "mangaops probe --chaos list": (0, "mangaops.chaos/1"),
        "mangaops sandbox scenarios": (0, "mangaops.scenarios/1"),
        "mangaops diagnose first-token --sandbox cold-connections": (3, "mangaops.diagnosis/1"),
        "mangaops triage --env sandbox": (3, "mangaops.triage/1"),
    }
