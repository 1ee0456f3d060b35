"""A probe as JSON: every call with its attempts and the records as they would be logged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from mangaops.fm.answer import Usage
from mangaops.fm.records.document import milliseconds
from mangaops.model.evidence import JSON
from mangaops.render.probed import (
    ENOUGH,
    ProbeAnswer,
    Probed,
    first_tokens_ms,
    percentile,
    totals_ms,
)

SCHEMA = "mangaops.probe/1"


def probe_document(answer: ProbeAnswer) -> dict[str, JSON]:
    """Times in ms; a call without an answer of a model is the text `inf` in a percentile, which
    is null where there are too few calls for it. `usd` and `spent` are of the attempts that told
    their tokens, null where none did and one may have been billed (`attempts_without_usage`).
    """
    return {
        "schema": SCHEMA,
        "status": answer.outcome.value,
        "environment": answer.environment,
        "intent": answer.intent,
        "model_id": answer.model_id,
        "region": answer.region,
        "streamed": answer.streamed,
        "chaos": answer.chaos,
        "wanted": answer.wanted,
        "interrupted": answer.interrupted,
        "issues": [asdict(one) for one in answer.issues],
        "calls": [_call(one) for one in answer.calls],
        "first_token_ms": _percentiles(first_tokens_ms(answer.calls)),
        "total_ms": _percentiles(totals_ms(answer.calls)),
        "breakers": [asdict(one) for one in answer.breakers],
        "usd": None if answer.spending.usd is None else round(answer.spending.usd, 6),
        "attempts_without_usage": answer.spending.untold,
        "notes": list(answer.notes),
        "next": answer.next,
    }


def _call(one: Probed) -> JSON:
    answer = one.answer
    by = answer.model_answered
    return {
        "status": one.outcome.value,
        "mode": answer.mode.value,
        "descended_because": list(answer.descended_because),
        "interrupted_because": one.broken,
        "aws_said": one.said,
        "model_answered": None if by is None else {"model_id": by.model_id, "region": by.region},
        "text": answer.text,
        "first_token_ms": milliseconds(one.first_token_s),
        "total_ms": milliseconds(answer.total_s),
        "stop_reason": answer.stop_reason,
        "json": None if answer.repair is None else answer.repair.state.value,
        "usage": None if answer.usage is None else _usage(answer.usage),
        "spent": _usage(answer.spent) if one.spending.known else None,
        "attempts_without_usage": one.spending.untold,
        "attempts": answer.attempts,
        "correlation_id": answer.correlation_id,
        "records": [_plain(record) for record in one.records],
    }


def _usage(usage: Usage) -> JSON:
    return {
        "input_tokens": usage.input,
        "output_tokens": usage.output,
        "cache_read_tokens": usage.cache_read,
        "cache_write_tokens": usage.cache_write,
    }


def _percentiles(values: Sequence[float]) -> JSON:
    return {f"p{rank}": _said(percentile(values, rank)) for rank in ENOUGH}


def _said(value: float | None) -> JSON:
    if value is None:
        return None
    return "inf" if math.isinf(value) else round(value, 1)


def _plain(value: Any) -> JSON:
    match value:
        case Mapping():
            return {str(key): _plain(one) for key, one in value.items()}
        case str() | bool() | int() | float() | None:
            return value
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            return str(value)
