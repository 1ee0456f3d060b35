"""`bench compare` through the command: stored runs, verdicts, exit codes, wrong input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mangaops.cli.bench.plotting import refuse_plot
from mangaops.errors import InputError
from support.bench_runs import AFTER, BEFORE, FAQ, bench_run, run_file
from support.command import Command, command_in

BOTH = {"recommendation": (BEFORE, replace(AFTER, failures=0.01)), "faq": (FAQ, FAQ)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """A working directory with run files, and two runs in the store of the state folder."""
    home = tmp_path_factory.mktemp("bench")
    run_file(home / "slower.jsonl", intents=BOTH, n=400)
    run_file(home / "few.jsonl", n=30, name="b-few")
    for version, behaviour in (("v2.0", BEFORE), ("v2.1", AFTER)):
        run_file(
            home / f"{version}.jsonl",
            intents={"recommendation": (behaviour,)},
            arms=(version,),
            n=400,
            name=f"b-{version}",
        )
    store = home / "state" / "bench"
    store.mkdir(parents=True)
    for name, intents in (
        ("b-20260106T030000-aaaa", BOTH),
        ("b-20260107T030000-bbbb", {"faq": (FAQ, FAQ)}),
    ):
        run_file(store / f"{name}.jsonl", intents=intents, n=1000, name=name)
    return command_in(home)


def test_a_slower_prompt_is_found_with_its_cause_and_the_way_back(desk: Command) -> None:
    done = desk.run("bench", "compare", "./slower.jsonl")
    assert (done.code, done.err) == (3, "")
    lines = done.out.splitlines()
    assert lines[2].startswith("FAIL recommendation  p95 2.")
    assert lines[2].endswith("SEV-1")
    assert max(map(len, lines)) <= 80
    for words in (
        "cause    longer prompt and longer output (prompt: 180 -> 520 tokens)",
        "first token p95 ",
        "100 % |",
        "PASS faq  p95 ",
    ):
        assert words in done.out
    assert lines[-1] == "if it is active: mangaops rollback-prompt recommendation --to v2.0"


def test_the_last_run_passes_and_leads_to_the_gate(desk: Command) -> None:
    done = desk.run("bench", "compare", "last", "--histogram", "--margin", "0.2")
    assert (done.code, done.err) == (0, "")
    assert "PASS faq" in done.out
    assert done.out.endswith("next: mangaops bench gate last --margin 0.2\n")


def test_one_intent_of_a_run_that_is_named_by_its_beginning(desk: Command) -> None:
    done = desk.run("bench", "compare", "b-20260106", "--intent", "faq", "--output", "json")
    document = json.loads(done.out)
    assert (done.code, document["schema"]) == (0, "mangaops.bench-comparison/1")
    assert [one["intent"] for one in document["intents"]] == ["faq"]


def test_two_runs_of_one_intent_decide_nothing_and_lead_to_one_of_both(desk: Command) -> None:
    done = desk.run("bench", "compare", "./v2.0.jsonl", "./v2.1.jsonl")
    assert done.code == 4
    told = " ".join(done.out.split())
    assert "because not interleaved: the baseline began 2026-01-07 03:00:00" in told
    line = "mangaops bench run WORKLOAD --baseline v2.0 --candidate v2.1 --samples 400"
    assert done.out.splitlines()[-1] == f"both at once: {line}"


@pytest.mark.parametrize("moves", [False, True])
def test_one_intent_is_shown_and_the_others_stay_its_control(desk: Command, moves: bool) -> None:
    slower = replace(FAQ, p50=1050, p95=1950)
    faq = slower if moves else FAQ
    for version, intents in (
        ("1", {"recommendation": (FAQ,), "faq": (FAQ,)}),
        ("2", {"recommendation": (slower,), "faq": (faq,)}),
    ):
        run_file(
            desk.home / f"t{version}.jsonl",
            intents=intents,
            arms=(version,),
            n=400,
            kept=("faq",),
            name=f"b-t{version}-{moves}",
        )
    words = ("./t1.jsonl", "./t2.jsonl", "--intent", "recommendation", "--output", "json")
    done = desk.run("bench", "compare", *words)
    (one,) = json.loads(done.out)["intents"]
    assert one["intent"] == "recommendation"
    deciding = [reason["doubt"] for reason in one["reasons"] if reason["decides"]]
    assert (done.code, deciding) == ((4, ["moved-together"]) if moves else (3, []))


def test_what_fails_by_its_budget_and_became_faster_does_not_go_back(desk: Command) -> None:
    slow, faster = replace(AFTER, p50=4200, p95=4700), replace(AFTER, p50=3600, p95=4100)
    run_file(desk.home / "over.jsonl", intents={"recommendation": (slow, faster)}, name="b-over")
    done = desk.run("bench", "compare", "./over.jsonl")
    assert (done.code, "rollback-prompt" in done.out) == (3, False)
    line = "mangaops bench run WORKLOAD --baseline v2.1 --candidate VERSION"
    assert done.out.splitlines()[-1] == f"another version: {line}"


def test_where_nothing_takes_time_more_calls_are_not_advised(desk: Command) -> None:
    run = bench_run(intents={"faq": (FAQ, FAQ)}, n=60, name="b-zero")
    samples = tuple(replace(one, total_ms=0.0, first_token_ms=0.0) for one in run.samples)
    run_file(desk.home / "zero.jsonl", replace(run, samples=samples))
    done = desk.run("bench", "compare", "./zero.jsonl")
    assert (done.code, "bench run" in done.out) == (4, False)


def test_too_few_calls_are_inconclusive_and_say_how_to_get_more(desk: Command) -> None:
    done = desk.run("bench", "compare", "./few.jsonl")
    assert done.code == 4
    assert "INCONCLUSIVE recommendation" in done.out
    assert "more calls: mangaops bench run WORKLOAD --baseline v2.0 --candidate v2.1" in done.out
    markdown = desk.run("bench", "compare", "./few.jsonl", "--output", "markdown")
    assert (markdown.code, markdown.out.partition("\n")[0]) == (
        4,
        "## INCONCLUSIVE: 1 of 1 intent undecided",
    )


def test_the_rest_of_an_interrupted_run_is_what_to_type(desk: Command) -> None:
    run_file(desk.home / "stopped.jsonl", n=30, name="b-stopped", finished=False)
    done = desk.run("bench", "compare", "./stopped.jsonl")
    assert done.code == 4
    last = "the rest of it: mangaops bench run WORKLOAD --resume b-stopped"
    assert done.out.splitlines()[-1] == last


_WRONG = {
    "no run": ((), "bench compare last"),
    "no such run": (("b-2025",), "newest: "),
    "no such file": (("./no.jsonl",), ""),
    "the same run twice": (("last", "last"), "name another run"),
    "one version": (("./v2.0.jsonl",), "second run"),
    "no common intent": (("./v2.0.jsonl", "last", "--candidate", "v2.1"), "one workload"),
    "margin nan": (("last", "--margin", "nan"), "0.15 is 15 %"),
    "margin below": (("last", "--margin", "-1"), "0.15 is 15 %"),
    "margin zero": (("last", "--margin", "0"), "0.15 is 15 %"),
    "margin five": (("last", "--margin", "5"), "0.15 is 15 %"),
    "seed below": (("last", "--seed", "-1"), "--seed 1"),
    "no such intent": (("last", "--intent", "fak"), 'did you mean "faq"?'),
    "no such version": (("last", "--candidate", "v3"), "v2.0, v2.1"),
    "a picture of another kind": (("last", "--plot", "latency.pdf"), "--plot latency.png"),
    "a picture over a file": (("last", "--plot", "few.jsonl.png"), "name another file"),
    "a picture in no folder": (("last", "--plot", "no/latency.png"), "make it first"),
}


@pytest.mark.parametrize("case", _WRONG)
def test_wrong_input_says_what_to_type(desk: Command, case: str) -> None:
    (desk.home / "few.jsonl.png").touch()
    words, hint = _WRONG[case]
    done = desk.run("bench", "compare", *words)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err


def test_a_picture_is_the_same_for_the_same_runs(desk: Command) -> None:
    for name in ("one.svg", "other.svg"):
        done = desk.run("bench", "compare", "./slower.jsonl", "--plot", name)
        assert (done.code, done.err) == (3, f"drawn: {name}\n")
    drawn = (desk.home / "one.svg").read_bytes()
    assert drawn == (desk.home / "other.svg").read_bytes()
    assert b"v2.1 (400 calls, 3 failed)" in drawn


def test_without_matplotlib_the_line_to_type_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs matplotlib") as caught:
        refuse_plot(tmp_path / "a.png", find=lambda _: None)
    assert caught.value.hint == "pip install 'mangaops[plot]'"


def _process(desk: Command, seed: str) -> subprocess.CompletedProcess[str]:
    """A process of its own, telling what it imports."""
    line = ("bench", "compare", "./slower.jsonl", "--output", "json")
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mangaops", *line],
        cwd=desk.home,
        env={**desk.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_same_bytes_whatever_the_hash_seed_and_little_to_import(desk: Command) -> None:
    one, other = (_process(desk, seed) for seed in ("1", "2"))
    assert (one.returncode, one.stdout) == (other.returncode, other.stdout)
    assert json.loads(one.stdout)["verdict"] == "FAIL"
    imported = {line.rpartition("|")[2].strip() for line in one.stderr.splitlines()}
    slow = {"rich", "yaml", "botocore", "scipy", "matplotlib", "mangaops.config.load"}
    assert imported & slow == set()
    assert "numpy" in imported


def test_the_shell_offers_runs_versions_and_intents(desk: Command) -> None:
    def offered(line: str) -> list[str]:
        words = {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        done = desk.run(_MANGAOPS_COMPLETE="complete_bash", **words)
        assert (done.code, done.err) == (0, "")
        return done.out.split()

    runs = offered("mangaops bench compare ")
    stored = ["b-20260106T030000-aaaa", "b-20260107T030000-bbbb", "last"]
    assert runs[:3] == stored
    assert "few.jsonl" in runs
    assert offered("mangaops bench compare last --candidate ") == ["v2.0", "v2.1"]
    for command in ("gate last", "history", "aa last"):
        assert offered(f"mangaops bench {command} --intent ") == ["faq", "recommendation"]
    assert offered(f"mangaops bench compare --store {os.devnull} ")[:1] == ["last"]


def test_a_run_is_drawn_from_its_seed() -> None:
    assert bench_run(n=3) == bench_run(n=3)
    assert bench_run(n=3, seed=8) != bench_run(n=3)
