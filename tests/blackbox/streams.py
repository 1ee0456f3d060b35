"""Close reports, failed posts and cancelled streams, as a WebSocket service logs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blackbox.cases import Case
from blackbox.seeding import Log, Metric

STREAMING, LOG = "MangaAssist/Streaming", "/mangaassist/websocket"
KDDI, DOCOMO = "AS2516 KDDI", "AS9605 NTT DOCOMO"
AGES = [40, 300, 700, 1500, 2600, 4000, 5500]
QUARTILES = [90] * 6 + [100] * 8 + [110] * 6
WIDER = [89.9] * 6 + [100] * 8 + [110] * 6


def cancelled(streams: float = 73.0, *, ago: int = 41) -> Metric:
    """All in one minute; as counts are published, with no zeros between."""
    at = lambda age: streams if age == ago else None  # noqa: E731 - two such functions a file
    return Metric(STREAMING, "stream_cancellations", at, last=70)


def silence(longest_ms: float) -> Metric:
    return Metric(STREAMING, "max_frame_gap_ms", lambda age: longest_ms if age == 23 else 700.0)


def closed(times: int, code: int | None, *, ago_s: float = 1700.0, **told: Any) -> Log:
    """Equal close reports. What is given as None is absent, as it is from an event."""
    fields = {
        "log_type": "ws_close",
        "connection_id": "L0SM9cOFvHcCIhw=",
        "close_code": code,
        "connection_age_s": 1310,
        "idle_s": 21,
        "client_network": KDDI,
        **told,
    }
    present = {name: value for name, value in fields.items() if value is not None}
    return Log(LOG, present, ago_s=ago_s, times=times)


def spread(code: int | None, network: str, times: int, **told: Sequence[float]) -> list[Log]:
    """Reports whose numbers go round the given lists."""
    return [
        closed(
            1,
            code,
            client_network=network,
            **{name: values[turn % len(values)] for name, values in told.items()},
        )
        for turn in range(times)
    ]


def gone(times: int, error: str = "GoneException", ago_s: float = 900.0) -> Log:
    fields = {"log_type": "post_error", "connection_id": "x", "error": error}
    return Log(LOG, fields, ago_s=ago_s, times=times)


def case(name: str, conclusion: str, logs: Sequence[Log], **more: Any) -> Case:
    metrics = more.pop("metrics", [cancelled()])
    return Case(name=name, metrics=metrics, logs=logs, conclusion=conclusion, **more)
