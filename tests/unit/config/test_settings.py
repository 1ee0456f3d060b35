"""mangaops.yaml -> Settings, or what is wrong with its place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mangaops.config.load import Settings, load_settings
from mangaops.errors import ConfigError, InputError
from mangaops.model.settings import DEFAULT_RESOURCES, Environment, Freeze, Guardrails
from mangaops.runbook.bind import bind
from mangaops.runbook.finding import Finding
from mangaops.runbook.library import Library, shipped_folder
from support.runbook_texts import place_of

GOOD = """\
schema: mangaops.config/1
default: prod
environments:
  prod:
    region: eu-west-1
    profile: oncall
    account: "123456789012"
    endpoint_url: https://example.com
    cache_url: rediss://cache:6379/0
    protected: true
    resources: {cluster: chat, service: api}
    parameters:
      "*": {sustained: 5m}
      first-token: {bedrock_limit_ms: 1200, simple_intents: [faq]}
    runbooks: [my-runbooks, /etc/runbooks]
    log_price_per_gb: 0.01
    ocu_price_per_hour: 0.334
    lock_table: our-locks
    guardrails:
      most_tasks: 24
      most_ocu: 32
      most_keys: 5000
      parameters: [/mangaassist/router/*]
      variables: [BEDROCK_*]
      accounts: ["210987654321"]
      freeze:
        - {from: "2026-12-24", to: 2026-12-27T09:00+09:00, reason: holidays}
        - {weekly: "fri 18:00 to mon 08:00", timezone: Asia/Tokyo, reason: weekend}
  test: {}
"""

FREEZE = "environments.prod.guardrails.freeze"


def load(folder: Path, text: str) -> Settings:
    file = folder / "mangaops.yaml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def refused(folder: Path, before: str, after: str) -> tuple[str, str, str]:
    assert GOOD.count(before) == 1
    with pytest.raises(ConfigError) as caught:
        load(folder, GOOD.replace(before, after))
    error = caught.value
    return error.what, error.where.removeprefix(str(folder / "mangaops.yaml") + ":"), error.hint


def test_a_whole_environment_is_read(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    assert settings.environment("prod") == Environment(
        name="prod",
        region="eu-west-1",
        profile="oncall",
        account="123456789012",
        endpoint_url="https://example.com",
        cache_url="rediss://cache:6379/0",
        protected=True,
        resources={**DEFAULT_RESOURCES, "cluster": "chat", "service": "api"},
        parameters={
            "*": {"sustained": "5m"},
            "first-token": {"bedrock_limit_ms": 1200, "simple_intents": ("faq",)},
        },
        runbook_folders=(str(tmp_path / "my-runbooks"), "/etc/runbooks"),
        log_price_per_gb=0.01,
        ocu_price_per_hour=0.334,
        lock_table="our-locks",
        guardrails=Guardrails(
            most_tasks=24,
            most_ocu=32,
            most_keys=5000,
            parameters=("/mangaassist/router/*",),
            variables=("BEDROCK_*",),
            accounts=("210987654321",),
            freeze=(
                Freeze(
                    reason="holidays",
                    start=datetime(2026, 12, 24, tzinfo=UTC),
                    end=datetime(2026, 12, 27, tzinfo=UTC),
                ),
                Freeze(reason="weekend", opens=6840, closes=480, timezone="Asia/Tokyo"),
            ),
        ),
    )
    assert settings.environment("test") == Environment(name="test")
    assert (settings.default, settings.path) == ("prod", tmp_path / "mangaops.yaml")


def test_the_first_environment_is_the_default_when_none_is_named(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD.replace("default: prod\n", "")).default == "prod"


def test_without_a_file_there_is_one_environment_of_defaults() -> None:
    environment = Environment(name="default")
    expected = Settings(environments={"default": environment}, default="default", path=None)
    assert load_settings(None) == expected


def test_an_unknown_environment_brings_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, GOOD).environment("pord")
    error = caught.value
    assert (error.what, error.hint) == (
        'no environment is named "pord"',
        'did you mean "prod"?',
    )


@pytest.mark.parametrize(
    ("before", "after", "what", "at", "hint"),
    [
        ("region: eu", "regoin: eu", 'unknown key "regoin"', "regoin", 'did you mean "region"?'),
        (
            "\ndefault: prod",
            "\ndefalt: prod",
            'unknown key "defalt"',
            "defalt",
            'did you mean "default"?',
        ),
        (
            "{cluster: chat",
            "{clutser: chat",
            'no resource "clutser"',
            "clutser",
            'did you mean "cluster"?',
        ),
        (
            "default: prod\n",
            "default: prd\n",
            'no environment "prd"',
            "prd",
            'did you mean "prod"?',
        ),
        ("  test: {}", "  prod: {}", '"prod" again; it stands in line 4', "prod: {}", ""),
        (
            "protected: true",
            "protected: yes",
            "environments.prod.protected must be true or false",
            "yes",
            "",
        ),
        (
            '"123456789012"',
            "123456789012",
            "environments.prod.account must be text; put it in quotes",
            "1234",
            "",
        ),
        (
            "eu-west-1",
            "Ireland",
            "environments.prod.region must be a region such as ap-northeast-1",
            "Ireland",
            "",
        ),
        (
            '"123456789012"',
            '"1234"',
            "environments.prod.account must have twelve digits",
            "1234",
            "",
        ),
        (
            "https://example.com",
            "example.com",
            "environments.prod.endpoint_url must be written as https://HOST or http://HOST",
            "example.com",
            "",
        ),
        ("https://example.com", "https://example.com:99999", None, "https://example.com", ""),
        (
            "rediss://cache:6379/0",
            "cache:6379",
            "environments.prod.cache_url must be written as redis://HOST:PORT/0 or rediss://...",
            "cache:6379",
            "",
        ),
        ("rediss://cache:6379/0", "redis://", None, "redis://", ""),
        ("profile: oncall", "profile: ''", None, "'\n    account", ""),
        ("runbooks: [my", "runbooks: ['', my", None, "', my", ""),
        ("runbooks: [my-runbooks, /etc/runbooks]", "runbooks: mine", None, "mine", ""),
        (
            "service: api",
            'service: ""',
            "environments.prod.resources.service must not be empty",
            '"}',
            "leave it out, and it is orchestrator",
        ),
        ("service: api", "service: 5", None, "5}", ""),
        (
            "  test: {}",
            "  sandbox: {}",
            'no environment can be called "sandbox": that is the embedded AWS',
            "sandbox: {}",
            "give it another name",
        ),
        ("  test: {}", "  test:", None, None, ""),
        ("price_per_gb: 0.01", "price_per_gb: -2", None, "-2", ""),
        (
            "most_tasks",
            "most_task",
            'unknown key "most_task"',
            "most_task",
            'did you mean "most_tasks"?',
        ),
        ("{weekly:", "{wekly:", 'unknown key "wekly"', "wekly", 'did you mean "weekly"?'),
        ("most_keys: 5000", "most_keys: 0", None, "0\n      para", ""),
        (
            '"fri 18:00 to mon 08:00"',
            '"fri 18:00 - mon 08:00"',
            f'{FREEZE}.1.weekly must be written as "fri 18:00 to mon 08:00"',
            "fri 18:00 -",
            "",
        ),
        (
            "Asia/Tokyo",
            "Asia/Tokio",
            f"{FREEZE}.1.timezone must be the name of a time zone such as Asia/Tokyo",
            "Asia/Tokio",
            "",
        ),
        (
            "weekly:",
            'from: "2026-12-24", weekly:',
            f"{FREEZE}.1 must have either `from` and `to`, or `weekly`",
            '{from: "2026-12-24", weekly',
            "",
        ),
        (
            "to: 2026-12-27T09",
            "to: 2026-12-22T09",
            f"{FREEZE}.0 ends before it begins",
            "{from",
            "",
        ),
        ("lock_table: our-locks", "lock_table: 5", None, "5\n    guard", ""),
        ("schema: mangaops.config/1\n", "", '"schema" is missing', "default", ""),
        ("config/1", "config/2", "schema must be 'mangaops.config/1'", "mangaops.config/2", ""),
        ("sustained: 5m", "sustained: {a: 1}", None, "{a: 1}", ""),
        (
            "region: eu-west-1",
            "region: 'eu-west-1",
            "this quote is never closed",
            "'eu",
            "close it",
        ),
    ],
)
def test_a_mistake_has_its_place(
    tmp_path: Path, before: str, after: str, what: str | None, at: str | None, hint: str
) -> None:
    text = GOOD.replace(before, after)
    line, column = place_of(text, at) if at else (text.count("\n"), 8)
    if after == "  prod: {}":
        line, column = GOOD.count("\n"), 3
    found = refused(tmp_path, before, after)
    assert (found[0] if what else None, *found[1:]) == (what, f"{line}:{column}", hint)


@pytest.mark.parametrize("text", ["", "[]", "5", "a: [", "\x00", "environments: {}", "- " * 500])
def test_what_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load(tmp_path, text)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)
    assert caught.value.what == "cannot be read: Is a directory"


@pytest.mark.parametrize(
    ("before", "after", "what", "at", "hint"),
    [
        (
            "bedrock_limit_ms: 1200",
            "bedrock_limt_ms: 1200",
            "first-token has no parameter `bedrock_limt_ms`",
            "bedrock_limt_ms",
            'did you mean "bedrock_limit_ms"?',
        ),
        (
            "bedrock_limit_ms: 1200",
            "bedrock_limit_ms: fast",
            "bedrock_limit_ms must be a number",
            "bedrock_limit_ms: fast",
            "correct it",
        ),
    ],
)
def test_what_a_runbook_finds_wrong_has_its_place_too(
    tmp_path: Path, before: str, after: str, what: str, at: str, hint: str
) -> None:
    text = GOOD.replace(before, after)
    environment = load(tmp_path, text).environment("prod")
    with pytest.raises(ConfigError) as caught:
        bind(Library([shipped_folder()]).load("first-token"), environment, {})
    line, column = place_of(text, at)
    error, file = caught.value, tmp_path / "mangaops.yaml"
    assert (error.what, error.hint) == (what, hint)
    assert error.where == f"{file}:{line}:{column}"
    (found,) = error.findings
    assert isinstance(found, Finding)
    assert found.line_text == text.splitlines()[line - 1]


def test_a_key_of_an_environment_at_the_top_is_told_where_it_goes(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD + "runbooks: [mine]\n")
    assert caught.value.what == 'unknown key "runbooks"'
    assert caught.value.hint == "it goes below an environment: environments.NAME.runbooks"
