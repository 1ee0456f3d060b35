"""known(): the one question that is never unknown.

Its yes holds whatever else is read. Its no rests on something that was not seen: the
result carries that as `unseen`, and no diagnosis that rests on it is confirmed.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from mangaops.diagnose import series
from mangaops.diagnose.env import Env, Evaluates
from mangaops.diagnose.functions.subjects import subject_of
from mangaops.diagnose.series import Unusable
from mangaops.diagnose.values import PENDING, UNKNOWN, Missing, Result, Value, bare, lift, merged
from mangaops.model.evidence import Series, SeriesGroup


def _known(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    found = evaluator.value(node.args[0], env)
    outcome = known(found)
    evaluator.keep(env, evaluator.text(node), outcome, (outcome,))
    return outcome


def known(found: Value) -> Result:
    """True if it is there and, being a series, fresh; pending while nobody has looked."""
    result = lift(found)
    if result.value is PENDING:
        return result
    lost = _lost(result)
    if lost is None:
        return merged(True, (result,))
    return Result(value=False, evidence=result.evidence, unseen=lost)


def _lost(result: Result) -> frozenset[Missing] | None:
    """What is not there, or None."""
    held = bare(result)
    if held is UNKNOWN:
        return result.missing or _missing(result, "it has no value")
    if isinstance(held, Series):
        return _stale(result, (held,))
    if isinstance(held, SeriesGroup):
        return _stale(result, held.series)
    return None


def _stale(result: Result, members: Sequence[Series]) -> frozenset[Missing] | None:
    """A group is known if one of its series is."""
    found = [series.staleness(member) for member in members]
    if None in found:
        return None
    first = next((one.why for one in found if isinstance(one, Unusable)), "no series")
    subject = subject_of(members[0].labels) if len(members) == 1 else ""
    return _missing(result, first, subject)


def _missing(result: Result, why: str, subject: str = "") -> frozenset[Missing]:
    return frozenset(Missing(evidence=i, why=why, subject=subject) for i in result.evidence)


FUNCTIONS = {"known": _known}
