"""What a probe says that it cost."""

from __future__ import annotations

from dataclasses import replace

from mangaops.cli.probing import Ran
from mangaops.fm.answer import Answer, Mode, Usage
from mangaops.fm.defaults import HAIKU, SONNET, manga_assist
from mangaops.fm.target import Target
from mangaops.model.settings import Environment, Price
from mangaops.render.probed import Probed

ANSWER = Answer(
    text="OK",
    mode=Mode.BACKUP,
    model_answered=Target(model_id=HAIKU, region="ap-northeast-1"),
    stop_reason="end_turn",
    usage=Usage(input=1000, output=100),
    spent=Usage(input=2000, output=200),
    correlation_id="c",
    attempts=3,
)
PRICES = {"sonnet": Price(input=3, output=15), "haiku": Price(input=1, output=5)}


def attempt(model_id: str, **told: int) -> dict[str, object]:
    return {"log_type": "bedrock_attempt", "model_id": model_id, **told}


def ran(*records: dict[str, object]) -> Ran:
    calls = [Probed(answer=ANSWER, records=records)]
    return Ran(policy=manga_assist().policy("faq"), issues=(), calls=calls)


def environment(**prices: Price) -> Environment:
    plain = Environment()
    return replace(plain, benchmarks=replace(plain.benchmarks, prices=prices))


def test_each_attempt_has_the_price_of_the_model_that_it_asked() -> None:
    spoilt = attempt(SONNET, input_tokens=1000, output_tokens=100)
    refused = attempt(SONNET, input_tokens=1000)
    answered = attempt(HAIKU, input_tokens=1000, output_tokens=100)
    usd = ran(spoilt, refused, answered).usd(environment(**PRICES))
    assert usd == (1000 * 3 + 100 * 15 + 1000 * 1 + 100 * 5) / 1_000_000


def test_the_cost_is_not_known_where_a_model_that_answered_has_no_price() -> None:
    spoilt = attempt(SONNET, input_tokens=1000, output_tokens=100)
    answered = attempt(HAIKU, input_tokens=1000, output_tokens=100)
    assert ran(spoilt, answered).usd(environment(haiku=PRICES["haiku"])) is None
    assert ran(attempt(SONNET)).usd(environment()) == 0.0
