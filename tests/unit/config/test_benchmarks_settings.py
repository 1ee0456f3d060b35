"""`benchmarks:` of an environment in mangaops.yaml."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mangaops.config.load import load_settings
from mangaops.errors import ConfigError
from mangaops.model.settings import Benchmarks, LatencyBudget, Price
from support.runbook_texts import place_of

GOOD = """\
schema: mangaops.config/1
environments:
  prod:
    benchmarks:
      margin: 0.2
      budgets:
        recommendation: {prompt_tokens: 320, output_tokens: 300, p95_ms: 2500}
        faq: {p95_ms: 1800.5}
      prices:
        sonnet: {input: 3, output: 15}
        my-model: {input: 0.25, output: 0}
      auto_rollback: true
      reaction: 1h30m
  test: {}
"""
AT = "environments.prod.benchmarks"


def load(folder: Path, text: str) -> Benchmarks:
    file = folder / "mangaops.yaml"
    file.write_text(text, encoding="utf-8")
    settings = load_settings(file)
    assert settings.environment("test").benchmarks == Benchmarks()
    return settings.environment("prod").benchmarks


def test_what_is_written_replaces_its_default_and_nothing_else(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD) == Benchmarks(
        margin=0.2,
        budgets={
            "*": LatencyBudget(p95_ms=3000),
            "recommendation": LatencyBudget(prompt_tokens=320, output_tokens=300, p95_ms=2500),
            "faq": LatencyBudget(p95_ms=1800.5),
        },
        prices={
            "sonnet": Price(input=3, output=15),
            "haiku": Price(input=1, output=5),
            "my-model": Price(input=0.25, output=0),
        },
        auto_rollback=True,
        reaction=timedelta(minutes=90),
    )


def test_a_limit_that_is_null_is_none(tmp_path: Path) -> None:
    text = GOOD.replace("faq: {p95_ms: 1800.5}", '"*": {p95_ms: null}')
    assert load(tmp_path, text).budgets["*"] == LatencyBudget()


def test_nothing_is_rolled_back_by_itself_unless_it_is_written() -> None:
    assert Benchmarks().auto_rollback is False
    assert Benchmarks().reaction == timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "after", "what", "at", "hint"),
    [
        ("margin", "margn", 'unknown key "margn"', "margn", 'did you mean "margin"?'),
        ("margin: 0.2", "margin: 0", None, "0\n      budgets", ""),
        ("margin: 0.2", "margin: 15", None, "15\n", ""),
        ("margin: 0.2", "margin: .nan", f"{AT}.margin must be a number", ".nan", ""),
        ("margin: 0.2", "margin: 20%", None, "20%", ""),
        (
            "prompt_tokens: 320",
            "prompt_token: 320",
            'unknown key "prompt_token"',
            "prompt_token",
            'did you mean "prompt_tokens"?',
        ),
        ("output_tokens: 300", "output_tokens: 0", None, "0, p95", ""),
        ("output_tokens: 300", "output_tokens: 2.5", None, "2.5, p95", ""),
        ("p95_ms: 2500", "p95_ms: .inf", None, ".inf", ""),
        ("faq: {p95_ms: 1800.5}", "faq: 1800", None, "1800\n", ""),
        ("{input: 0.25, output: 0}", "{input: 0.25}", '"output" is missing', "my-model", ""),
        ("input: 0.25", "input: -1", None, "-1, ", ""),
        (
            "input: 0.25",
            "inptu: 0.25",
            'unknown key "inptu"',
            "inptu",
            'did you mean "input"?',
        ),
        ("auto_rollback: true", "auto_rollback: yes", None, "yes", ""),
        (
            "reaction: 1h30m",
            "reaction: 1 hour",
            f"{AT}.reaction must be a duration such as 10m, 2h or 1h30m",
            "1 hour",
            "",
        ),
        ("reaction: 1h30m", "reaction: 0s", None, "0s", ""),
    ],
)
def test_a_mistake_has_its_place(
    tmp_path: Path, before: str, after: str, what: str | None, at: str, hint: str
) -> None:
    assert GOOD.count(before) == 1
    text = GOOD.replace(before, after)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    error = caught.value
    line, column = place_of(text, at)
    assert error.where == f"{tmp_path / 'mangaops.yaml'}:{line}:{column}"
    assert error.hint == hint
    assert what is None or error.what.startswith(what)
