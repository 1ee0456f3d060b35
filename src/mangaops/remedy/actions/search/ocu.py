"""OpenSearch Compute Units: which limits are legal, and how they are written.

AWS takes 2, 4, 8, 16, and from there multiples of 16 up to 1,696: the values that the
documentation of both generations of collection groups agrees on (6 is invalid).
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
            hint=f"{_neighbours(ocu)}legal are 2, 4, 8, 16 and multiples of 16 up to {LEGAL[-1]:,}",
        )
    return legal


def _neighbours(ocu: float) -> str:
    """`use 4 or 8; `, and nothing where there is no neighbour."""
    below = max((value for value in LEGAL if value < ocu), default=None)
    near = [f"{value}" for value in (below, above(ocu)) if value is not None]
    return f"use {' or '.join(near)}; " if near else ""
