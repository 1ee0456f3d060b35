"""One `stream_end` record for each streamed call, however it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mangaops.fm.answer import Mode
from mangaops.fm.records.document import instant, known, milliseconds
from mangaops.fm.records.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEndRecord:
    """`chunks` and `characters` count what was delivered; `longest_gap_s` is the longest
    silence between two pieces of it. `reason` says why it broke or was given up.
    """

    at: datetime
    correlation_id: str
    intent: str
    status: Status
    latency_s: float
    chunks: int
    characters: int
    mode: Mode
    session_hash: str | None = None
    model: str | None = None
    model_id: str | None = None
    region: str | None = None
    first_token_s: float | None = None
    longest_gap_s: float | None = None
    stop_reason: str | None = None
    reason: str | None = None

    def document(self) -> dict[str, Any]:
        return {
            "log_type": "stream_end",
            **known(
                timestamp=instant(self.at),
                correlation_id=self.correlation_id,
                session_hash=self.session_hash,
                intent=self.intent,
                model=self.model,
                model_id=self.model_id,
                region=self.region,
                status=self.status.value,
                reason=self.reason,
                latency_ms=milliseconds(self.latency_s),
                time_to_first_token_ms=milliseconds(self.first_token_s),
                chunks=self.chunks,
                characters=self.characters,
                max_gap_ms=milliseconds(self.longest_gap_s),
                stop_reason=self.stop_reason,
                mode=int(self.mode),
            ),
        }
