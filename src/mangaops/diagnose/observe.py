"""A decided comparison as a `Check`: what was observed, against what, and by how much."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from mangaops.diagnose.equality import attributable
from mangaops.diagnose.facts import Facts
from mangaops.diagnose.operators import is_number
from mangaops.diagnose.plain import plain_text
from mangaops.diagnose.units import unit_of
from mangaops.diagnose.values import UNKNOWN, Absent, Result, Value, bare
from mangaops.model.diagnosis import Check
from mangaops.model.evidence import Scalar


def check(
    facts: Facts,
    expression: str,
    outcome: Result,
    sides: Sequence[Value],
    nodes: Sequence[ast.expr],
    subject: str,
    variables: Mapping[str, Value],
) -> Check:
    """`sides` are the observed value and perhaps a threshold, `nodes` their expressions."""
    observed, threshold = (*(shown(side) for side in sides), None)[:2]
    known = outcome.value if isinstance(outcome.value, bool) else None
    unseen = attributable(outcome.missing | outcome.unseen)
    lost = {missing.evidence for missing in unseen}
    if outcome.value is UNKNOWN and not lost:
        lost = set(outcome.evidence)
    units = (unit_of(node, facts, variables) for node in nodes)
    return Check(
        expression=expression,
        result=known,
        observed=observed,
        threshold=threshold,
        margin=margin(observed, threshold) if known is not None else None,
        evidence=tuple(sorted(outcome.evidence)),
        subject=subject,
        unit=next(filter(None, units), ""),
        missing=tuple(sorted(lost)),
        gaps=bool(outcome.gaps),
    )


def margin(observed: Scalar, threshold: Scalar) -> float | None:
    """(observed - threshold) / |threshold|; None where that says nothing."""
    if not (is_number(observed) and is_number(threshold)) or threshold == 0:
        return None
    try:
        return (observed - threshold) / abs(threshold)
    except OverflowError:
        return None


def shown(value: Value) -> Scalar:
    """A value as one scalar; a list becomes text, what is absent None."""
    held = bare(value)
    match held:
        case Absent() | None:
            return None
        case bool() | int() | float() | str():
            return held
        case tuple():
            return ", ".join(plain_text(entry) for entry in held)
        case _:
            return None
