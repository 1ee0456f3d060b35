"""`mangaops init`: proposes what the account has, asks on a terminal, overwrites nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mangaops.config.load import load_settings
from mangaops.model.settings import DEFAULT_RESOURCES, Environment
from support.changes import client
from support.observed import actions, printed
from support.pseudo_terminal import plain, typed_on_a_terminal
from support.started import Started, started

CLEARED = "\r\x1b[2K"
UNLISTED = {"index", "bench_store"}
SILENT = {"streaming_namespace", "orchestrator_namespace", "business_namespace"}
"""Namespaces without metrics: nothing is published in an empty sandbox."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with started(tmp_path_factory.mktemp("home"), "--empty") as running:
        yield running


def proposed(sandbox: Started, *words: str, code: int = 0) -> dict[str, Any]:
    done = sandbox.command.run("init", *words, "--env", "sandbox", "--output", "json")
    assert done.code == code, done.err
    document: dict[str, Any] = json.loads(done.out)
    return document


def written(sandbox: Started, name: str) -> Environment:
    return load_settings(sandbox.command.home / name).environment("prod")


def test_it_proposes_the_names_of_mangaassist_and_overwrites_nothing(sandbox: Started) -> None:
    line = ("init", "--env", "sandbox", "--yes", "--file", "first.yaml")
    done = sandbox.command.run(*line)
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[-1] == "next: mangaops doctor --config first.yaml"
    environment = written(sandbox, "first.yaml")
    assert environment.resources == DEFAULT_RESOURCES
    assert (environment.region, environment.account) == ("ap-northeast-1", "123456789012")
    cache = sandbox.variables["MANGAOPS_CACHE_URL"].removesuffix("/0")
    assert (environment.cache_url, environment.lock_table) == (cache, "mangaops-locks")
    before = (sandbox.command.home / "first.yaml").read_bytes()
    again = sandbox.command.run(*line)
    assert again.code == 2
    assert "nothing is overwritten" in again.err
    assert (sandbox.command.home / "first.yaml").read_bytes() == before


def test_every_name_is_found_that_aws_can_list(sandbox: Started) -> None:
    sandbox.administer("DELETE", "calls")
    document = proposed(sandbox, "--dry-run")
    called = actions(sandbox.administer("GET", "calls")["calls"])
    assert printed(sandbox, "init", "--env", "sandbox") == called
    assert (document["schema"], document["written"]) == ("mangaops.init/1", False)
    states = {one["name"]: one["state"] for one in document["names"]}
    assert {name for name, state in states.items() if state != "found"} == UNLISTED | SILENT


def test_without_a_terminal_somebody_must_say_yes(sandbox: Started) -> None:
    done = sandbox.command.run("init", "--env", "sandbox")
    assert (done.code, done.out.splitlines()[2]) == (5, "schema: mangaops.config/1")
    said = "nothing was written: --yes writes mangaops.yaml, --dry-run only prints it"
    assert done.err.splitlines()[-1] == said
    assert not (sandbox.command.home / "mangaops.yaml").exists()
    quiet = sandbox.command.run("init", "--env", "sandbox", "--yes", MANGAOPS_DRY_RUN="1")
    assert (quiet.code, quiet.out) == (0, done.out)
    assert not (sandbox.command.home / "mangaops.yaml").exists()


def test_what_is_denied_is_said_and_the_rest_goes_on(sandbox: Started) -> None:
    rules = ["ecs:ListClusters=denied", "ssm:*=denied", "ec2:*=server-error"]
    sandbox.put("faults", {"rules": rules})
    try:
        names = {one["name"]: one for one in proposed(sandbox, "--dry-run")["names"]}
    finally:
        sandbox.administer("DELETE", "faults")
    assert (names["cluster"]["state"], names["service"]["state"]) == ("denied", "not_asked")
    assert names["sonnet_parameter"]["reason"].startswith("ssm:DescribeParameters: ")
    assert names["nat_gateway"]["state"] == "failed"
    assert names["prompt_table"]["value"] == "manga-prompt-templates"


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["--use", "clutser=x"], "no resource is named `clutser`"),
        (["--use", "cluster"], "`cluster` is not NAME=VALUE"),
        (["--file", "no/such/x.yaml"], "there is no such folder"),
        (
            ["--name", "sandbox"],
            'no environment can be called "sandbox": that is the embedded AWS',
        ),
    ],
)
def test_wrong_words_are_refused_before_aws_is_asked(
    sandbox: Started, words: list[str], what: str
) -> None:
    assert proposed(sandbox, *words, code=2)["error"]["what"] == what


def test_nobody_needs_to_say_who_asks(sandbox: Started) -> None:
    sandbox.put("faults", {"rules": ["sts:GetCallerIdentity=denied"]})
    try:
        document = proposed(sandbox, "--dry-run")
    finally:
        sandbox.administer("DELETE", "faults")
    assert (document["account"], document["region_from"]) == (None, "the sandbox")
    assert "# the account is not known: sts:GetCallerIdentity: " in document["text"]


def test_the_examples_of_its_help_work_without_a_configuration(sandbox: Started) -> None:
    words = ["init", "--name", "staging", "--file", "new.yaml", "--dry-run"]
    done = sandbox.command.run(*words, **sandbox.variables)
    assert (done.code, "default: staging" in done.out) == (0, True)
    assert " ".join(words) in sandbox.command.run("init", "--help").out


def test_a_name_that_is_given_holds(sandbox: Started) -> None:
    names = proposed(sandbox, "--dry-run", "--use", "index=books")["names"]
    (index,) = [one for one in names if one["name"] == "index"]
    assert (index["value"], index["state"]) == ("books", "given")


def test_a_person_is_shown_the_file_and_asked(sandbox: Started) -> None:
    """Last: what it makes stays in the sandbox."""
    make_another_shop(sandbox)

    def keys(shown: str) -> bytes:
        if shown.count("not answered]") > keys.answered:  # type: ignore[attr-defined]
            keys.answered += 1  # type: ignore[attr-defined]
            return b"2\n"
        return b"y\n" if shown.endswith("[y/N] ") else b""

    keys.answered = 0  # type: ignore[attr-defined]
    code, shown = typed_on_a_terminal(
        sandbox.command, "init", "--use", "cluster=books", "--file", "mine.yaml",
        keys=keys, **sandbox.variables,
    )  # fmt: skip
    assert code == 0, shown
    assert "Which is the service?" in plain(shown)
    assert f"{CLEARED}Which is the service?" in shown.replace("\r\n", "")
    environment = written(sandbox, "mine.yaml")
    found = {name: environment.resources[name] for name in ("cluster", "service", "container")}
    assert found == {"cluster": "books", "service": "chat-b", "container": "web"}
    assert environment.resources["orchestrator_log"] == "/mangaassist/orchestrator"


def make_another_shop(sandbox: Started) -> None:
    """By ordinary AWS calls: a cluster with two services that are equally likely."""
    ecs = client(sandbox, "ecs")
    ecs.create_cluster(clusterName="books")
    ecs.register_task_definition(
        family="chat",
        containerDefinitions=[{"name": "web", "image": "web", "memory": 128}],
    )
    for name in ("chat-a", "chat-b"):
        ecs.create_service(cluster="books", serviceName=name, taskDefinition="chat")
