"""One question to a foundation model, and what came of it. A failure is an answer too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mangaops.errors import MangaopsError

INTERRUPTED = "interrupted"
"""A stream that ended without its end, or broke."""
TIMEOUT = "timeout"
"""The whole call, or a part of it, took longer than it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`system` is the prompt's text, `metadata` what the model's own log is filtered by.

    `cached` makes the prompt a cache point.
    """

    model: str
    system: str
    message: str
    max_output_tokens: int
    cached: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Times are milliseconds since the request was sent, by a monotonic clock.

    `input_tokens` holds those that were read from the prompt cache, `cached_tokens`, too.
    `failure` is AWS's error code, `timeout`, `interrupted` or another word for what went
    wrong. `fatal` is there when every other call would fail the same way: no credentials, no
    access, no such model, a request that is refused.
    """

    first_token_ms: float | None = None
    total_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    stop_reason: str | None = None
    failure: str | None = None
    fatal: MangaopsError | None = None
