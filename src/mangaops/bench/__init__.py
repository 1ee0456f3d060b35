"""Latency benchmarks of prompts: measured samples, statistics that hold, a gate.

    sample.py      what one call was like, and the header of the run that it belongs to
    run_file.py    a run as JSON lines: the format, strict reading (with run_header.py,
                   run_samples.py, run_lines.py)
    writer.py      writing one: append only, for one writer, resumed after an interruption
    store.py       the runs of a directory or an S3 prefix (places.py)
    latest.py      which stored runs tell how an intent's newest measurement compares
    history.py     stored runs as a series, and where it changed
    noise.py       which margin means something, by simulation from a run
    frames.py      runs as a pandas DataFrame, for notebooks
    comparison.py  what a comparison says: figures with limits, verdict, cause, reasons
    rules.py       the margin, the certainty and the budgets by which is judged
    comparing.py   two samples of one intent; measured.py has its figures, columns.py arrays
    report.py      all intents of two sides; sides.py says which arms of which runs these are
    verdict.py     PASS, FAIL or INCONCLUSIVE, over all intents at once
    cause.py       why it is slower; shift.py, what of the distribution moved
    doubts.py      reasons to distrust; control.py, other intents that moved as well
    budget.py      a prompt against its budget, before any call and as measured
    gate.py        whether a prompt may pass: its budgets and its comparison
    workload.py    what is sent, by intent; workload_format.py has the file's keys
    prompts.py     which prompt each arm sends, of the workload or the prompt table
    schedule.py    which call comes when; limiter.py spaces them, looks.py stops them early
    cost.py        what a run may cost, and has cost
    measurement.py   one run as it will be carried out; runner.py does it, summary.py tells it
    safeguard.py   whether a slower prompt is taken back without a person
    watching.py    which activations are measured, when, and how a watch ends
    rollout.py     the stages of a prompt: promote, hold, or roll back
    statistics/    the mathematics, on numpy and nothing else

A developer compares two samples of latencies without any file:

    from mangaops import bench
    bench.compare(before_ms, after_ms).verdict

Rules, with their reasons:

- Raw samples are kept, summaries are derived. A failed call is an infinite latency: a
  version that fails fast is not a fast version.
- numpy is imported by `statistics`, and by columns, measured, comparing and report, which
  are imported inside the functions that need them. scipy is an oracle of the tests and
  never imported here: it takes 0.6 s.
- No verdict from what cannot carry one: too few samples, different conditions or one
  side only are INCONCLUSIVE, with the reason.
- The same samples and seed give the same bytes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mangaops.bench.comparing import compare
    from mangaops.bench.comparison import Cause, Comparison, Report, Shift, Verdict
    from mangaops.bench.report import compared
    from mangaops.bench.rules import Rules
    from mangaops.bench.sample import Run, Sample
    from mangaops.bench.sides import Side

_HOMES = {
    "compare": "comparing",
    "compared": "report",
    "Cause": "comparison",
    "Comparison": "comparison",
    "Report": "comparison",
    "Shift": "comparison",
    "Verdict": "comparison",
    "Rules": "rules",
    "Run": "sample",
    "Sample": "sample",
    "Side": "sides",
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
    """Each name is loaded when it is asked for: `bench.sample` needs no numpy."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
