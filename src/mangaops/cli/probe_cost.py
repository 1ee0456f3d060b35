"""What the calls of a probe cost, as far as the models told it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mangaops.bench.measuring.cost import cost, price_of
from mangaops.fm.families import NOBODY, NOT_SENT
from mangaops.render.probed import Spending

if TYPE_CHECKING:
    from mangaops.model.settings import Price

_REFUSED = 400
"""From this HTTP status on nothing was generated."""


def spending(attempts: Iterable[Mapping[str, Any]], prices: Mapping[str, Price]) -> Spending:
    """`attempts` are `bedrock_attempt` records; each has the price of the model that it asked."""
    each = list(attempts)
    told = [one for one in each if "output_tokens" in one]
    untold = [one for one in each if "output_tokens" not in one and _may_have_run(one)]
    return Spending(
        input=sum(one["input_tokens"] for one in told),
        output=sum(one["output_tokens"] for one in told),
        untold=len(untold),
        untold_input=sum(one.get("input_tokens", 0) for one in untold),
        usd=None if untold and not told else _usd(told, prices),
    )


def _may_have_run(attempt: Mapping[str, Any]) -> bool:
    """Whether a model may have read, and written, for an attempt that tells no tokens."""
    if attempt.get("sent") is False or attempt.get("error_code") in NOBODY | NOT_SENT:
        return False
    status = attempt.get("http_status")
    return status is None or status < _REFUSED


def _usd(told: Iterable[Mapping[str, Any]], prices: Mapping[str, Price]) -> float | None:
    """None where a price is not known. An ARN may say nothing of its model; then its name does."""
    total = 0.0
    for one in told:
        price = price_of(one["model_id"], prices) or price_of(one.get("model", ""), prices)
        if price is None:
            return None
        read, cached = one["input_tokens"], one.get("cache_read_tokens", 0)
        total += cost(price, read, one["output_tokens"], cached)
    return total
