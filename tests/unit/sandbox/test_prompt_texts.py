"""The prompts of the sandbox are as long as its prompt table declares."""

from __future__ import annotations

import pytest

from mangaops.model.tokens import estimated_tokens
from mangaops.sandbox.scenario import load_scenario
from mangaops.sandbox.seed import prompts
from mangaops.sandbox.services.bedrock_runtime.text import pieces

INTENTS = ("greeting", "faq", "order_tracking", "recommendation", "comparison")
WITH_A_NEW_PROMPT = ("prompt-grew", "prompt-grew-with-answers", "prompt-more-demanding")


def agrees(text: str, declared: int) -> bool:
    """The estimate is not above what is declared; the models count up to 15 % less."""
    estimate, counted = estimated_tokens(text), len(pieces(text))
    return 0.97 * declared <= estimate <= declared and 0.85 * declared <= counted <= declared


@pytest.mark.parametrize("intent", INTENTS)
def test_the_normal_prompts(intent: str) -> None:
    before, now = prompts(intent)
    assert before.template != now.template
    assert [agrees(one.template, one.tokens) for one in (before, now)] == [True, True]


@pytest.mark.parametrize("name", WITH_A_NEW_PROMPT)
def test_the_new_prompts_of_scenarios(name: str) -> None:
    (item,) = [
        call.parameters["Item"]
        for call in load_scenario(name).resources
        if call.call == "dynamodb.PutItem"
    ]
    assert agrees(item["template"]["S"], int(item["prompt_tokens"]["N"]))
