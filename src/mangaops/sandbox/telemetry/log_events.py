"""One minute of a log mix -> log events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.telemetry.log_calls import Document, breakers_of, calls_of, pick
from mangaops.sandbox.telemetry.log_mix import GROUPS, Closes, LogMix, Spread
from mangaops.sandbox.telemetry.shapes import poisson

WEBSOCKET = DEFAULT_RESOURCES["websocket_log"]
RESOLVER = DEFAULT_RESOURCES["resolver_log"]
INVALIDATOR = DEFAULT_RESOURCES["invalidator_log"]

_SEARCH_NAME = "k2m9x4v7q1w8e5r3t6y0.ap-northeast-1.aoss.amazonaws.com."
_PREFIX = "INFO:mangaassist:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An event: the log group, seconds within the minute, and the message."""

    group: str
    second: float
    message: str


def minute_of(mix: LogMix, random: Random, since: int = 0) -> list[Line]:
    """Everything that is logged in one minute, `since` minutes after the mix began;
    `none` and `stops` are the caller's.
    """
    documents = [
        *calls_of(mix, random),
        *breakers_of(mix, since),
        *_closes(mix, random),
        *_dns(mix, random),
        *_invalidations(mix, random),
    ]
    return [
        Line(
            group=group,
            second=second,
            message=(_PREFIX if GROUPS[group] in mix.not_json else "") + json.dumps(document),
        )
        for group, second, document in documents
    ]


def _closes(mix: LogMix, random: Random) -> Iterator[Document]:
    patterns = mix.websocket.closes
    for _ in range(poisson(random, mix.websocket.closes_per_minute) if patterns else 0):
        pattern = random.choices(patterns, [one.weight for one in patterns])[0]
        yield WEBSOCKET, random.uniform(0, 59.9), _close(pattern, random)
    for _ in range(poisson(random, mix.websocket.gone_per_minute)):
        document = {"log_type": "post_error", "connection_id": _connection(random)}
        yield WEBSOCKET, random.uniform(0, 59.9), {**document, "error": "GoneException"}


def _close(pattern: Closes, random: Random) -> dict[str, object]:
    document: dict[str, object] = {
        "log_type": "ws_close",
        "connection_id": _connection(random),
        "client_network": pick(random, pattern.networks),
    }
    if pattern.code is not None:
        document["close_code"] = pattern.code
    for name, spread in (("idle_s", pattern.idle_s), ("connection_age_s", pattern.age_s)):
        if spread is not None:
            document[name] = _around(spread, random)
    return document


def _around(spread: Spread, random: Random) -> float:
    return round(max(0.0, spread.value + random.uniform(-spread.spread, spread.spread)), 1)


def _connection(random: Random) -> str:
    return f"K{random.getrandbits(56):014x}="


def _dns(mix: LogMix, random: Random) -> Iterator[Document]:
    weights = {"NOERROR": 1 - sum(mix.dns.rcodes.values()), **mix.dns.rcodes}
    for _ in range(poisson(random, mix.dns.per_minute)):
        document = {"query_name": _SEARCH_NAME, "rcode": pick(random, weights)}
        address = f"10.0.{random.randrange(1, 4)}.{random.randrange(10, 250)}"
        yield RESOLVER, random.uniform(0, 59.9), {**document, "srcaddr": address}


def _invalidations(mix: LogMix, random: Random) -> Iterator[Document]:
    rules = mix.invalidations
    weights = {"": 1 - sum(rules.errors.values()), **rules.errors}
    for _ in range(poisson(random, rules.per_minute)):
        error = pick(random, weights)
        product = f"manga-{random.randrange(1, 5):02d}{random.randrange(1, 4):02d}"
        document: dict[str, object] = {"log_type": "invalidation", "product_id": product}
        document["keys_deleted"] = 0 if error else rules.keys_deleted
        if error:
            document["error"] = error
        yield INVALIDATOR, random.uniform(0, 59.9), document
