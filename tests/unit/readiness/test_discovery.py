"""What AWS lists -> choices with reasons -> a configuration that loads at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mangaops.config.load import load_settings
from mangaops.errors import AwsDenied, AwsUnreachable, MangaopsError
from mangaops.model.listed import Listed
from mangaops.model.settings import DEFAULT_RESOURCES, RegionFrom
from mangaops.readiness.discovery.matching import Match, is_clear, ranked
from mangaops.readiness.discovery.proposal import Proposal, scalar, to_yaml
from mangaops.readiness.discovery.search import AT_ONCE, Choice, Search, State
from mangaops.readiness.discovery.wanted import WANTED, Wanted


def named(*names: str) -> tuple[Listed, ...]:
    return tuple(Listed(name=name) for name in names)


@dataclass
class Account:
    """Lists of an account that has only what a case gives it; an error is raised."""

    lists: Mapping[str, tuple[Listed, ...] | MangaopsError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        if name not in (*AT_ONCE, "services", "containers", "stages"):
            raise AttributeError(name)

        def answer(*about: str) -> tuple[Listed, ...]:
            self.asked.append(" ".join((name, *about)))
            found = self.lists.get(name, ())
            if isinstance(found, MangaopsError):
                raise found
            return found

        return answer


def choices(
    lists: Mapping[str, tuple[Listed, ...] | MangaopsError],
    given: Mapping[str, str] | None = None,
    answer: str = "",
) -> Mapping[str, Choice]:
    def choose(_wanted: Wanted, _matches: Sequence[Match]) -> str:
        return answer

    account = Account(lists=lists)
    search = Search(account, given=given or {}, choose=choose, tell=lambda _: None)  # type: ignore[arg-type]
    return search.run()


def test_every_name_of_the_configuration_is_looked_for() -> None:
    assert set(WANTED) == {*DEFAULT_RESOURCES, "cache_url", "lock_table"}
    assert {source for one in WANTED.values() for source in one.sources} <= {
        *AT_ONCE,
        "services",
        "containers",
        "stages",
    }


WANT = Wanted(
    name="prompt_table",
    sources=("tables",),
    usual="manga-prompt-templates",
    words=("prompt", "template"),
    marks=("key:intent,version",),
)


@pytest.mark.parametrize(
    ("listed", "first", "reason", "clear"),
    [
        (named("a", "manga-prompt-templates"), "manga-prompt-templates", "the usual name", True),
        (
            (
                *named("chat-prompts"),
                Listed(name="t1", marks=frozenset({"key:intent,version"})),
            ),
            "t1",
            "has the key intent,version",
            True,
        ),
        (
            named("x", "prompts", "chat-prompt-templates"),
            "chat-prompt-templates",
            'named after "prompt" and "template"',
            True,
        ),
        (named("prompts-b", "prompts-a"), "prompts-a", 'named after "prompt"', False),
        (named("b", "a"), "a", "", False),
        (named("only"), "only", "", False),
    ],
)
def test_the_usual_name_then_facts_then_words(
    listed: tuple[Listed, ...], first: str, reason: str, clear: bool
) -> None:
    matches = ranked(WANT, listed)
    assert (matches[0].name, matches[0].reason, is_clear(matches)) == (first, reason, clear)


def test_the_only_cluster_is_it_whatever_its_name() -> None:
    found = choices({"clusters": named("k9")})["cluster"]
    assert (found.value, found.reason, found.state) == ("k9", "the only one", State.FOUND)


OTHER = {
    "clusters": named("shop-prod", "chat-prod"),
    "services": named("chat-api"),
    "containers": (Listed(name="web", marks=frozenset({"log:/ecs/chat-api"})),),
    "log_groups": named("/ecs/chat-api", "/aws/lambda/evict", "/ws/websocket-access"),
    "tables": (
        Listed(name="chat-stock", marks=frozenset({"key:product_id"})),
        Listed(name="chat-locks", marks=frozenset({"key:lock", "types:S"})),
    ),
    "functions": (Listed(name="evict", marks=frozenset({"stream:chat-stock"})),),
    "collections": (Listed(name="chat-catalog", marks=frozenset({"group:chat-ocu"})),),
    "collection_groups": named("chat-ocu", "search-other"),
    "websocket_apis": (Listed(name="a1b2c3", about="chat-ws"),),
    "stages": named("live"),
    "replication_groups": (Listed(name="rediss://chat:6379", about="replication group chat"),),
}


def test_one_choice_leads_to_the_next() -> None:
    found = choices(OTHER)
    got = {name: (one.value, one.reason) for name, one in found.items() if one.value}
    assert got == {
        "cache_url": ("rediss://chat:6379", "replication group chat; the only one"),
        "lock_table": ("chat-locks", "has the key lock"),
        "cluster": ("chat-prod", 'named after "chat" and "prod"'),
        "service": ("chat-api", 'named after "chat" and "api"'),
        "container": ("web", "the only one"),
        "inventory_table": ("chat-stock", "has the key product_id"),
        "invalidator": ("evict", "reads the stream of chat-stock"),
        "collection": ("chat-catalog", 'named after "catalog"'),
        "collection_group": ("chat-ocu", "the collection's group"),
        "websocket_api": ("a1b2c3", 'chat-ws; named after "ws" and "chat"'),
        "websocket_stage": ("live", 'named after "live"'),
        "orchestrator_log": ("/ecs/chat-api", "where the container logs to"),
        "websocket_log": ("/ws/websocket-access", 'named after "websocket"'),
        "invalidator_log": ("/aws/lambda/evict", "where evict logs to"),
    }


def test_what_is_given_is_not_chosen_and_leads_on() -> None:
    account = Account(lists=OTHER)
    search = Search(
        account,  # type: ignore[arg-type]
        given={"cluster": "mine"},
        choose=lambda _wanted, _matches: "",
        tell=lambda _: None,
    )
    found = search.run()["cluster"]
    assert (found.value, found.state, found.reason) == ("mine", State.GIVEN, "given by --use")
    assert "services mine" in account.asked


def test_what_fits_equally_is_asked_and_else_marked() -> None:
    two = {"clusters": named("chat-a", "chat-b")}
    asked, silent = choices(two, answer="chat-b")["cluster"], choices(two)["cluster"]
    assert (asked.value, asked.state, asked.clear) == ("chat-b", State.CHOSEN, True)
    assert (silent.value, silent.others, silent.clear) == ("chat-a", ("chat-b",), False)


def test_what_may_not_be_asked_is_no_reason_to_stop() -> None:
    denied = AwsDenied("may not", operation="dynamodb:ListTables")
    gone = AwsUnreachable("no answer", operation="ssm:DescribeParameters")
    found = choices({**OTHER, "tables": denied, "parameters": gone})
    assert (found["prompt_table"].state, found["prompt_table"].reason) == (
        State.DENIED,
        "dynamodb:ListTables: may not",
    )
    assert found["sonnet_parameter"].state is State.FAILED
    assert found["cluster"].value == "chat-prod"


def proposed(
    lists: Mapping[str, tuple[Listed, ...] | MangaopsError], **more: str | None
) -> Proposal:
    return Proposal(
        environment=more.get("environment") or "prod",
        region="eu-west-1",
        account="" if more.get("stranger") else "012345678901",
        caller="arn:aws:iam::012345678901:user/ana",
        choices=choices(lists),
        profiles=("eu.anthropic.x",),
        profile=more.get("profile"),
        region_from=RegionFrom(more.get("region_from") or RegionFrom.VARIABLE),
        stranger="sts:GetCallerIdentity: may not",
    )


@pytest.mark.parametrize(
    "lists",
    [
        {},
        OTHER,
        {"clusters": named("true", "12", "a: b", 'quote "x"', "1e5", "#x", "日本")},
        {"tables": AwsDenied("line one\nline: two # three", operation="dynamodb:ListTables")},
        {"nat_gateways": (Listed(name="nat-1", about="chat\n      index: other"),)},
    ],
)
def test_the_file_is_loaded_at_once(
    lists: Mapping[str, tuple[Listed, ...] | MangaopsError], tmp_path: Path
) -> None:
    proposal = proposed(lists, environment="on: call", profile="oncall 1")
    file = tmp_path / "mangaops.yaml"
    file.write_text(to_yaml(proposal), encoding="utf-8")
    environment = load_settings(file).environment("on: call")
    values = {name: one.value for name, one in proposal.choices.items()}
    expected = {name: values[name] or usual for name, usual in DEFAULT_RESOURCES.items()}
    assert environment.resources == expected
    assert (environment.region, environment.account, environment.profile) == (
        "eu-west-1",
        "012345678901",
        "oncall 1",
    )
    assert environment.cache_url == (values["cache_url"] or None)
    assert environment.lock_table == (values["lock_table"] or None)


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        (
            Listed(name="my-locks", about="key LockID", marks=frozenset({"key:LockID", "types:S"})),
            "my-locks has the key LockID",
        ),
        (
            Listed(name="mangaops-locks", about="key lock", marks=frozenset({"key:lock"})),
            "mangaops-locks has the key lock",
        ),
        (Listed(name="mangaops-locks"), "mangaops-locks may not be described"),
    ],
)
def test_a_lock_table_with_another_key_is_not_in_force(listed: Listed, reason: str) -> None:
    lines = [line.strip() for line in to_yaml(proposed({"tables": (listed,)})).splitlines()]
    why = "and mangaops needs the key `lock`, a string, and no sort key; lock_table is not set"
    told = " ".join(line.removeprefix("# ") for line in lines)
    assert f"not found: {reason}, {why}" in told
    assert "# lock_table: mangaops-locks" in lines


def test_what_hangs_on_something_unknown_is_not_called_absent() -> None:
    denied = AwsDenied("may not", operation="ecs:ListClusters")
    found = choices({"clusters": denied})
    assert [(found[name].state, found[name].reason) for name in ("service", "container")] == [
        (State.NOT_ASKED, "not asked: no cluster is known"),
        (State.NOT_ASKED, "not asked: no cluster is known"),
    ]
    gone = AwsDenied("may not", operation="ecs:ListServices")
    container = choices({"services": gone}, {"cluster": "nonesuch"})["container"]
    assert container.reason == "not asked: no service is known"


def test_the_file_says_who_named_the_region_and_that_nobody_told_the_account() -> None:
    default = proposed({}, region_from=RegionFrom.NOWHERE, stranger="yes")
    lines = [line.strip() for line in to_yaml(default).splitlines()]
    assert "region: eu-west-1    # none is configured: the default; CHECK" in lines
    assert "# the account is not known: sts:GetCallerIdentity: may not" in lines
    assert not [line for line in lines if line.startswith("account:")]


def test_the_file_says_why_and_what_else() -> None:
    denied = AwsDenied("ana may not", operation="ssm:DescribeParameters")
    lists = {**OTHER, "clusters": named("chat-a", "chat-b"), "parameters": denied}
    lines = [line.strip() for line in to_yaml(proposed(lists)).splitlines()]
    for line in (
        "lock_table: chat-locks    # has the key lock",
        'cluster: chat-a    # named after "chat"; CHECK: others fit as well',
        "#   also there: chat-b",
        "# sonnet_parameter: /mangaassist/models/sonnet",
        "#   not allowed to ask: ssm:DescribeParameters: ana may not; the default holds",
        "# nat_gateway: nat-mangaassist",
        "#   not found: there is none at all; the default holds",
        "# inference profiles here, which the parameters may name: eu.anthropic.x",
    ):
        assert line in lines


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("chat-prod", "chat-prod"),
        ("/a/b.c_d", "/a/b.c_d"),
        ("rediss://h:6379", "rediss://h:6379"),
        ("12", '"12"'),
        ("true", '"true"'),
        ("a b", '"a b"'),
        ("", '""'),
    ],
)
def test_a_text_stays_a_text(value: str, written: str) -> None:
    assert scalar(value) == written
