"""Functions of one series: aggregates of a sub-window, earlier days, and its onset.

`min max avg sum count` and `pct` also take lists and generators; those forms are in
`of_members`, and each function here hands over what is no series.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from mangaops.diagnose import figures, series
from mangaops.diagnose.env import Env, Evaluates
from mangaops.diagnose.functions import of_members
from mangaops.diagnose.functions.subjects import subject_of
from mangaops.diagnose.operators import guarded, is_number
from mangaops.diagnose.series import AGGREGATES, Baseline, Stretch, Unusable
from mangaops.diagnose.values import (
    PENDING,
    UNKNOWN,
    Absent,
    Missing,
    Result,
    Value,
    bare,
    blocked,
    lift,
    merged,
)
from mangaops.model.evidence import Series
from mangaops.model.query import MetricQuery
from mangaops.model.time import parse_duration

Measure = Callable[[Stretch], float | None]


def unusable(found: Value, why: str) -> Result:
    """Unknown, because the series `found` cannot be decided on."""
    result = lift(found)
    held = result.value.series if isinstance(result.value, Baseline) else result.value
    labels = held.labels if isinstance(held, Series) else {}
    lost = frozenset(
        Missing(evidence=i, why=why, subject=subject_of(labels)) for i in result.evidence
    )
    return Result(
        value=UNKNOWN, evidence=result.evidence, missing=lost | result.missing, gaps=result.gaps
    )


def _aggregate(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if isinstance(node.args[0], ast.GeneratorExp):
        return of_members.aggregate(evaluator, node, env)
    found = evaluator.value(node.args[0], env)
    if isinstance(bare(found), Absent):
        return found
    if isinstance(bare(found), Series | Baseline):
        return _measured(found, _window(evaluator, node, 1), AGGREGATES[name])
    return of_members.of_values(evaluator, node, env, found)


def _percentile(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    level = evaluator.value(node.args[1], env)
    if isinstance(node.args[0], ast.GeneratorExp):
        return of_members.percentile(evaluator, node, env, level)
    found = evaluator.value(node.args[0], env)
    state = blocked((found, level))
    if state is not None:
        return merged(state, (found, level))
    if not isinstance(bare(found), Series | Baseline):
        return of_members.percentile_of(found, level)
    rank = bare(level)

    def measure(stretch: Stretch) -> float | None:
        if stretch.sparse and not stretch.points:
            return 0.0
        return figures.percentile(stretch.values, rank) if is_number(rank) else None

    result = _measured(found, _window(evaluator, node, 2), measure)
    return merged(result.value, (result, level))


def _measured(found: Value, window: float | None, measure: Measure) -> Result:
    """A figure of the sub-window, with gaps where it has holes."""
    held = bare(found)
    assert isinstance(held, Series | Baseline)  # noqa: S101 - the callers have looked
    stretch = series.stretch(held, window)
    if isinstance(stretch, Unusable):
        return unusable(found, stretch.why)
    value = guarded(_computed(measure, stretch))
    if value is UNKNOWN:
        return unusable(found, "too few datapoints")
    gaps = lift(found).evidence if stretch.gaps else frozenset[str]()
    return merged(value, (found, Result(value=None, gaps=gaps)))


def _computed(measure: Measure, stretch: Stretch) -> float | None:
    try:
        return measure(stretch)
    except OverflowError:
        return None


def _latest(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    found = evaluator.value(node.args[0], env)
    held = bare(found)
    if not isinstance(held, Series | Baseline):
        return found
    window = _window(evaluator, node, 1)
    stretch = _newest_stretch(held, window)
    if isinstance(stretch, Unusable):
        return unusable(found, stretch.why)
    value = series.latest(held, stretch)
    return unusable(found, value.why) if isinstance(value, Unusable) else merged(value, (found,))


def _newest_stretch(held: Series | Baseline, window: float | None) -> Stretch | Unusable:
    """One point is enough for latest(), so coverage does not count."""
    if isinstance(held, Baseline):
        return series.stretch(held, window)
    stale = series.staleness(held)
    return stale if stale is not None else series.uncovered(held, window)


def _baseline(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    found = evaluator.value(node.args[0], env)
    held = bare(found)
    if not isinstance(held, Series):
        return found
    asked = [_days(evaluator, evidence_id) for evidence_id in lift(found).evidence]
    days = max([len(held.earlier), *asked])
    return merged(Baseline(series=held, days=days), (found,))


def _days(evaluator: Evaluates, evidence_id: str) -> int:
    declaration = evaluator.facts.runbook.evidence.get(evidence_id)
    query = declaration.query if declaration else None
    wanted = query.baseline if isinstance(query, MetricQuery) else None
    return wanted.days if wanted else 0


def _until(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    return _at(evaluator, node, env, series.until)


def _onset(evaluator: Evaluates, node: ast.Call, env: Env) -> Value:
    return _at(evaluator, node, env, series.onset)


def _at(
    evaluator: Evaluates,
    node: ast.Call,
    env: Env,
    cut: Callable[[Series, float], Series | float | Unusable],
) -> Value:
    """A fresh series and a number: what `cut` makes of them."""
    found, number = evaluator.value(node.args[0], env), evaluator.value(node.args[1], env)
    state = blocked((found, number))
    held, at = bare(found), bare(number)
    if state is PENDING:
        return merged(PENDING, (found, number))
    if state is not None or not isinstance(held, Series) or not is_number(at):
        return merged(UNKNOWN, (found, number))
    outcome = series.staleness(held) or cut(held, at)
    if isinstance(outcome, Unusable):
        lost = unusable(found, outcome.why)
        return merged(UNKNOWN, (lost, number))
    return merged(outcome, (found, number))


def _window(evaluator: Evaluates, node: ast.Call, position: int) -> float | None:
    """Seconds of the sub-window: a duration in quotes, or a parameter that holds seconds."""
    if len(node.args) <= position:
        return None
    argument = node.args[position]
    if isinstance(argument, ast.Constant):
        length = parse_duration(str(argument.value))
        return length.total_seconds() if length else None
    seconds = evaluator.facts.parameter(argument.id) if isinstance(argument, ast.Name) else None
    return float(seconds) if is_number(seconds) else None


FUNCTIONS = {
    **dict.fromkeys(AGGREGATES, _aggregate),
    "pct": _percentile,
    "latest": _latest,
    "baseline": _baseline,
    "until": _until,
    "onset": _onset,
}
