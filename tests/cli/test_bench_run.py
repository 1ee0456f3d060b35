"""`mangaops bench run` against the sandbox's models: cost, samples, stopping and going on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.done import Done
from support.pseudo_terminal import plain, typed_on_a_terminal
from support.started import Started, started

SETTINGS = """\
schema: mangaops.config/1
environments:
  staging:
    region: ap-northeast-1
    endpoint_url: {endpoint}
"""
WORKLOAD = """\
schema: mangaops.workload/1
intents:
  faq:
    model: haiku
    max_output_tokens: 300
    messages: [How long does shipping take?, May I return it?]
    versions:
      v2.1: {file: faq-v2.1.txt}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    home = tmp_path_factory.mktemp("home")
    with started(home, "--empty", pauses=0.05) as one:
        settings = SETTINGS.format(endpoint=one.variables["AWS_ENDPOINT_URL"])
        (home / "mangaops.yaml").write_text(settings, encoding="utf-8")
        (home / "workload.yaml").write_text(WORKLOAD, encoding="utf-8")
        (home / "faq-v2.1.txt").write_text("Answer in one sentence.", encoding="utf-8")
        one.put("models", {"speed": 0.02, "paces": []})
        yield one


def bench(shop: Started, *words: str, **variables: str) -> Done:
    line = ("bench", "run", "workload.yaml", *words, "--env", "staging")
    return shop.command.run(*line, **shop.variables, **variables)


def told(done: Done, code: int = 0) -> dict[str, Any]:
    assert done.code == code, done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


def stored(document: dict[str, Any]) -> list[dict[str, Any]]:
    lines = Path(document["place"]).read_text(encoding="utf-8").splitlines()
    return [one for one in map(json.loads, lines) if "number" in one]


def test_two_versions_are_measured_interleaved_and_every_sample_is_kept(shop: Started) -> None:
    words = ("--candidate", "v2.1", "--samples", "21", "--warm-up", "1", "--output", "json")
    done = bench(shop, *words, "--seed", "3")
    document = told(done)
    assert (document["status"], document["versions"]) == ("finished", ["v2.0", "v2.1"])
    assert "cost   $0.0" in done.err
    samples = stored(document)
    assert len(samples) == 44
    assert sum(one.get("warm_up", False) for one in samples) == 2
    assert {one["model"] for one in samples} == {"jp.anthropic.claude-haiku-4-5-20251001-v1:0"}
    assert all(0 < one["first_token_ms"] <= one["total_ms"] for one in samples)
    for arm in document["arms"]:
        assert (arm["samples"], arm["failures"]) == (21, 0)
        assert arm["p50_ms"] <= arm["p95_ms"]
        assert arm["usd"] > 0


def test_a_dry_run_shows_calls_prompts_and_cost_and_sends_nothing(shop: Started) -> None:
    done = bench(shop, "--candidate", "v2.1", "--dry-run", "--seed", "3")
    assert done.code == 0, done.err
    assert "v2.1     7 (estimated)" in done.out
    assert "calls  210: 100 samples each after 5 to warm up" in done.out
    assert max(map(len, done.out.splitlines())) <= 100
    last = "next: mangaops bench run workload.yaml --candidate v2.1 --env staging"
    assert done.out.splitlines()[-1] == last


def test_the_readmes_run_can_be_typed_with_the_readmes_workload(shop: Started) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    workload, steps = (
        readme.partition(f"<!-- {marker}:")[2].partition("```yaml")[2].partition("```")[0]
        for marker in ("workload", "gate")
    )
    home = shop.command.home
    (home / "prompts").mkdir()
    (home / "prompts" / "recommendation-v2.1.txt").write_text("Recommend manga.", "utf-8")
    (home / "readme.yaml").write_text(workload, encoding="utf-8")
    (line,) = re.findall(r"run: mangaops (bench run .*)", steps)
    typed = line.replace("workload.yaml", "readme.yaml").split()
    done = shop.command.run(*typed, "--dry-run", "--env", "staging", **shop.variables)
    assert (done.code, "v2.1" in done.out, "faq" in done.out) == (0, True, False), done.err


