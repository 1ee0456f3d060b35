"""Runs as a pandas DataFrame, for notebooks. Needs the extra `frames`.

    from pathlib import Path
    from mangaops.bench.runs.frames import frame
    from mangaops.bench.runs.store import read_file

    calls = frame([read_file(Path("nightly.jsonl"))])
    calls[~calls.warm_up].groupby(["intent", "version"]).latency_ms.quantile(0.95)

One row a call, in the order of the runs and of their files. Its own columns:

    run, intent, version, model            category
    number, arm                            int64
    started_at                             datetime64[us, UTC]
    warm_up                                bool
    latency_ms                             float64, infinite for a failed call
    first_token_ms, total_ms, ms_per_token float64, NaN where there is none
    input_tokens, output_tokens, cached_tokens   Int64, <NA> where there is none
    stop_reason, failure                   category, NaN where there is none

and those of its run, the same in each of its rows:

    run_started_at, run_finished_at        datetime64[us, UTC], NaT for an unfinished run
    environment, region, workload, cache, client, digest   category
    prompt_tokens, max_output_tokens       Int64
    seed, samples_per_arm, run_warm_up, concurrency        int64
    rate_per_s                             float64
    interleaved                            bool
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from mangaops.bench.runs.sample import Run, Sample
from mangaops.errors import InputError

if TYPE_CHECKING:
    from pandas import DataFrame

_WORDS, _WHOLE, _SOME, _TIME = "category", "int64", "Int64", "datetime64[us, UTC]"
_CALL: Mapping[str, tuple[str, Callable[[Run, Sample], object]]] = MappingProxyType(
    {
        "run": (_WORDS, lambda run, _: run.header.run),
        "intent": (_WORDS, lambda _, one: one.intent),
        "version": (_WORDS, lambda run, one: run.header.prompts[one.intent][one.arm].version),
        "model": (_WORDS, lambda _, one: one.model),
        "number": (_WHOLE, lambda _, one: one.number),
        "arm": (_WHOLE, lambda _, one: one.arm),
        "started_at": (_TIME, lambda _, one: one.started_at),
        "warm_up": ("bool", lambda _, one: one.warm_up),
        "latency_ms": ("float64", lambda _, one: one.latency_ms),
        "first_token_ms": ("float64", lambda _, one: one.first_token_ms),
        "total_ms": ("float64", lambda _, one: one.total_ms),
        "ms_per_token": ("float64", lambda _, one: one.ms_per_token),
        "input_tokens": (_SOME, lambda _, one: one.input_tokens),
        "output_tokens": (_SOME, lambda _, one: one.output_tokens),
        "cached_tokens": (_SOME, lambda _, one: one.cached_tokens),
        "stop_reason": (_WORDS, lambda _, one: one.stop_reason),
        "failure": (_WORDS, lambda _, one: one.failure),
        "run_started_at": (_TIME, lambda run, _: run.header.started_at),
        "run_finished_at": (_TIME, lambda run, _: run.finished_at),
        "environment": (_WORDS, lambda run, _: run.header.environment),
        "region": (_WORDS, lambda run, _: run.header.region),
        "workload": (_WORDS, lambda run, _: run.header.workload),
        "cache": (_WORDS, lambda run, _: run.header.cache.value),
        "client": (_WORDS, lambda run, _: run.header.client),
        "digest": (_WORDS, lambda run, one: run.header.prompts[one.intent][one.arm].digest),
        "prompt_tokens": (
            _SOME,
            lambda run, one: run.header.prompts[one.intent][one.arm].prompt_tokens,
        ),
        "max_output_tokens": (
            _SOME,
            lambda run, one: run.header.prompts[one.intent][one.arm].max_output_tokens,
        ),
        "seed": (_WHOLE, lambda run, _: run.header.seed),
        "samples_per_arm": (_WHOLE, lambda run, _: run.header.samples_per_arm),
        "run_warm_up": (_WHOLE, lambda run, _: run.header.warm_up),
        "concurrency": (_WHOLE, lambda run, _: run.header.concurrency),
        "rate_per_s": ("float64", lambda run, _: run.header.rate_per_s),
        "interleaved": ("bool", lambda run, _: run.header.interleaved),
    }
)
COLUMNS = tuple(_CALL)


def frame(runs: Iterable[Run]) -> DataFrame:
    """One row a call; the columns are those of the module's docstring, also of no run at all.

    Raises InputError when pandas is not installed.
    """
    try:
        from pandas import DataFrame, Series  # noqa: PLC0415 - an extra
    except ImportError as error:
        hint = "install it: pip install 'mangaops[frames]'"
        raise InputError("this needs pandas, which is not installed", hint=hint) from error
    calls = [(run, one) for run in runs for one in run.samples]
    return DataFrame(
        {
            name: Series([value(run, one) for run, one in calls], dtype=kind)
            for name, (kind, value) in _CALL.items()
        }
    )
