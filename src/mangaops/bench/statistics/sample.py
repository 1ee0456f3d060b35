"""A sample as the mathematics wants it: one row of float64, neither empty nor with NaN."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from mangaops.errors import InputError

Floats = npt.NDArray[np.float64]
HINT = "leave out what was not measured; a failed call is an infinite latency"


def floats(values: Iterable[float] | Floats, *, name: str = "the sample") -> Floats:
    """`values` as float64, in their order, not copied if they are that already.

    InputError: no value, a value that is no number, NaN, or more than one dimension.
    """
    try:
        given = values if isinstance(values, np.ndarray) else list(values)
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} holds what is no number: {error}", hint=HINT) from None
    if array.ndim != 1:
        raise InputError(f"{name} has {array.ndim} dimensions, and a sample has one")
    if array.size == 0:
        raise InputError(f"{name} is empty", hint="measure at least one call of each side")
    # The greatest value is NaN if any is: no second array is needed to see it.
    if np.isnan(array.max()):
        raise InputError(f"{name} holds NaN, which is no measurement", hint=HINT)
    return array


def ordered(values: Iterable[float] | Floats, *, name: str = "the sample") -> Floats:
    """The values in ascending order, in an array of their own that cannot be written to.

    InputError also for a negative value: durations, counts and their rates have none.
    """
    array = np.sort(floats(values, name=name))
    refuse_negative(array, name=name)
    array.flags.writeable = False
    return array


def refuse_negative(ascending: Floats, *, name: str) -> None:
    if ascending[0] < 0:
        raise InputError(f"{name} holds {ascending[0]:g}, and nothing measured here is negative")
