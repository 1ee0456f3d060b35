"""Latency benchmarks of prompts: measured samples, statistics that hold, a gate.

    measuring/   a workload becomes a run: prompts, order, pace, cost
    runs/        a run: its calls, its file, the store that keeps it
    comparing/   two sides of runs become a report: figures, doubts, cause, verdict
    guarding/    what follows from a report: the gate, the safeguard, a watch, a rollout
    history.py   stored runs as a series, and where it changed
    noise.py     which margin means something, by simulation from a run
    statistics/  the mathematics, on numpy and nothing else

Data flows from top to bottom: `bench run` measures a run and stores it, `bench compare` takes
two sides out of stored runs and reports, gate, watch and rollout decide by the report.

A developer compares two samples of latencies without any file:

    from mangaops import bench
    bench.compare(before_ms, after_ms).verdict

Rules, with their reasons:

- Raw samples are kept, summaries are derived. A failed call is an infinite latency: a
  version that fails fast is not a fast version.
- numpy is imported by `statistics`, and by columns, figures, compare and report of
  `comparing`, which are imported inside the functions that need them. scipy is an oracle of
  the tests and never imported here: it takes 0.6 s.
- No verdict from what cannot carry one: too few samples, different conditions or one
  side only are INCONCLUSIVE, with the reason.
- The same samples and seed give the same bytes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mangaops.bench.comparing.compare import compare
    from mangaops.bench.comparing.comparison import Cause, Comparison, Report, Shift, Verdict
    from mangaops.bench.comparing.report import compared
    from mangaops.bench.comparing.rules import Rules
    from mangaops.bench.comparing.sides import Side
    from mangaops.bench.runs.sample import Run, Sample

_HOMES = {
    "compare": "comparing.compare",
    "compared": "comparing.report",
    "Cause": "comparing.comparison",
    "Comparison": "comparing.comparison",
    "Report": "comparing.comparison",
    "Shift": "comparing.comparison",
    "Verdict": "comparing.comparison",
    "Rules": "comparing.rules",
    "Run": "runs.sample",
    "Sample": "runs.sample",
    "Side": "comparing.sides",
}

__all__ = [
    "Cause",
    "Comparison",
    "Report",
    "Rules",
    "Run",
    "Sample",
    "Shift",
    "Side",
    "Verdict",
    "compare",
    "compared",
]


def __getattr__(name: str) -> object:
    """Each name is loaded when it is asked for: `bench.Sample` needs no numpy."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
