"""Fault rules as text and as mappings, and when they strike."""

from __future__ import annotations

import pytest

from mangaops.errors import InputError
from mangaops.sandbox.faults import Faults, Kind, Rule, from_mapping, halve, parse


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("ssm:*=throttle", Rule(service="ssm", kind=Kind.THROTTLE)),
        ("*=drop@every=10@seed=7", Rule(kind=Kind.DROP, every=10, seed=7)),
        ("*=lost@nth=2", Rule(kind=Kind.LOST, nth=2)),
        (
            "logs:StartQuery=denied@first=2",
            Rule(service="logs", operation="StartQuery", kind=Kind.DENIED, first=2),
        ),
        (
            "*:Describe*=latency:250@p=0.5",
            Rule(operation="Describe*", kind=Kind.LATENCY, latency_ms=250.0, probability=0.5),
        ),
        (
            "ecs:*=custom:ClientException:No such thing:404",
            Rule(
                service="ecs",
                kind=Kind.CUSTOM,
                code="ClientException",
                message="No such thing",
                status=404,
            ),
        ),
    ],
)
def test_a_rule_is_read(text: str, rule: Rule) -> None:
    assert parse(text) == rule


@pytest.mark.parametrize(
    "text", ["", "ssm", "ssm:*=", "ssm=explode", "ssm=latency", "ssm=custom", "a=drop@often=1"]
)
def test_what_is_no_rule_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="not a fault") as refused:
        parse(text)
    assert "ssm:GetParameter=throttle@first=2" in refused.value.hint


@pytest.mark.parametrize("fields", [{}, {"kind": "explode"}, {"kind": "drop", "when": 1}])
def test_a_mapping_that_is_no_rule_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InputError, match="not a fault"):
        from_mapping(fields)


def _strikes(rule: Rule, calls: int) -> list[int]:
    faults = Faults([rule])
    struck = [faults.strike("ssm", "GetParameter") for _ in range(calls)]
    return [number for number, effects in enumerate(struck) if effects.drop]


def test_a_rule_strikes_always_first_or_every() -> None:
    assert _strikes(Rule(kind=Kind.DROP), 3) == [0, 1, 2]
    assert _strikes(Rule(kind=Kind.DROP, first=2), 5) == [0, 1]
    assert _strikes(Rule(kind=Kind.DROP, nth=2), 5) == [1]
    assert _strikes(Rule(kind=Kind.DROP, every=3), 7) == [2, 5]
    assert _strikes(Rule(service="logs", kind=Kind.DROP), 3) == []


def test_chance_is_repeatable_and_about_as_asked() -> None:
    rule = Rule(kind=Kind.DROP, probability=0.25, seed=3)
    assert _strikes(rule, 400) == _strikes(rule, 400)
    assert 70 <= len(_strikes(rule, 400)) <= 130


def test_a_service_is_also_known_by_its_iam_prefix() -> None:
    faults = Faults([parse("aoss:Get*=denied")])
    fault = faults.strike("opensearchserverless", "GetAccountSettings").fault
    assert fault is not None
    assert fault.code == "AccessDeniedException"
    assert "not authorized to perform: aoss:GetAccountSettings on resource" in fault.message


def test_a_denial_names_the_action_that_iam_knows() -> None:
    fault = Faults([parse("bedrock:Converse*=denied")]).strike("bedrock-runtime", "ConverseStream")
    assert fault.fault is not None
    assert "bedrock:InvokeModelWithResponseStream action" in fault.fault.message


def test_rules_add_up() -> None:
    faults = Faults([parse("ssm=latency:30"), parse("ssm=latency:12"), parse("ssm=throttle")])
    effects = faults.strike("ssm", "GetParameter")
    assert (effects.latency_ms, effects.fault is not None) == (42.0, True)


def test_half_an_answer_keeps_what_is_no_list() -> None:
    assert halve({"items": [1, 2, 3], "token": "x"}) == {"items": [1], "token": "x"}
