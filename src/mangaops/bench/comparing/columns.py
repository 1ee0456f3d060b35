"""Samples as arrays, one a metric. Numbers alone are the total latencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

import numpy as np
import numpy.typing as npt

from mangaops.bench.comparing.cause import Means
from mangaops.bench.runs.sample import LEAST_MS, MOST_MS, Sample
from mangaops.errors import InputError

Floats = npt.NDArray[np.float64]
Latencies = Iterable[float] | Iterable[Sample] | Floats
"""Total latencies in ms, infinite for failed calls, or the calls themselves."""
_PLAIN = frozenset("iufO")
"""Kinds of arrays: whole numbers, floats, and objects, which are read one by one."""
NONE: Floats = np.empty(0, dtype=np.float64)


def _none() -> Floats:
    return NONE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Columns:
    """One side. `total` has all calls that count, inf for a failed one.

    `first_token` has those and inf where a call failed before it. The others have the
    successful calls that report them. `models` are calls by model. `complete` are three rows:
    total, first token and output tokens of the calls that report all of these. `at` are
    seconds since the first call, for each of `total`. Numbers alone have nothing but `total`.
    """

    total: Floats
    first_token: Floats = field(default_factory=_none)
    ms_per_token: Floats = field(default_factory=_none)
    output_tokens: Floats = field(default_factory=_none)
    input_tokens: Floats = field(default_factory=_none)
    complete: Floats = field(default_factory=_none)
    at: Floats = field(default_factory=_none)
    models: Mapping[str, int] = field(default_factory=dict)
    intents: frozenset[str] = frozenset()
    span: tuple[datetime, datetime] | None = None


def columns(side: Latencies, name: str) -> Columns:
    """InputError: what is neither a number nor a Sample, or not in one row."""
    if hasattr(side, "__array__"):
        return Columns(total=_numbers(side, name))
    given = _listed(side, name)
    samples = [one for one in given if isinstance(one, Sample)]
    if not samples:
        return Columns(total=_numbers(given, name))
    if len(samples) < len(given):
        raise InputError(f"{name} holds numbers and calls: give one kind of these")
    return of_samples([one for one in samples if not one.warm_up])


def _listed(side: object, name: str) -> Sequence[object]:
    if isinstance(side, list | tuple):
        return side
    if not isinstance(side, Iterable) or isinstance(side, str | bytes | Mapping | AbstractSet):
        raise InputError(f"{name} is no sequence of latencies: {type(side).__name__}")
    return list(side)


def _numbers(side: object, name: str) -> Floats:
    if isinstance(side, np.ma.MaskedArray):
        hint = "leave out what was not measured: array.compressed()"
        raise InputError(f"{name} is a masked array, and nothing says what a mask means", hint=hint)
    try:
        given = np.asarray(side)
        plain = not given.size or given.dtype.kind in _PLAIN
        array = given.astype(np.float64, copy=False) if plain else None
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name} holds what is no number: {error}") from None
    if array is None:
        raise InputError(f"{name} holds what is no number of milliseconds: {given.dtype}")
    if array.ndim != 1:
        raise InputError(f"{name} has {array.ndim} dimensions, and a sample has one")
    _refuse_beyond(array, name)
    return array


def _refuse_beyond(array: Floats, name: str) -> None:
    """Times that no call takes: their ratios and sums would overflow. NaN is refused later."""
    for beyond in (
        (array > MOST_MS) & (array < inf),
        (array > 0) & (array < LEAST_MS),
    ):
        if beyond.any():
            told = f"{array[beyond][0]:g} ms, and a time is 0 or {LEAST_MS:f} to {MOST_MS:,.0f} ms"
            raise InputError(f"{name} holds {told}")


def of_samples(samples: Sequence[Sample]) -> Columns:
    """Calls of one intent and one version, without warm-up."""
    if not samples:
        return Columns(total=NONE)
    times = [one.started_at for one in samples]
    answered = [one for one in samples if one.latency_ms < inf]
    began = min(times)
    return Columns(
        total=_array(one.latency_ms for one in samples),
        first_token=_array(one.first_token_latency_ms for one in samples),
        ms_per_token=_array(one.ms_per_token for one in answered),
        output_tokens=_array(one.output_tokens for one in answered),
        input_tokens=_array(one.input_tokens for one in answered),
        complete=_complete(answered),
        at=_array((time - began).total_seconds() for time in times),
        models=Counter(one.model for one in samples if one.model),
        intents=frozenset(one.intent for one in samples),
        span=(began, max(times)),
    )


def _array(values: Iterable[float | None]) -> Floats:
    return np.array([value for value in values if value is not None], dtype=np.float64)


def _complete(answered: Sequence[Sample]) -> Floats:
    rows = [
        (one.total_ms, one.first_token_ms, one.output_tokens)
        for one in answered
        if one.first_token_ms is not None and one.output_tokens is not None
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 3).T


def means(side: Columns) -> Means | None:
    """What the decomposition of the mean needs; None where no call reports its parts."""
    answered = side.total[np.isfinite(side.total)]
    if side.complete.ndim != 2 or side.complete.shape[1] == 0:
        return None
    total, first, tokens = (float(row.mean()) for row in side.complete)
    return Means(
        total_ms=float(answered.mean()), whole_ms=total, first_token_ms=first, output_tokens=tokens
    )
