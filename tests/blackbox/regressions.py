"""Telemetry and prompt versions of an intent that became slower."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from blackbox.minutes import since
from blackbox.seeding import Log, Metric, Minutes

ORCHESTRATOR, TABLE = "MangaAssist/Orchestrator", "manga-prompt-templates"
CALM = {
    "greeting": 500.0,
    "faq": 900.0,
    "order_tracking": 1000.0,
    "recommendation": 2400.0,
    "comparison": 2600.0,
}
ONSET = 40
NEVER = None


def seeded(**intents: Minutes) -> list[Metric]:
    """Two hours of every intent, calm as long as nothing else is said."""
    return [
        Metric(ORCHESTRATOR, "response_latency_ms", minutes, {"Intent": intent}, last=120)
        for intent, minutes in {**CALM, **intents}.items()
    ]


def risen(to: float, before: float, minutes: int = ONSET) -> Minutes:
    return since(minutes, to, before)


def calls(
    intent: str,
    *,
    models: Mapping[str, int],
    output: int = 200,
    ago_m: Sequence[float] = (),
) -> list[Log]:
    """So many calls of each model every five minutes."""
    return [
        Log(
            "/mangaassist/orchestrator",
            {
                "log_type": "bedrock_call",
                "status": "success",
                "intent": intent,
                "model": model,
                "input_tokens": 900,
                "output_tokens": output,
                "time_to_first_token_ms": 600,
                "latency_ms": 600 + 10 * output,
            },
            ago_s=60 * ago,
            times=times,
        )
        for ago in ago_m
        for model, times in models.items()
    ]


BEFORE, AFTER = tuple(range(45, 235, 5)), tuple(range(2, 38, 5))


def steady(intent: str, *, models: Mapping[str, int] | None = None, output: int = 200) -> list[Log]:
    return changing(intent, models or {"haiku": 4}, models or {"haiku": 4}, output, output)


def changing(
    intent: str,
    before: Mapping[str, int],
    after: Mapping[str, int],
    output_before: int = 200,
    output_after: int = 200,
) -> list[Log]:
    return [
        *calls(intent, models=before, output=output_before, ago_m=BEFORE),
        *calls(intent, models=after, output=output_after, ago_m=AFTER),
    ]


def prompt(
    end: datetime, intent: str, version: str, tokens: int, ago_m: float, *, active: bool
) -> dict[str, Any]:
    at = end - timedelta(minutes=ago_m)
    return {
        "intent": {"S": intent},
        "version": {"S": version},
        "active": {"BOOL": active},
        "template": {"S": "You are MangaAssist."},
        "prompt_tokens": {"N": str(tokens)},
        "max_output_tokens": {"N": "800"},
        "activated_at": {"S": at.strftime("%Y-%m-%dT%H:%M:%SZ")},
    }


def replaced(
    end: datetime, intent: str, before: int, after: int, ago_m: float
) -> list[dict[str, Any]]:
    """A version of almost four hours ago, and the active one of `ago_m` minutes ago.

    Those of other slots are too old or too new to matter, and may stay in the table.
    """
    named = f"{end:%d-%H%M}"
    return [
        prompt(end, intent, f"{named}-before", before, 230, active=False),
        prompt(end, intent, f"{named}-after", after, ago_m, active=True),
    ]


SLOW_FAQ = seeded(faq=risen(3600.0, 2400.0))
ALL_SLOW = seeded(**{intent: risen(3100.0 + calm, calm) for intent, calm in CALM.items()})
