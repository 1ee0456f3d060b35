"""How values become fields: what is not known is left out, so that a query can ask for it."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any


def known(**fields: Any) -> dict[str, Any]:
    """The fields that are not None, in their order."""
    return {name: value for name, value in fields.items() if value is not None}


def instant(at: datetime) -> str:
    """`2026-11-21T20:15:30.123Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(seconds: float | None) -> float | None:
    """None of an infinite time as well, which JSON has not: no deadline, open until told."""
    if seconds is None or not math.isfinite(seconds):
        return None
    return round(seconds * 1000, 1)