@pytest.mark.parametrize(
    ("words", "variables", "code", "said"),
    [
        (("--max-usd", "0.001"), {}, 5, "it costs at least $0.04, more than $0.0010"),
        (("--samples", "5000"), {}, 5, "nobody can be asked"),
        ((), {"MANGAOPS_DRY_RUN": "1"}, 5, "calls to a model cost money"),
        (("--candidate", "v2.0"), {}, 2, "v2.0 is the active version of faq already"),
        (("--until-decided",), {}, 2, "one version alone has no verdict"),
        (("--until-decided", "--samples", "59"), {}, 2, "--samples 60 or more"),
        (("--candidate", "v9"), {}, 2, "faq has no version v9"),
        (("--intent", "fak"), {}, 2, 'did you mean "faq"?'),
        (("--aa", "--candidate", "v2.1"), {}, 2, "--aa conflicts with --candidate"),
        (("--resume", "last", "--samples", "3"), {}, 2, "--samples conflicts with --resume"),
        (("--concurrency", "99"), {}, 2, "99 is too many"),
        (("--seed", "-1"), {}, 2, "-1 is no seed"),
        (("--store", "gs://x/y"), {}, 2, "runs are not kept in such a place"),
        (("--store", "workload.yaml"), {}, 2, "a store is a folder"),
        (("--store", "s3://no-such-bucket/x"), {}, 1, "name another place with --store"),
    ],
    ids=[
        "limit",
        "question",
        "dry",
        "same",
        "verdict",
        "look",
        "version",
        "intent",
        "aa",
        "resume",
        "concurrency",
        "seed",
        "place",
        "file",
        "bucket",
    ],
)
def test_what_cannot_be_is_told_before_anything_is_sent(
    shop: Started, words: tuple[str, ...], variables: dict[str, str], code: int, said: str
) -> None:
    done = bench(shop, *words, **variables)
    assert done.code == code, done.err
    assert said in done.err
    assert done.out == ""


def test_it_stops_at_its_limit_and_goes_on_where_it_stopped(shop: Started) -> None:
    words = ("--samples", "20", "--warm-up", "1", "--concurrency", "2", "--seed", "5")
    stopped = told(bench(shop, *words, "--max-usd", "0.008", "--output", "json"), code=4)
    assert stopped["status"] == "over_cost"
    assert 0 < stopped["usd"] <= 0.008
    kept = stored(stopped)
    assert 0 < len(kept) < 21
    run = stopped["run"]
    assert stopped["next"].startswith(f"mangaops bench run workload.yaml --resume {run} --env")
    whole = told(bench(shop, "--resume", run, "--output", "json"))
    assert (whole["run"], whole["status"], whole["arms"][0]["samples"]) == (run, "finished", 20)
    assert stored(whole)[: len(kept)] == kept
    assert whole["usd"] > stopped["usd"]


def test_a_run_does_not_go_on_with_another_prompt(shop: Started) -> None:
    prompt = shop.command.home / "faq-v2.1.txt"
    before = prompt.read_text(encoding="utf-8")
    words = ("--baseline", "v2.1", "--samples", "20", "--warm-up", "0", "--seed", "5")
    stopped = told(bench(shop, *words, "--max-usd", "0.003", "--output", "json"), code=4)
    prompt.write_text("Answer at length.", encoding="utf-8")
    done = bench(shop, "--resume", stopped["run"])
    prompt.write_text(before, encoding="utf-8")
    assert (done.code, "the text of faq v2.1 has changed since" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("bench run work", ["workload.yaml"]),
        ("bench run workload.yaml --intent ", ["faq"]),
        ("bench watch workload.yaml --intent ", ["faq"]),
        ("bench watch work", ["workload.yaml"]),
        ("bench gate --workload work", ["workload.yaml"]),
        ("bench run workload.yaml --candidate v2.1", ["v2.1"]),
        ("bench run workload.yaml --resume la", ["last"]),
        ("bench run faq-v2.1.txt --intent ", []),
    ],
    ids=[
        "file",
        "intent",
        "watched-intent",
        "watched-file",
        "gated-file",
        "version",
        "run",
        "no-workload",
    ],
)
def test_tab_offers_what_the_workload_has(shop: Started, typed: str, offered: list[str]) -> None:
    line = f"mangaops {typed}"
    done = shop.command.run(
        _MANGAOPS_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(line.count(" "))
    )
    assert (done.code, done.out.split()) == (0, offered), done.err


def test_ctrl_c_keeps_what_was_measured_and_says_how_to_go_on(shop: Started) -> None:
    pressed: list[str] = []

    def keys(shown: str) -> bytes:
        if "[y/N] " in shown and not pressed:
            pressed.append("y")
            return b"y\r"
        if "3 of " in shown and len(pressed) == 1:
            pressed.append("Ctrl-C")
            return b"\x03"
        return b""

    line = ("bench", "run", "workload.yaml", "--env", "staging", "--samples", "900", "--rate", "40")
    code, shown = typed_on_a_terminal(shop.command, *line, keys=keys, **shop.variables)
    text = plain(shown)
    assert (code, pressed) == (130, ["y", "Ctrl-C"]), text
    assert "spend up to $1." in text
    (run,) = re.findall(
        r"next: mangaops bench run workload.yaml --resume (\S+) --env staging", text
    )
    kept = shop.command.home / "state" / "bench" / f"{run}.jsonl"
    assert len(kept.read_text(encoding="utf-8").splitlines()) >= 4
    assert "Traceback" not in shown
