"""Values of the condition language while it is evaluated: what is known, and from what.

A value is either plain (a scalar, a list, a row, a table: known, from no evidence of
its own) or a `Result`, which also says where it comes from and how sure it is. Rows
of tables stay plain, since there are thousands of them; evidence, series and
everything that was decided from them are results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias, TypeVar

T = TypeVar("T")


class Absent(Enum):
    """Why there is no value: it was looked for in vain, or nobody has looked yet."""

    UNKNOWN = "unknown"
    PENDING = "pending"


UNKNOWN = Absent.UNKNOWN
PENDING = Absent.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What was not seen: an evidence id, the member of a group, and why in a few words."""

    evidence: str
    why: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A value with its provenance.

    `evidence` are the ids it was derived from, `pending` those that must be read first,
    `missing` what made it unknown. `gaps` are ids whose series have holes. `unseen` is
    what was left out of a known value because it was not there (`known(x)` was false):
    a value with it may be another one once that is seen. `at_least` says that what was
    left out could only raise the value.
    """

    value: object
    evidence: frozenset[str] = frozenset()
    pending: frozenset[str] = frozenset()
    missing: frozenset[Missing] = frozenset()
    gaps: frozenset[str] = frozenset()
    unseen: frozenset[Missing] = frozenset()
    at_least: bool = False


Value: TypeAlias = object
"""A `Result`, or a plain value."""


def lift(value: Value) -> Result:
    return value if isinstance(value, Result) else Result(value=value)


def bare(value: Value) -> object:
    """The value without its provenance."""
    return value.value if isinstance(value, Result) else value


def absent(value: Value) -> bool:
    return isinstance(bare(value), Absent)


def merged(value: object, parts: Iterable[Value]) -> Result:
    """`value`, with the provenance of everything that it was derived from."""
    results = [part for part in parts if isinstance(part, Result)]
    if len(results) == 1:  # by far the commonest case
        only = results[0]
        return Result(
            value=value,
            evidence=only.evidence,
            pending=only.pending,
            missing=only.missing,
            gaps=only.gaps,
            unseen=only.unseen,
        )
    return Result(
        value=value,
        evidence=_union([r.evidence for r in results]),
        pending=_union([r.pending for r in results]),
        missing=_union([r.missing for r in results]),
        gaps=_union([r.gaps for r in results]),
        unseen=_union([r.unseen for r in results]),
    )


def blocked(parts: Sequence[Value]) -> Absent | None:
    """PENDING if a part must be read first, else UNKNOWN if one is, else None."""
    states = [bare(part) for part in parts]
    if PENDING in states:
        return PENDING
    return UNKNOWN if UNKNOWN in states else None


def derived(function: Callable[..., object], *parts: Value) -> Value:
    """`function` of known values; absent parts make the whole absent."""
    if not any(isinstance(part, Result) for part in parts):
        return UNKNOWN if UNKNOWN in parts else function(*parts)
    state = blocked(parts)
    value = state if state is not None else function(*(bare(part) for part in parts))
    return merged(value, parts)


def either(parts: Sequence[Value]) -> Value:
    """True as soon as one part is, whatever is absent (Kleene)."""
    return _quantified(parts, decisive=True)


def every(parts: Sequence[Value]) -> Value:
    """False as soon as one part is, whatever is absent (Kleene)."""
    return _quantified(parts, decisive=False)


def negated(part: Value) -> Value:
    return derived(lambda value: not value, part)


def _quantified(parts: Sequence[Value], *, decisive: bool) -> Value:
    """A decisive part that is sure makes the whole sure: nothing missing could undo it."""
    if not any(isinstance(part, Result) for part in parts):
        return decisive if decisive in parts else UNKNOWN if UNKNOWN in parts else not decisive
    deciding = [part for part in parts if bare(part) is decisive]
    if deciding:
        found = [lift(part) for part in deciding]
        best = min(found, key=lambda r: (len(r.unseen) + len(r.gaps) > 0, len(r.unseen) > 0))
        read = merged(None, [part for part in parts if bare(part) is not PENDING])
        return replace(best, value=decisive, evidence=read.evidence)
    state = blocked(parts)
    value = state if state is not None else not decisive
    return merged(value, parts)


def _union(sets: Iterable[frozenset[T]]) -> frozenset[T]:
    """Most are empty, or the same: this is the innermost loop of every walk."""
    found = frozenset[T]()
    for one in sets:
        if one and one is not found:
            found = found | one if found else one
    return found
