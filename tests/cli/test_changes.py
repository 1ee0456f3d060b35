"""Plan, apply, undo and history through the command: files, refusals, answers, records."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from mangaops.remedy.plans import plan_file
from support.done import Done
from support.pseudo_terminal import plain, typed_on_a_terminal
from support.started import Started, started

FLASH = "/mangaassist/features/flash_sale_mode"
TTL = "/mangaassist/cache/recommendation_ttl_s"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("home"), "--scenario", "cold-connections") as running:
        yield running


def typed(sandbox: Started, line: str, **more: str) -> Done:
    return sandbox.command.run(*shlex.split(line), MANGAOPS_ENV="sandbox", **more)


def answered(sandbox: Started, line: str, *, code: int = 0, **more: str) -> dict[str, Any]:
    done = typed(sandbox, f"{line} --output json", **more)
    assert done.code == code, done.out + done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


def parameter(sandbox: Started, name: str, to: str | None = None) -> str:
    """The value of an SSM parameter as another client sees it, or sets it."""
    there = sandbox.variables
    ssm = boto3.client(
        "ssm",
        region_name=there["AWS_REGION"],
        endpoint_url=there["AWS_ENDPOINT_URL"],
        aws_access_key_id=there["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=there["AWS_SECRET_ACCESS_KEY"],
    )
    if to is not None:
        ssm.put_parameter(Name=name, Value=to, Overwrite=True)
    value: str = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    ssm.close()
    return value


@pytest.fixture(scope="module")
def run(sandbox: Started) -> str:
    """A diagnosis of the incident that is on."""
    diagnosis: dict[str, Any] = answered(sandbox, "diagnose first-token", code=3)
    name: str = diagnosis["run"]
    return name


def test_a_plan_is_written_to_a_file_and_shown_with_what_to_type(
    sandbox: Started, tmp_path: Path
) -> None:
    file = tmp_path / "fix.plan"
    done = typed(sandbox, f"plan flash-sale-mode on -o {file}")
    lines = done.out.splitlines()
    assert (done.code, lines[-1]) == (0, f"next: mangaops apply {file} --env sandbox")
    assert lines[0].startswith("sandbox  1234-5678-9012  ap-northeast-1  as ")
    assert any(line.strip().startswith(f"~ {FLASH}") for line in lines)
    assert json.loads(file.read_text())["schema"] == "mangaops.plan/1"
    assert parameter(sandbox, FLASH) == "off"


def test_options_may_stand_before_the_remedy_or_after_it(sandbox: Started, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    command = sandbox.command
    words = ["flash-sale-mode", "on"]
    before = command.run("plan", "--env", "sandbox", "--output", "json", "-o", str(first), *words)
    assert json.loads(before.out) == json.loads(first.read_text())
    after = command.run(
        "plan", "--env", "nowhere", "-o", str(first), *words, "--env", "sandbox", "-o", str(second)
    )
    assert (after.code, second.exists()) == (0, True)


def test_the_most_urgent_remedy_of_a_diagnosis_is_planned_and_the_others_are_named(
    sandbox: Started, run: str
) -> None:
    done = typed(sandbox, f"plan --run {run}")
    assert done.code == 0
    assert "restart orchestrator" in done.out
    assert f"  mangaops plan --run {run} scale-out --to 8 --env sandbox" in done.err.splitlines()
    plan = answered(sandbox, f"plan --run {run}")
    assert plan["arguments"] == "restart-service"
    assert plan["reason"]["run"] == run
    assert (plan["reason"]["diagnosis"], len(plan["reason"]["evidence"])) == (
        "bedrock-cold-connections",
        64,
    )


def test_a_remedy_without_arguments_takes_those_of_the_diagnosis(
    sandbox: Started, run: str
) -> None:
    plan = answered(sandbox, f"plan set-env --run {run}")
    assert plan["arguments"] == "set-env BEDROCK_POOL_SIZE=10 BEDROCK_KEEPALIVE_INTERVAL=15"
    assert answered(sandbox, f"scale-out --run {run} --dry-run")["plan"]["arguments"] == (
        "scale-out --to 8"
    )
    own = answered(sandbox, f"plan set-env OWN=1 --run {run}")
    assert own["arguments"] == "set-env OWN=1"


def test_all_remedies_of_a_diagnosis_are_planned_at_once(sandbox: Started, run: str) -> None:
    document = answered(sandbox, f"plan --run {run} --all")
    assert document["schema"] == "mangaops.plans/1"
    assert [plan["remedy"] for plan in document["plans"]] == [
        "restart-service",
        "set-env",
        "scale-out",
    ]


def test_nothing_to_do_is_an_answer(sandbox: Started) -> None:
    for line in ("plan flash-sale-mode off", "flash-sale-mode off"):
        done = typed(sandbox, line)
        assert (done.code, done.out.splitlines()[0]) == (0, "NOTHING TO DO")
        document = answered(sandbox, line)
        assert (document["status"], document["plan"], document["steps"]) == (
            "nothing_to_do",
            None,
            [],
        )


def test_a_dry_run_asks_nothing_and_records_nothing(sandbox: Started) -> None:
    before = answered(sandbox, "history list")["runs"]
    for line, more in (
        ("flash-sale-mode on --dry-run", {}),
        ("flash-sale-mode on", {"MANGAOPS_DRY_RUN": "1"}),
    ):
        done = typed(sandbox, line, **more)
        assert (done.code, "DRY RUN" in done.out) == (0, True)
    assert answered(sandbox, "history list")["runs"] == before
    assert parameter(sandbox, FLASH) == "off"


@pytest.mark.parametrize(
    ("line", "what", "hint"),
    [
        ("flash-sale-mode on", "this needs an answer", "pass --yes"),
        ("restart-service", "this needs an answer", "pass --confirm orchestrator"),
        ("restart-service --yes", "--yes is not enough here", "pass --confirm orchestrator"),
        ("restart-service --confirm other", "`other` is not", "the plan is about `orchestrator`"),
    ],
)
def test_without_the_right_flag_nothing_is_changed(
    sandbox: Started, line: str, what: str, hint: str
) -> None:
    done = typed(sandbox, line)
    assert (done.code, done.err.splitlines()[-1]) == (5, f"next   {hint}")
    assert done.err.startswith(f"error  {what}")
    document = answered(sandbox, line, code=5)
    assert (document["schema"], document["status"]) == ("mangaops.run/1", "refused")
    assert (document["run"], document["undo"]) == ("", None)
    assert what in document["detail"]


def test_a_target_that_changed_since_the_plan_is_refused_with_the_difference(
    sandbox: Started, tmp_path: Path
) -> None:
    file = tmp_path / "fix.plan"
    value = parameter(sandbox, TTL)
    typed(sandbox, f"plan set-parameter {TTL} 60 -o {file}")
    parameter(sandbox, TTL, "120")
    for line in (f"apply {file} --confirm {TTL}", f"apply {file} --dry-run"):
        done = typed(sandbox, line)
        assert done.code == 5
        assert f'value is "120" (planned on "{value}")' in done.err
    assert parameter(sandbox, TTL) == "120"
    parameter(sandbox, TTL, value)


def test_a_plan_of_another_place_is_refused(sandbox: Started, tmp_path: Path) -> None:
    file = tmp_path / "fix.plan"
    typed(sandbox, f"plan flash-sale-mode on -o {file}")
    done = sandbox.command.run("apply", str(file), "--yes", **sandbox.variables)
    assert (done.code, done.err.splitlines()[0]) == (
        5,
        "error  plan "
        + json.loads(file.read_text())["id"]
        + " is of environment sandbox, not default",
    )


def test_an_altered_plan_is_wrong_input(sandbox: Started, tmp_path: Path) -> None:
    file = tmp_path / "fix.plan"
    typed(sandbox, f"plan flash-sale-mode on -o {file}")
    file.write_text(file.read_text().replace('"value": "on"', '"value": "yes"'))
    done = typed(sandbox, f"apply {file} --yes")
    assert (done.code, "altered" in done.err) == (2, True)


def test_a_hand_made_plan_that_nothing_can_carry_out_is_wrong_input(
    sandbox: Started, tmp_path: Path
) -> None:
    file = tmp_path / "fix.plan"
    typed(sandbox, f"plan flash-sale-mode on -o {file}")
    made = plan_file.from_text(file.read_text(), "fix.plan")
    file.write_text(plan_file.to_text(replace(made, remedy="mend-all")))
    done = typed(sandbox, f"apply {file} --yes")
    assert (done.code, "`mend-all` is no remedy" in done.err) == (2, True)
    steps = (replace(made.steps[0], before={}),)
    file.write_text(plan_file.to_text(replace(made, draft=replace(made.draft, steps=steps))))
    done = typed(sandbox, f"apply {file} --yes")
    told = ("step 1" in done.err, "before: `value` is missing" in done.err)
    assert (done.code, *told) == (2, True, True), done.err


def test_a_guardrail_is_refused_by_its_name(sandbox: Started) -> None:
    (sandbox.command.home / "rails.yaml").write_text(
        "schema: mangaops.config/1\nenvironments:\n  dev:\n    guardrails:\n"
        "      parameters: [/mangaassist/router/*]\n      most_tasks: 6\n"
        "      freeze: [{from: 2020-01-01, to: 2100-01-01, reason: holidays}]\n"
    )
    command, there = sandbox.command, sandbox.variables
    named = command.run("flash-sale-mode", "on", "--yes", "--config", "rails.yaml", **there)
    assert (named.code, "guardrail parameters: " in named.err) == (5, True)
    many = command.run("plan", "scale-out", "--to", "8", "--config", "rails.yaml", **there)
    assert (many.code, "guardrail most_tasks: 8 tasks are more than 6" in many.err) == (5, True)
    words = ("route", "--sonnet-threshold", "0.5")
    frozen = command.run("plan", *words, "--config", "rails.yaml", **there)
    assert (frozen.code, "freeze: holidays, until 2100" in " ".join(frozen.out.split())) == (
        0,
        True,
    )
    applied = command.run(*words, "--yes", "--config", "rails.yaml", **there)
    assert (applied.code, "guardrail freeze: holidays" in applied.err) == (5, True)


def test_a_change_is_listed_shown_verified_and_taken_back(sandbox: Started) -> None:
    done = answered(sandbox, "flash-sale-mode on --yes --reason 'a sale'")
    name = done["run"]
    listed = answered(sandbox, "history list")["runs"][0]
    assert (listed["run"], listed["kind"], listed["status"], listed["undo"]) == (
        name,
        "change",
        "verified",
        "possible",
    )
    shown = typed(sandbox, f"history show {name}")
    assert "a sale" in shown.out
    assert "1 intent    ssm:PutParameter" in shown.out
    assert shown.out.splitlines()[-1] == f"undo: mangaops undo {name} --env sandbox"
    journal = answered(sandbox, "history show last")
    assert (journal["run"], journal["approval"]["how"]) == (name, "yes-flag")
    assert [entry["kind"] for entry in journal["entries"]][:2] == ["opened", "locked"]
    back = typed(sandbox, "undo last --yes")
    assert (back.code, parameter(sandbox, FLASH)) == (0, "off")
    rows = answered(sandbox, "history list")["runs"]
    assert {row["run"]: row["undo"] for row in rows[:2]}[name].startswith("undone by r-")
    assert typed(sandbox, "history verify").code == 0


def test_an_altered_journal_is_found_and_not_undone(sandbox: Started) -> None:
    name = answered(sandbox, "flash-sale-mode on --yes")["run"]
    file = sandbox.command.home / "state" / "runs" / name / "journal.jsonl"
    text = file.read_text()
    file.write_text(text.replace('"operation":"ssm:PutParameter"', '"operation":"ssm:GetP"', 1))
    found = answered(sandbox, f"history verify {name}", code=3)
    assert found["runs"][0]["findings"][0]["line"] == 3
    assert typed(sandbox, f"undo {name} --yes").code == 5
    file.write_text(text)
    assert typed(sandbox, f"undo {name} --yes").code == 0


def test_a_run_that_ended_without_a_word_can_be_undone(sandbox: Started) -> None:
    name = answered(sandbox, "flash-sale-mode on --yes")["run"]
    file = sandbox.command.home / "state" / "runs" / name / "journal.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:3]) + lines[3][:20])  # killed while the answer was written
    shown = typed(sandbox, f"history show {name}")
    assert f"{name}: ended without a word after step 1" in shown.out
    assert "its last line is incomplete" in shown.out
    done = answered(sandbox, f"undo {name} --yes")
    assert (done["status"], parameter(sandbox, FLASH)) == ("verified", "off")


def test_what_somebody_else_set_is_not_taken_back(sandbox: Started) -> None:
    name = answered(sandbox, f"set-parameter {TTL} 60 --yes")["run"]
    parameter(sandbox, TTL, "120")
    done = typed(sandbox, f"undo {name} --yes")
    assert (done.code, 'value is "120"' in done.err) == (5, True)
    assert parameter(sandbox, TTL) == "120"
    parameter(sandbox, TTL, "86400")


def test_a_person_types_the_name(sandbox: Started) -> None:
    def keys(shown: str) -> bytes:
        return b"orchestrator\n" if shown.rstrip().endswith("or Ctrl-C:") else b""

    words = ("set-env", "SEEN=1", "--env", "sandbox")
    code, shown = typed_on_a_terminal(sandbox.command, *words, keys=keys)
    assert (code, "VERIFIED" in plain(shown)) == (0, True)


@pytest.mark.parametrize(("key", "code"), [(b"n\n", 5), (b"\x03", 130)])
def test_a_person_says_no(sandbox: Started, key: bytes, code: int) -> None:
    def keys(shown: str) -> bytes:
        return key if shown.rstrip().endswith("Apply? [y/N]") else b""

    words = ("flash-sale-mode", "on", "--env", "sandbox")
    ended, shown = typed_on_a_terminal(sandbox.command, *words, keys=keys)
    assert (ended, "nothing was changed" in plain(shown)) == (code, True)
    assert parameter(sandbox, FLASH) == "off"


def test_in_json_a_person_sees_the_plan_before_the_question(sandbox: Started) -> None:
    words = ("flash-sale-mode", "on", "--env", "sandbox", "--output", "json")
    code, shown = typed_on_a_terminal(
        sandbox.command, *words, keys=lambda s: b"n\n" if s.endswith("[y/N] ") else b""
    )
    told = plain(shown)
    assert code == 5
    assert told.index(f"~ {FLASH}") < told.index("Apply? [y/N]") < told.index("mangaops.run/1")


def test_ctrl_c_says_what_is_done_and_how_to_take_it_back(sandbox: Started) -> None:
    pressed: list[bytes] = []

    def keys(shown: str) -> bytes:
        if "new tasks run" not in shown or pressed:
            return b""
        pressed.append(b"\x03")
        return b"\x03"

    words = ("set-env", "SEEN=2", "--env", "sandbox", "--confirm", "orchestrator")
    code, shown = typed_on_a_terminal(sandbox.command, *words, keys=keys)
    told = plain(shown)
    assert (code, "INTERRUPTED" in told) == (130, True), told
    assert "stopping after the call in flight" in told
    name = told.split()[-1]
    assert f"undo: mangaops undo {name} --env sandbox" in told
    assert typed(sandbox, f"undo {name} --confirm orchestrator").code == 0


def test_once_the_alarm_is_over_the_remedy_of_its_diagnosis_is_refused(tmp_path: Path) -> None:
    with started(tmp_path, "--scenario", "cold-connections") as sandbox:
        run = answered(sandbox, "diagnose first-token", code=3)["run"]
        fixed = answered(sandbox, f"set-env --run {run} --confirm orchestrator")
        assert (fixed["status"], fixed["watched"]["outlook"]) == ("verified", "improved")
        done = typed(sandbox, f"scale-out --run {run} --yes")
        assert (done.code, f"the alarm of run {run} is over" in done.err) == (5, True)
        assert "--even-if-recovered" in done.err
        line = f"scale-out --run {run} --yes --even-if-recovered"
        assert answered(sandbox, line)["status"] == "verified"
