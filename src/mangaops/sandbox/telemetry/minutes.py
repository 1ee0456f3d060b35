"""Durations in scenario files: written `20m`, held as minutes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from mangaops.model.time import parse_duration


def minutes(value: object) -> float:
    """`20m` or `1h30m` as minutes; ValueError for anything else."""
    length = parse_duration(value) if isinstance(value, str) else None
    if length is None:
        raise ValueError("a duration is written 90s, 20m, 2h or 7d")
    return length.total_seconds() / 60


Minutes = Annotated[float, BeforeValidator(minutes)]
