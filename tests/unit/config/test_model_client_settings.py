"""`fm:` of an environment in mangaops.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from mangaops.config.load import load_settings
from mangaops.config.model_client import Capability
from mangaops.errors import ConfigError
from mangaops.fm.requests.registry import Capability as KnownCapability
from mangaops.model.settings import IntentCalls, ModelClient, ModelFacts, ModelPlace
from support.runbook_texts import place_of

PROFILE = "arn:aws:bedrock:ap-northeast-1:123456789012:application-inference-profile/abc"
GOOD = f"""\
schema: mangaops.config/1
environments:
  prod:
    fm:
      human_link: https://example.com/help
      intents:
        "*": {{deadline: 20s}}
        faq:
          model: haiku
          alternates:
            - {{model: global.anthropic.claude-haiku-4-5-20251001-v1:0, region: us-east-1}}
          backups: [sonnet, {PROFILE}]
          max_tokens: 300
          input_tokens: 4000
          deadline: 8s
          first_token: 1.5s
          idle: 3s
          template: We answer soon.
          re_ask: false
          ping: Say OK.
        greeting: {{backups: [], template: {{en: Hello!, ja: こんにちは}}}}
      breaker:
        window: 1m
        min_calls: 10
        failure_rate: 0.4
        consecutive: null
        open_schedule: [15s, 30s, 1m]
        probe_lease: 5s
      retry: {{max_retries: 1, cap: 4s}}
      models:
        anthropic.claude-next:
          {{name: next, context_tokens: 400000, max_output_tokens: 32000, takes: [tools]}}
      profiles:
        {PROFILE}: anthropic.claude-haiku-4-5-20251001-v1:0
  test: {{}}
