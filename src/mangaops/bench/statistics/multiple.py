"""Several p values at once: how many of them may be believed."""

from __future__ import annotations

from collections.abc import Sequence

from mangaops.errors import InputError


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """The adjusted p values, in the order of the given ones; none for none.

    Holm (1979), A simple sequentially rejective multiple test procedure: the i-th smallest
    of m is multiplied by m - i + 1, is no smaller than the one before it, and at most 1.
    What is at most alpha afterwards is significant, with a chance of at most alpha of any
    false one, however the tests depend on each other.
    """
    for p in p_values:
        if not 0 <= p <= 1:
            raise InputError(f"a p value lies between 0 and 1, not {p}")
    adjusted = [0.0] * len(p_values)
    least = 0.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for smaller, place in enumerate(order):
        least = max(least, min(1.0, p_values[place] * (len(p_values) - smaller)))
        adjusted[place] = least
    return tuple(adjusted)
