"""One environment's names and parameters go into a loaded runbook."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.errors import ConfigError, InputError, MangaopsError, RunbookError
from mangaops.model.condition import Place
from mangaops.model.runbook import ParameterValue, Runbook
from mangaops.model.settings import Environment, Written
from mangaops.model.source import LogQuery, MetricQuery
from mangaops.runbook.bind import bind, bind_all
from mangaops.runbook.finding import Finding
from mangaops.runbook.load import load_text
from support.runbook_texts import FILE, GOOD, spoiled

LOADED = load_text(GOOD, FILE)


def bound(
    sets: dict[str, str] | None = None,
    parameters: dict[str, dict[str, ParameterValue]] | None = None,
) -> Runbook:
    return bind(LOADED, Environment(name="prod", parameters=parameters or {}), sets or {})


def failure(
    sets: dict[str, str] | None = None,
    parameters: dict[str, dict[str, ParameterValue]] | None = None,
) -> tuple[type[MangaopsError], str, str, str]:
    with pytest.raises(InputError) as caught:
        bound(sets, parameters)
    error = caught.value
    return type(error), error.what, error.where, error.hint


def test_resources_and_parameters_take_the_place_of_their_names() -> None:
    evidence = bound().evidence
    answer, calls = evidence["answer"].query, evidence["calls"].query
    assert isinstance(answer, MetricQuery)
    assert answer.namespace == "MangaAssist/Streaming"
    assert isinstance(calls, LogQuery)
    assert calls.groups == ("/mangaassist/orchestrator",)
    assert calls.query.startswith('filter model = "haiku" and intent in ["greeting", "faq"]\n')


def test_nothing_else_of_the_runbook_changes() -> None:
    after = bound()
    assert replace(after, evidence=LOADED.evidence) == LOADED


def test_a_parameter_may_hold_the_name_of_a_resource() -> None:
    runbook = load_text(spoiled("{default: haiku}", '{default: "${haiku_parameter}"}'), FILE)
    after = bind(runbook, Environment(), {})
    calls = after.evidence["calls"].query
    assert after.parameters["model"].value == "/mangaassist/models/haiku"
    assert isinstance(calls, LogQuery)
    assert calls.query.startswith('filter model = "/mangaassist/models/haiku" and')


def test_the_nearer_source_of_a_parameter_wins() -> None:
    every: dict[str, dict[str, ParameterValue]] = {"*": {"limit_ms": 1000, "unheard_of": 1}}
    own: dict[str, dict[str, ParameterValue]] = {**every, "slow-answers": {"limit_ms": 1500}}
    values = [
        bound().parameters["limit_ms"].value,
        bound(parameters=every).parameters["limit_ms"].value,
        bound(parameters=own).parameters["limit_ms"].value,
        bound({"limit_ms": "1800"}, own).parameters["limit_ms"].value,
    ]
    assert values == [2000, 1000, 1500, 1800]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("limit_ms", "2500", 2500),
        ("limit_ms", "2.5e3", 2500.0),
        ("sustained", "1h30m", 5400.0),
        ("watch", "False", False),
        ("simple", "greeting, faq,order", ("greeting", "faq", "order")),
        ("model", "sonnet", "sonnet"),
        ("model", "5", "5"),
    ],
)
def test_what_is_typed_gets_the_type_of_the_default(
    name: str, text: str, value: ParameterValue
) -> None:
    after = bound({name: text}).parameters[name].value
    assert after == value
    assert type(after) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "what", "example"),
    [
        ("limit_ms", "fast", "limit_ms must be a number", "2000"),
        ("limit_ms", "nan", "limit_ms must be a finite number", "2000"),
        ("sustained", "10", "sustained must be a duration such as 90s, 10m or 2h", "10m"),
        ("sustained", "0m", "sustained must be a duration such as 90s, 10m or 2h", "10m"),
        ("watch", "maybe", "watch must be true or false", "true"),
    ],
)
def test_a_wrong_value_is_refused_with_an_example(
    name: str, text: str, what: str, example: str
) -> None:
    expected = (InputError, what, f"--set {name}={text}", f"for example --set {name}={example}")
    assert failure({name: text}) == expected


def test_an_unknown_parameter_is_refused_with_the_nearest() -> None:
    assert failure({"limit": "5"}) == (
        InputError,
        "slow-answers has no parameter `limit`",
        "--set limit=5",
        'did you mean "limit_ms"?',
    )


def test_everything_that_is_configured_wrongly_is_told_in_one_answer() -> None:
    values: dict[str, ParameterValue] = {"limits_ms": 2, "limit_ms": "2 s", "sustained": "5m"}
    place = Place(file="mangaops.yaml", line=3, column=5)
    environment = Environment(
        name="prod",
        parameters={"slow-answers": values},
        written={("slow-answers", one): Written(place=place, line="") for one in values},
    )
    with pytest.raises(ConfigError) as caught:
        bind(LOADED, environment, {})
    found = [one.message for one in caught.value.findings if isinstance(one, Finding)]
    assert found == ["slow-answers has no parameter `limits_ms`", "limit_ms must be a number"]


def test_what_is_wrong_for_several_runbooks_is_told_in_one_answer() -> None:
    names = ("slow-answers", "slower-answers")
    place = Place(file="mangaops.yaml", line=3, column=5)
    environment = Environment(
        parameters={name: {"x": 1} for name in names},
        written={(name, "x"): Written(place=place, line="") for name in names},
    )
    with pytest.raises(ConfigError) as caught:
        bind_all([LOADED, replace(LOADED, name=names[1])], environment)
    assert len(caught.value.findings) == 2


def test_the_configuration_is_held_to_the_same_types() -> None:
    where = "environment prod, parameters of slow-answers"
    assert failure(parameters={"slow-answers": {"limit_ms": "2 s"}}) == (
        ConfigError,
        "limit_ms must be a number",
        where,
        "correct it",
    )
    assert failure(parameters={"slow-answers": {"limits_ms": 2}}) == (
        ConfigError,
        "slow-answers has no parameter `limits_ms`",
        where,
        'did you mean "limit_ms"?',
    )
    after = bound(parameters={"slow-answers": {"sustained": "5m"}})
    assert after.parameters["sustained"].value == 300.0


def test_a_name_that_nothing_knows_never_reaches_aws() -> None:
    runbook = load_text(spoiled('"${streaming_namespace}"', '"${streeming_namespace}"'), FILE)
    with pytest.raises(RunbookError) as caught:
        bind(runbook, Environment(), {})
    assert (caught.value.what, caught.value.hint) == (
        "`${streeming_namespace}` is neither a resource nor a parameter",
        'did you mean "streaming_namespace"?',
    )
