"""Recorded comparisons of benchmarks as run files that lead to the same comparisons.

A row holds no samples. Those made up here have its p95s, tokens, versions and times, and a
spread with which the verdict comes out as it was recorded; a note says so. What is in one
run with two versions for some intents and one for others is served with the two alone.
"""

from __future__ import annotations

from collections import defaultdict

from mangaops.model.evidence import Evidence, Row, Scalar
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.sandbox.capsule_putting import Putting, rows_of, stand_in, text
from mangaops.sandbox.scenario_benchmarks import Pace, StoredRun
from mangaops.sandbox.stored_runs import store

_NARROW, _WIDE = 0.8, 0.1
"""A median in parts of the p95. Of 200 wide samples a side no ratio near 1 is decided."""
_POWER = 2.37
"""Of log-normal samples, 200 a side, whose ratio of p95 has these one-sided 95 % limits, the
median is (low / high) ** 2.37 of the p95: the ratio's logarithm has a standard error of 0.211
sigma, and the p95 lies 1.645 sigma above the median.
"""
_FAILING = 0.2
"""Enough that the p95 is a failed call."""
_BESIDE_THE_PROMPT = 40
"""Tokens of a customer's message, which `stored_runs` adds."""

Paces = dict[str, tuple[Pace, ...]]


def put_benchmarks(putting: Putting, declaration: EvidenceDeclaration, item: Evidence) -> None:
    if not rows_of(item.value):
        return
    runs: defaultdict[tuple[str, Scalar], Paces] = defaultdict(dict)
    for row in rows_of(item.value):
        baseline, candidate = _pace(row, "baseline"), _pace(row, "candidate")
        if baseline is None or candidate is None:
            continue
        newer = runs[text(row["candidate_run"]), row["candidate_at"]]
        if row["interleaved"]:
            newer[text(row["intent"])] = (baseline, candidate)
        else:
            newer[text(row["intent"])] = (candidate,)
            runs[text(row["baseline_run"]), row["baseline_at"]][text(row["intent"])] = (baseline,)
    now = putting.world.now()
    stored = [
        StoredRun.model_construct(
            ago=(now - putting.at(at)).total_seconds() / 60, samples=200, intents=_uniform(paces)
        )
        for (_, at), paces in sorted(runs.items(), key=str)
    ]
    store(putting.world, tuple(stored), putting.client)
    putting.not_served(declaration, "its samples: others, with the recorded p95s, stand for them")


def _uniform(paces: Paces) -> Paces:
    most = max(map(len, paces.values()))
    return {intent: some for intent, some in paces.items() if len(some) == most}


def _spread(row: Row) -> float:
    """As uncertain as it was: it may have been a control that could tell."""
    low, high = row["low"], row["high"]
    if not isinstance(low, int | float) or not isinstance(high, int | float) or not 0 < low <= high:
        return _WIDE
    return max(_WIDE, min(_NARROW, float((low / high) ** _POWER)))


def _pace(row: Row, side: str) -> Pace | None:
    p95, tokens = row[f"p95_{side}"], row[f"output_tokens_{side}"]
    failing = p95 is None and side == "candidate" and bool(row.get("infinite"))
    if failing:
        p95 = row["p95_baseline"]
    if not isinstance(p95, int | float):
        return None
    spread = _spread(row) if row["verdict"] == "INCONCLUSIVE" else _NARROW
    first = 0.3 * spread * float(row["p95_baseline"] or p95)
    later = row["first_token_part"] if side == "candidate" else 0.0
    prompt = float(row[f"prompt_tokens_{side}"] or 0) - _BESIDE_THE_PROMPT
    return Pace(
        version=text(row[f"{side}_version"]),
        p50=spread * p95,
        p95=p95,
        first_token=max(1.0, first + float(later or 0.0)),
        prompt=max(1, round(prompt)),
        output=max(2, round(float(tokens or 2))),
        failures=_FAILING if failing else 0,
        template=stand_in(digest) if (digest := row.get(f"{side}_digest")) else None,
    )