"""
AT = "environments.prod.fm"


def load(folder: Path, text: str) -> ModelClient:
    file = folder / "mangaops.yaml"
    file.write_text(text, encoding="utf-8")
    settings = load_settings(file)
    assert settings.environment("test").model_client == ModelClient()
    return settings.environment("prod").model_client


def test_only_what_is_written_is_there(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD) == ModelClient(
        human_link="https://example.com/help",
        intents={
            "*": IntentCalls(deadline_s=20),
            "faq": IntentCalls(
                model=ModelPlace(model="haiku"),
                alternates=(
                    ModelPlace(
                        model="global.anthropic.claude-haiku-4-5-20251001-v1:0",
                        region="us-east-1",
                    ),
                ),
                backups=(ModelPlace(model="sonnet"), ModelPlace(model=PROFILE)),
                max_tokens=300,
                input_tokens=4000,
                deadline_s=8,
                first_token_s=1.5,
                idle_s=3,
                template="We answer soon.",
                re_ask=False,
                ping="Say OK.",
            ),
            "greeting": IntentCalls(backups=(), template={"en": "Hello!", "ja": "こんにちは"}),
        },
        breaker={
            "window": 60.0,
            "min_calls": 10,
            "failure_rate": 0.4,
            "consecutive": None,
            "open_schedule": (15.0, 30.0, 60.0),
            "probe_lease": 5.0,
        },
        retry={"max_retries": 1, "cap": 4.0},
        models={
            "anthropic.claude-next": ModelFacts(
                name="next", context_tokens=400_000, max_output_tokens=32_000, takes=("tools",)
            )
        },
        profiles={PROFILE: "anthropic.claude-haiku-4-5-20251001-v1:0"},
    )


def test_the_capabilities_are_those_of_the_client() -> None:
    assert get_args(Capability) == tuple(one.value for one in KnownCapability)


def test_null_is_the_clients_own_but_for_the_rule_that_can_be_left_out(tmp_path: Path) -> None:
    found = load(tmp_path, GOOD.replace("min_calls: 10", "min_calls: null"))
    assert "min_calls" not in found.breaker
    assert found.breaker["consecutive"] is None


@pytest.mark.parametrize(
    ("before", "after", "what", "at", "hint"),
    [
        ("human_link", "human_lnk", 'unknown key "human_lnk"', None, "human_link"),
        ("https://example.com/help", "ask us", f"{AT}.human_link must be a link", None, ""),
        ("model: haiku", "modle: haiku", 'unknown key "modle"', "modle", "model"),
        ("model: haiku", "model: my haiku", None, "my haiku", ""),
        ("model: haiku", "model: 4", None, "4\n          alternates", ""),
        ("region: us-east-1", "region: tokyo", None, "tokyo", ""),
        ("region: us-east-1", "regoin: us-east-1", 'unknown key "regoin"', "regoin", "region"),
        ("[sonnet,", "[{model: sonnet, wait: 1},", 'unknown key "wait"', "wait", None),
        ("max_tokens: 300", "max_tokens: 0", None, "0\n          input", ""),
        ("max_tokens: 300", "max_tokens: true", None, "true\n", ""),
        ("deadline: 8s", "deadline: 8", f"{AT}.intents.faq.deadline must be a dur", "8\n", ""),
        ("re_ask: false", "re_ask: no", None, "no\n", ""),
        ("ping: Say OK.", f"ping: {'x' * 201}", None, "xxx", ""),
        ("failure_rate: 0.4", "failure_rate: 40", None, "40\n", ""),
        ("failure_rate: 0.4", "failure_rate: .nan", None, ".nan", ""),
        ("min_calls: 10", "min_cals: 10", 'unknown key "min_cals"', "min_cals", "min_calls"),
        ("[15s, 30s, 1m]", "[]", None, "[]\n      ", ""),
        ("max_retries: 1", "max_retries: -1", None, "-1,", ""),
        ("takes: [tools]", "takes: [tolls]", None, "tolls", ""),
        ("max_output_tokens: 32000", "max_output: 32000", 'unknown key "max_output"', None, None),
        ("cap: 4s", "cpa: 4s", 'unknown key "cpa"', "cpa", "cap"),
    ],
)
def test_a_mistake_has_its_place(
    tmp_path: Path, before: str, after: str, what: str | None, at: str | None, hint: str | None
) -> None:
    assert GOOD.count(before) == 1
    text = GOOD.replace(before, after)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    error = caught.value
    line, column = place_of(text, at or after)
    assert error.where == f"{tmp_path / 'mangaops.yaml'}:{line}:{column}"
    if hint is not None:
        assert error.hint == (f'did you mean "{hint}"?' if hint else "")
    assert what is None or error.what.startswith(what)


@pytest.mark.parametrize(
    ("intent", "at", "what", "hint"),
    [
        ("{model: 5}", "5", "model must be a model's name, id or ARN", ""),
        ("{backups: [[a]]}", "[a]", "must be a model's name, id or ARN", ""),
        ('{template: {en: ""}}', '{en: ""}', "template must not be empty", ""),
        ("{template: 5}", "5", "template must be text, or a text for each language", ""),
        ("{max_tokens: 100000000}", "100000000", "is more than any model writes", ""),
        ("{deadline: 100h}", "100h", "must be at most an hour", ""),
        ("{first_token: 30s, deadline: 5s}", "30s", "is longer than the deadline", "shorten it"),
        ("{idle: 6s, deadline: 5s}", "6s", "is longer than the deadline", "shorten it"),
        ("{backups: [haiku, haiku]}", "haiku]", "has haiku twice", "leave one out"),
        ("{alternates: [a.b, a.b]}", "a.b]", "has a.b twice", "leave one out"),
        ("{model: sonnet, backups: [sonnet]}", "sonnet]", "is the first choice itself", "leave"),
        ("{model: haiku, alternates: [{model: haiku}]}", "{model: haiku}]", "itself", "leave"),
        ("{model: jp.a.b, alternates: [jp.a.c]}", "jp.a.c", "is another model", "alternates reach"),
        ("{model: jp.a.b, backups: [global.a.b]}", "global.a.b", "is the same model", "backups"),
        ("{backups: [sonet]}", "sonet", "`sonet` is no model", 'did you mean "sonnet"?'),
        ("{model: nonsense}", "nonsense", "`nonsense` is no model", "sonnet, haiku, an id"),
        ("{template: {xx-bogus: hi}}", "xx-bogus", "that is never told", "en or ja"),
    ],
)
def test_what_cannot_be_meant_has_its_place(
    tmp_path: Path, intent: str, at: str, what: str, hint: str
) -> None:
    head = "schema: mangaops.config/1\nenvironments: "
    text = f"{head}{{prod: {{fm: {{intents: {{faq: {intent}}}}}}}}}\n"
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    line, column = place_of(text, at)
    assert caught.value.where == f"{tmp_path / 'mangaops.yaml'}:{line}:{column}"
    assert what in caught.value.what
    assert "more)" not in caught.value.what
    assert caught.value.hint.startswith(hint)


def test_ways_that_names_do_not_tell_apart_are_taken(tmp_path: Path) -> None:
    text = GOOD.replace("backups: [sonnet,", "backups: [{model: haiku, region: us-east-1}, jp.a.b,")
    with pytest.raises(ConfigError, match="the same model as the first choice"):
        load(tmp_path, text)
    assert load(tmp_path, GOOD.replace("[sonnet,", "[jp.a.b,")).intents["faq"].backups is not None


def test_an_intent_knows_its_place(tmp_path: Path) -> None:
    line, column = place_of(GOOD, "faq:")
    written = load(tmp_path, GOOD).written
    assert list(written) == ["*", "faq", "greeting"]
    assert str(written["faq"].place) == f"{tmp_path / 'mangaops.yaml'}:{line}:{column}"
