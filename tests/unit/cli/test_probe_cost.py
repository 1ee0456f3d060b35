"""What a probe says that it cost."""

from __future__ import annotations

from typing import Any

from mangaops.cli.probe_cost import spending
from mangaops.fm.defaults import HAIKU, SONNET
from mangaops.model.settings import Price

PRICES = {"sonnet": Price(input=3, output=15), "haiku": Price(input=1, output=5)}
PROFILE = "arn:aws:bedrock:ap-northeast-1:123456789012:application-inference-profile/abc"


def attempt(model_id: str, **told: Any) -> dict[str, Any]:
    return {"log_type": "bedrock_attempt", "model_id": model_id, **told}


SPOILT = attempt(SONNET, input_tokens=1000, output_tokens=100)
ANSWERED = attempt(HAIKU, input_tokens=1000, output_tokens=100)
CUT = attempt(SONNET, input_tokens=1000, input_tokens_estimated=True, error_code="connection")


def test_each_attempt_has_the_price_of_the_model_that_it_asked() -> None:
    refused = attempt(SONNET, input_tokens=1000, http_status=429)
    found = spending([SPOILT, refused, ANSWERED], PRICES)
    assert found.usd == (1000 * 3 + 100 * 15 + 1000 * 1 + 100 * 5) / 1_000_000
    assert (found.input, found.output, found.untold) == (2000, 200, 0)


def test_the_cost_is_not_known_where_a_model_that_answered_has_no_price() -> None:
    assert spending([SPOILT, ANSWERED], {"haiku": PRICES["haiku"]}).usd is None


def test_an_arn_has_the_price_of_the_model_that_it_turned_out_to_be() -> None:
    one = attempt(PROFILE, model="haiku", input_tokens=1000, output_tokens=100)
    assert spending([one], PRICES).usd == spending([ANSWERED], PRICES).usd


def test_what_broke_may_have_been_billed_and_what_was_refused_was_not() -> None:
    nothing = [
        attempt(SONNET, input_tokens=9, http_status=429),
        attempt(SONNET, input_tokens=9, error_code="unreachable"),
        attempt(SONNET, error_code="credentials", sent=False),
    ]
    free = spending(nothing, PRICES)
    assert (free.known, free.untold, free.usd) == (True, 0, 0.0)
    broken = spending([CUT, CUT], PRICES)
    assert (broken.known, broken.untold, broken.untold_input, broken.usd) == (False, 2, 2000, None)
    mixed = spending([CUT, ANSWERED], PRICES)
    assert (mixed.known, mixed.untold) == (True, 1)
    assert mixed.usd == spending([ANSWERED], PRICES).usd
