"""The way between the words that are typed and the options of a remedy."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import get_args

import pytest

from mangaops.cli.remedies import options
from mangaops.cli.remedies.texts import TEXTS
from mangaops.cli.remedies.words import Asked, parsed, words_of
from mangaops.errors import InputError
from mangaops.model import request
from mangaops.model.request import REMEDIES
from mangaops.model.settings import Environment
from mangaops.runbook.library import Library, shipped_folder

ENVIRONMENT = Environment(name="test")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rollback-prompt", request.RollbackPrompt()),
        ("rollback-prompt faq --to v1.9", request.RollbackPrompt(intent="faq", to="v1.9")),
        ("invalidate-cache --stale", request.InvalidateCache(stale=True)),
        (
            "invalidate-cache --product a --product 'b c' --rate 0",
            request.InvalidateCache(products=("a", "b c"), rate=0),
        ),
        ("raise-ocu --min 8", request.RaiseOcu(minimum=8)),
        ("scale-out --to 8", request.ScaleOut(to=8)),
        ("set-env A=1 B=x=y", request.SetEnv(variables=(("A", "1"), ("B", "x=y")))),
        ("restart-service", request.RestartService()),
        ("set-parameter /a on", request.SetParameter(name="/a", value="on")),
        ("set-parameter -- /a -x", request.SetParameter(name="/a", value="-x")),
        ("set-parameter -- /a --", request.SetParameter(name="/a", value="--")),
        (
            "route --sonnet-threshold 0.60",
            request.SetParameter(
                name="/mangaassist/router/complexity_threshold_for_sonnet", value="0.60"
            ),
        ),
        (
            "flash-sale-mode on",
            request.SetParameter(name="/mangaassist/features/flash_sale_mode", value="on"),
        ),
        ("prewarm-search --rate 10 --count 5", request.PrewarmSearch(rate=10, count=5)),
        ("enable-invalidation", request.EnableInvalidation()),
        ("request-quota sonnet --factor 3", request.RequestQuota(model="sonnet", factor=3)),
    ],
)
def test_words_are_options_and_options_are_words(line: str, expected: request.Request) -> None:
    asked = parsed(shlex.split(line))
    assert asked.options.request(ENVIRONMENT) == expected
    assert asked.line == line


def test_what_is_at_its_default_is_not_said() -> None:
    assert words_of(options.PrewarmSearch(rate=5.0, count=50)) == []


def test_a_file_of_queries_is_read_and_named(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"query": {}}\n')
    asked = Asked(remedy="prewarm-search", options=options.PrewarmSearch(queries=file))
    assert asked.words == ("prewarm-search", "--queries", str(file))
    assert asked.options.request(ENVIRONMENT) == request.PrewarmSearch(queries='{"query": {}}\n')


def test_what_is_no_regular_file_is_not_read() -> None:
    with pytest.raises(InputError, match="this is no regular file"):
        options.PrewarmSearch(queries=Path("/dev/zero")).request(ENVIRONMENT)


def test_a_file_of_queries_is_read_up_to_its_limit(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    with file.open("wb") as opened:
        opened.truncate(2**40)
    with pytest.raises(InputError, match="more than 16 MiB of queries"):
        options.PrewarmSearch(queries=file).request(ENVIRONMENT)


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff"])
def test_a_file_that_holds_no_query_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "q.jsonl"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        options.PrewarmSearch(queries=file).request(ENVIRONMENT)
    assert caught.value.where == str(file)


@pytest.mark.parametrize(
    "line",
    ["set-env", "set-env A", "set-env =1", "set-parameter /a", "route", "request-quota"],
)
def test_what_is_missing_is_told_when_the_request_is_made(line: str) -> None:
    with pytest.raises(InputError):
        parsed(shlex.split(line)).options.request(ENVIRONMENT)


@pytest.mark.parametrize(("line", "hint"), [("", "remedies: roll"), ("set-evn A=1", '"set-env"')])
def test_what_is_no_remedy_is_told(line: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed(shlex.split(line))
    assert hint in caught.value.hint


def test_every_remedy_has_its_words_its_help_and_a_request() -> None:
    assert tuple(TEXTS) == REMEDIES
    made = {parsed([name]).remedy for name in REMEDIES}
    assert made == set(REMEDIES)
    assert len(get_args(request.Request)) == len(REMEDIES) - 2  # two more words for SetParameter


@pytest.mark.parametrize("name", REMEDIES)
def test_every_example_can_be_parsed(name: str) -> None:
    for example in TEXTS[name].plan_examples:
        words = shlex.split(example.replace(" -o fix.plan", "").replace(" --run last", ""))
        env = words.index("--env") if "--env" in words else len(words)
        assert parsed([*words[:env], *words[env + 2 :]]).remedy == name


def test_every_remedy_of_a_shipped_runbook_is_one() -> None:
    library = Library([shipped_folder()])
    named = {
        remedy.command.source.split()[0].lstrip("{")
        for name in library.names()
        for outcome in library.load(name).outcomes.values()
        for remedy in outcome.remedies
        if remedy.command is not None
    }
    assert named <= set(REMEDIES)
