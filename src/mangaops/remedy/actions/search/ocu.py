"""OpenSearch Compute Units: which limits are legal, and how they are written.

AWS takes 2, 4, 8, 16, and from there multiples of 16 up to 1,696: the values that the
documentation of both generations of collection groups agrees on (aws-facts: 6 is invalid).
"""

from __future__ import annotations

from mangaops.errors import InputError

LEGAL: tuple[int, ...] = (2, 4, 8, *range(16, 1697, 16))


def above(ocu: float) -> int | None:
    """The next legal value above; None above the largest."""
    return next((value for value in LEGAL if value > ocu), None)


def checked(ocu: float) -> int:
    """The value, if it is legal. Raises InputError with its legal neighbours."""
    legal = next((value for value in LEGAL if value == ocu), None)
    if legal is None:
        raise InputError(
            f"{ocu:g} OCU is not a value that AWS takes",
            where="--min",
            hint=f"use {' or '.join(_neighbours(ocu))}; legal are 2, 4, 8, 16 and multiples of 16 "
            f"up to {LEGAL[-1]:,}",
        )
    return legal


def _neighbours(ocu: float) -> list[str]:
    below = max((value for value in LEGAL if value < ocu), default=None)
    return [f"{value}" for value in (below, above(ocu)) if value is not None]
