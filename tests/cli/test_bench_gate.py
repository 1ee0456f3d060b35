"""`bench gate` as a step of CI: budgets without a call, runs, annotations, exit codes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from support.bench_runs import AFTER, BEFORE, FAQ, run_file
from support.command import Command, command_in

WORKLOAD = """\
schema: mangaops.workload/1
intents:
  recommendation:
    model: sonnet
    max_output_tokens: 350
    messages: [Something calm?]
    versions:
      v2.1: {file: long.txt, prompt_tokens: 560, max_output_tokens: 500}
      v2.2: {file: short.txt, prompt_tokens: 320, max_output_tokens: 300}
  faq:
    model: haiku
    max_output_tokens: 200
    messages: [Where is my order?]
"""
CONFIGURATION = """\
schema: mangaops.config/1
environments:
  strict:
    benchmarks:
      budgets:
        recommendation: {prompt_tokens: 300}
"""
TOKENS = ("bench", "gate", "--workload", "workload.yaml", "--tokens-only")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Command:
    home = tmp_path_factory.mktemp("gate")
    (home / "workload.yaml").write_text(WORKLOAD, encoding="utf-8")
    (home / "strict.yaml").write_text(CONFIGURATION, encoding="utf-8")
    (home / "long.txt").write_text("Score art style and story. " * 70, encoding="utf-8")
    (home / "short.txt").write_text("Score art style and story. " * 40, encoding="utf-8")
    run_file(home / "slower.jsonl", intents={"recommendation": (BEFORE, AFTER)}, n=400)
    run_file(home / "same.jsonl", intents={"faq": (FAQ, FAQ)}, n=1000)
    run_file(home / "few.jsonl", intents={"faq": (FAQ, FAQ)}, n=40)
    return command_in(home)


def test_the_seeds_budget_is_checked_without_any_call(desk: Command) -> None:
    done = desk.run(*TOKENS, "--candidate", "v2.1")
    assert (done.code, done.err) == (3, "")
    assert (
        done.out
        == """\
FAIL: 2 budgets broken

budgets of v2.1 in workload.yaml
  FAIL recommendation  prompt tokens 560, limit 520 (as the prompt declares)
  FAIL recommendation  output tokens 500, limit 350 (max_output_tokens)
  not in it, and not checked: faq

"""
    )


def test_a_prompt_within_its_budget_passes(desk: Command) -> None:
    done = desk.run(*TOKENS, "--candidate", "v2.2", "--output", "json")
    document = json.loads(done.out)
    assert (done.code, document["schema"]) == (0, "mangaops.bench-gate/1")
    assert (document["verdict"], document["not_checked"]) == ("PASS", ["faq"])


def test_the_budget_is_that_of_the_environment(desk: Command) -> None:
    strict = ("--config", "strict.yaml", "--env", "strict")
    done = desk.run(*TOKENS, "--candidate", "v2.2", *strict)
    assert done.code == 3
    assert "prompt tokens 320, limit 300" in done.out


def test_a_run_is_judged_by_latency_and_by_tokens_as_measured(desk: Command) -> None:
    done = desk.run("bench", "gate", "./slower.jsonl", "--output", "json")
    document = json.loads(done.out)
    (one,) = document["comparison"]["intents"]
    kept = {check["name"]: check["kept"] for check in one["budgets"]}
    assert (done.code, document["verdict"], one["verdict"]) == (3, "FAIL", "FAIL")
    assert kept["output_tokens"] is False


@pytest.mark.parametrize(("file", "code"), [("same", 0), ("few", 4)])
def test_the_exit_code_is_the_verdict(desk: Command, file: str, code: int) -> None:
    done = desk.run("bench", "gate", f"./{file}.jsonl")
    assert done.code == code


def test_a_run_that_was_ended_early_passes_no_gate(desk: Command) -> None:
    early = {"intents": {"faq": (FAQ, FAQ)}, "n": 1000, "finished": False}
    run_file(desk.home / "early.jsonl", **early, samples_per_arm=1400)
    run_file(desk.home / "late.jsonl", **early)
    codes = [
        desk.run("bench", word, f"./{name}.jsonl").code
        for word in ("gate", "compare")
        for name in ("early", "late")
    ]
    assert codes == [4, 0, 0, 0]


def test_the_same_prompt_at_another_hour_fails_no_gate_and_goes_nowhere(desk: Command) -> None:
    for name, behaviour in (("b-1", FAQ), ("b-2", replace(FAQ, p50=1400, p95=2600))):
        run_file(
            desk.home / f"{name}.jsonl",
            intents={"faq": (behaviour,)},
            arms=("v1",),
            n=400,
            name=name,
        )
    done = desk.run("bench", "gate", "./b-1.jsonl", "./b-2.jsonl")
    assert (done.code, "rollback-prompt" in done.out) == (4, False)
    assert "both sides have the same prompt" in " ".join(done.out.split())


def test_github_gets_annotations_and_a_summary(desk: Command) -> None:
    done = desk.run(
        "bench",
        "gate",
        "./slower.jsonl",
        "--workload",
        "workload.yaml",
        "--summary",
        "summary.md",
        GITHUB_ACTIONS="true",
    )
    lines = done.err.splitlines()
    assert done.code == 3
    assert [line.partition("::")[2].partition(",")[0] for line in lines] == [
        "error file=workload.yaml",
        "error file=workload.yaml",
        "error line=1",
    ]
    assert "title=latency of recommendation::FAIL p95" in lines[2]
    summary = (desk.home / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("## Prompt gate: FAIL (SEV-")


_WRONG = {
    "nothing to judge": ((), "bench gate last"),
    "tokens of nothing": (("--tokens-only",), "--workload FILE"),
    "tokens of a run": (("last", *TOKENS[2:]), "leave one of them out"),
    "tokens roll nothing back": ((*TOKENS[2:], "--auto-rollback"), "name a run"),
    "no run": (("--workload", "workload.yaml"), "--tokens-only"),
    "which version": (TOKENS[2:], "--candidate v2.2"),
    "no such intent": ((*TOKENS[2:], "--candidate", "v2.1", "--intent", "fqa"), '"faq"'),
    "no such workload": (("--workload", "no.yaml", "--tokens-only"), "no.yaml"),
}


@pytest.mark.parametrize("case", _WRONG)
def test_wrong_input_says_what_to_type(desk: Command, case: str) -> None:
    words, hint = _WRONG[case]
    done = desk.run("bench", "gate", *words)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err


def test_the_readmes_steps_can_be_typed(desk: Command) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.partition("<!-- gate:")[2].partition("```yaml")[2].partition("```")[0]
    lines = re.findall(r"run: mangaops (bench gate .*)", block.replace("last", "./same.jsonl"))
    codes = [
        desk.run(*line.replace('"$GITHUB_STEP_SUMMARY"', "step.md").split()).code for line in lines
    ]
    assert codes == [3, 0]
