"""Careless typing: every wrong word ends in 2, in a message, and in one document for scripts."""

from __future__ import annotations

import json

import pytest

from support.command import Command, credentials

HEAD = "schema: mangaops.config/1\nenvironments:\n  dev:\n"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("diagnose first-token --since 99999999d", "the window starts 99999999d ago"),
        ("diagnose first-token --since=", "`` is not a duration"),
        ("diagnose first-token --from=", "`` is not a time"),
        ("diagnose first-token --to 0001-01-01T00:05", "the window starts"),
        ("diagnose first-token --from 0001-01-01T00:00+23:00", "`0001-01-01T00:00+23:00` is out"),
        ("diagnose first-token --max-scan-gb nan", "--max-scan-gb must not be negative"),
        ("diagnose first-token --deadline 0", "--deadline must be longer than nothing"),
        ("diagnose first-token --set first_token_limit_ms=nan", "first_token_limit_ms must be a"),
        ("diagnose first-token --set sustained=0m", "sustained must be a duration"),
        ("diagnose first-token --config .", "this is no file"),
        ("diagnose first-token --profile nope", "The config profile (nope) could not be found"),
        ("logs error", "there is no command `logs error`"),
        ("history lst", "there is no command `history lst`"),
        ("explain ../..", "no run is recorded yet"),
        ("sandbox start --latency nan", "Invalid value for '--latency'"),
        ("sandbox start --fault x", "not a fault: 'x'"),
        ("sandbox start --scenario cold --empty", "--scenario conflicts with --empty"),
    ],
)
def test_it_is_2_in_words_and_in_json(mangaops: Command, words: str, what: str) -> None:
    done = mangaops.run(*words.split(), "--output", "json", **credentials())
    document = json.loads(done.out)
    assert (done.code, document["schema"]) == (2, "mangaops.error/1")
    assert document["error"]["what"].startswith(what)
    assert document["error"]["hint"]


@pytest.mark.parametrize("group", ["logs", "history", "runbook", "sandbox"])
def test_a_group_alone_is_its_help(mangaops: Command, group: str) -> None:
    alone, asked = mangaops.run(group), mangaops.run(group, "--help")
    assert (alone.code, alone.out, alone.err) == (2, asked.out, "")


def test_the_nearest_command_of_a_group_is_named(mangaops: Command) -> None:
    done = mangaops.run("logs", "error")
    assert done.err.splitlines()[-1] == "next   did you mean `mangaops logs errors`?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "c.yaml:1:1: error[M004]"),
        ("- a\n", "c.yaml:1:1: error[M004]"),
        (HEAD.replace("environments", "environmnets"), 'help: did you mean "environments"?'),
        (HEAD + "    region: 5\n", "c.yaml:4:13: error[M004]"),
        (HEAD + "    resources: {orchestrator_lgo: x}\n", 'did you mean "orchestrator_log"?'),
        (HEAD + "    parameters: {first-tokn: {a: 1}}\n", "c.yaml:4:18: error[M020]"),
        (HEAD + "    parameters: {first-token: {a: 1}}\n", "c.yaml:4:32: error[M020]"),
        (
            HEAD
            + "    resources: {clutser: x}\n    parameters:\n      first-tokn: {a: 1}\n"
            + "      rag-timeout: {b: 1, sustained: 5}\n      '*': {sustained: 7}\n",
            "configuration cannot be used: 5 findings",
        ),
        (HEAD + "    runbooks: [nowhere]\n", "the runbook folder of environment `dev` does not"),
        (HEAD + "    log_price_per_gb: .nan\n", "c.yaml:4:23: error[M004]"),
        (HEAD + "    region: 'eu\n", "this quote is never closed"),
        (HEAD + "    cache_url: [redis://:hunter2@h/0]\n", "c.yaml:4:16: error[M004]"),
        ("\udcff\udcfe", "c.yaml:1:1: error[M001]: byte 0xff is not UTF-8"),
    ],
)
def test_a_wrong_configuration_is_2_with_its_place(mangaops: Command, text: str, said: str) -> None:
    (mangaops.home / "c.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = mangaops.run("diagnose", "first-token", "--config", "c.yaml", **credentials())
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "hunter2" not in done.err
    assert done.err.splitlines()[-1].startswith("next   correct ")


def test_a_configuration_named_by_the_environment_is_read(mangaops: Command) -> None:
    done = mangaops.run("triage", MANGAOPS_CONFIG="gone.yaml", **credentials())
    assert (done.code, done.err.splitlines()[1]) == (2, "where  gone.yaml")
    done = mangaops.run("triage", MANGAOPS_ENV="prod", **credentials())
    assert (done.code, done.err.splitlines()[0]) == (2, 'error  no environment is named "prod"')
