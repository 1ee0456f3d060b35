"""A run of the benchmark: what will be sent and may cost, and what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from mangaops.bench.measuring.cost import Estimate
from mangaops.bench.measuring.measurement import Measurement
from mangaops.bench.measuring.summary import ArmFigures
from mangaops.bench.runs.sample import Run
from mangaops.model.evidence import JSON, Row
from mangaops.model.time import iso
from mangaops.render.bench_document import said
from mangaops.render.escaping import escaped, visible
from mangaops.render.figures import counted, dollars, number
from mangaops.render.grid import grid_markdown, grid_text

SCHEMA = "mangaops.bench-run-summary/1"
LEAST_USD = 0.00005
"""Calls that broke off cost at most what they could: from here on the total says so."""
_SHOWN_CALLS = 12
_DIGEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RunAnswer:
    """`status` is `finished`, `interrupted`, `over_cost` or `dry_run`; `next` the command to type.

    `measurement` is there where nothing was sent; `run` where something was.
    """

    status: str
    next: str
    measurement: Measurement | None = None
    run: Run | None = None
    arms: tuple[ArmFigures, ...] = ()
    usd: float = 0.0
    notes: tuple[str, ...] = ()


def plan_lines(found: Measurement, *, free: bool) -> Iterator[str]:
    """What will be sent and may cost, before the first call. `free` is the sandbox."""
    header = found.header
    arms = " against ".join(dict.fromkeys(header.arms))
    same = " against itself" if len(header.arms) == 2 and len(set(header.arms)) == 1 else ""
    yield visible(f"run    {header.run}: {', '.join(header.prompts)}; {arms}{same}")
    for model in dict.fromkeys(found.models.values()):
        yield visible(f"model  {model}")
    yield visible(f"where  {header.region}, prompt cache {header.cache.value}{_pace(found)}")
    estimate = found.estimate()
    each = " each" if len(header.arms) * len(header.prompts) > 1 else ""
    warm = f" after {header.warm_up} to warm up" if header.warm_up else ""
    samples = counted(header.samples_per_arm, "sample")
    yield f"calls  {estimate.calls:,}: {samples}{each}{warm}"
    yield f"tokens about {estimate.input_tokens:,} in, at most {estimate.output_tokens:,} out"
    yield visible(f"cost   {_cost(estimate, free=free)}")


def _pace(found: Measurement) -> str:
    rate = found.header.rate_per_s
    at_once = f"{found.header.concurrency} at once"
    return f", {at_once}" + (f", {number(rate)} a second at most" if rate else "")


def _cost(estimate: Estimate, *, free: bool) -> str:
    if free:
        return "nothing, in the sandbox"
    if estimate.unpriced:
        return f"not known: benchmarks.prices lacks {', '.join(estimate.unpriced)}"
    return f"{dollars(estimate.low_usd)} to {dollars(estimate.high_usd)}"


def run_text(answer: RunAnswer, *, free: bool = False) -> str:
    lines: list[str] = []
    if answer.measurement is not None:
        lines += [*plan_lines(answer.measurement, free=free), "", *_prompts(answer.measurement)]
        lines += ["", *_calls(answer.measurement)]
    if answer.run is not None:
        lines += [*grid_text(_COLUMNS, _rows(answer.arms), {}).splitlines(), ""]
        lines += [*_failures(answer.arms), *map(visible, answer.notes)]
        lines += [_ended(answer, free=free), visible(f"kept in {answer.run.place}")]
    lines.append(f"next: {answer.next}")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def run_markdown(answer: RunAnswer, *, free: bool = False) -> str:
    lines: list[str] = []
    if answer.measurement is not None:
        lines += ["## Benchmark, not sent", ""]
        lines += [f"- {escaped(line)}" for line in plan_lines(answer.measurement, free=free)]
    if answer.run is not None:
        lines += [f"## Benchmark {answer.run.header.run}: {answer.status.replace('_', ' ')}", ""]
        lines += [*grid_markdown(_COLUMNS, _rows(answer.arms), {}).splitlines(), ""]
        told = [*_failures(answer.arms), *answer.notes, _ended(answer, free=free)]
        lines += [f"- {escaped(line)}" for line in told]
    lines += ["", f"Next: `{answer.next}`"]
    return "".join(f"{line}\n" for line in lines)


def run_document(answer: RunAnswer) -> Mapping[str, JSON]:
    """An infinite latency is the text `inf`."""
    run, planned = answer.run, answer.measurement
    header = run.header if run else planned.header if planned else None
    if header is None:
        raise ValueError("neither a run nor a plan")
    return {
        "schema": SCHEMA,
        "run": header.run,
        "status": answer.status,
        "place": run.place if run else None,
        "started": iso(header.started_at),
        "finished": iso(run.finished_at) if run and run.finished_at else None,
        "environment": header.environment,
        "region": header.region,
        "workload": header.workload,
        "seed": header.seed,
        "samples_per_arm": header.samples_per_arm,
        "warm_up": header.warm_up,
        "versions": list(header.arms),
        "prompts": {
            intent: [asdict(one) for one in used] for intent, used in header.prompts.items()
        },
        "estimate": _estimate_document(planned.estimate()) if planned else None,
        "arms": [_arm_document(one) for one in answer.arms],
        "usd": round(answer.usd, 6),
        "notes": list(answer.notes),
        "next": answer.next,
    }


def _estimate_document(found: Estimate) -> Mapping[str, JSON]:
    return {
        "calls": found.calls,
        "input_tokens": found.input_tokens,
        "output_tokens_at_most": found.output_tokens,
        "usd_at_least": None if found.unpriced else round(found.low_usd, 6),
        "usd_at_most": None if found.unpriced else round(found.high_usd, 6),
        "without_a_price": list(found.unpriced),
    }


def _arm_document(one: ArmFigures) -> Mapping[str, JSON]:
    return {
        "intent": one.intent,
        "version": one.version,
        "model": one.model,
        "samples": one.samples,
        "failures": one.failures,
        "failed_with": dict(one.failed_with),
        "p50_ms": said(one.p50_ms),
        "p95_ms": said(one.p95_ms),
        "first_token_p95_ms": said(one.first_token_p95_ms),
        "input_tokens": one.input_tokens,
        "output_tokens": one.output_tokens,
        "usd": None if one.usd is None else round(one.usd, 6),
    }


_COLUMNS = ("intent", "version", "samples", "failed", "p50", "p95", "TTFT p95", "in", "out", "cost")


def _rows(arms: Sequence[ArmFigures]) -> list[Row]:
    return [
        {
            "intent": visible(one.intent),
            "version": visible(one.version),
            "samples": one.samples,
            "failed": one.failures,
            "p50": _ms(one.p50_ms),
            "p95": _ms(one.p95_ms),
            "TTFT p95": _ms(one.first_token_p95_ms),
            "in": None if one.input_tokens is None else round(one.input_tokens),
            "out": None if one.output_tokens is None else round(one.output_tokens),
            "cost": None if one.usd is None else dollars(one.usd),
        }
        for one in arms
    ]


def _ms(value: float | None) -> str | None:
    if value is None:
        return None
    return "failed" if math.isinf(value) else f"{number(value)} ms"


def _failures(arms: Sequence[ArmFigures]) -> Iterator[str]:
    for one in arms:
        if one.failures:
            told = ", ".join(f"{count} {word}" for word, count in one.failed_with.items())
            yield visible(f"failed: {one.intent} {one.version}: {told}")


def _ended(answer: RunAnswer, *, free: bool) -> str:
    run = answer.run
    if run is None:
        return ""
    told = sum(one.usd or 0.0 for one in answer.arms)
    most = "at most " if answer.usd - told > LEAST_USD else ""
    cost = f"{most}{dollars(answer.usd)}{', had it not been the sandbox' if free else ''}"
    return visible(f"run {run.header.run}: {counted(len(run.samples), 'call')}, {cost}")


def _prompts(found: Measurement) -> Iterator[str]:
    rows: list[Row] = [
        {
            "intent": visible(intent),
            "version": visible(prompt.version),
            "prompt tokens": f"{prompt.tokens}{'' if prompt.prompt_tokens else ' (estimated)'}",
            "most out": prompt.max_output_tokens,
            "sha256": prompt.used.digest[:_DIGEST],
        }
        for intent, prompts in found.prompts.items()
        for prompt in prompts
    ]
    yield from grid_text([*rows[0]], rows, {}).splitlines()


def _calls(found: Measurement) -> Iterator[str]:
    """The beginning of the schedule: that is enough to see the order."""
    yield "the first calls, in this order:"
    for position, call in enumerate(found.calls()):
        if position == _SHOWN_CALLS:
            yield f"  ... and {found.left() - _SHOWN_CALLS:,} more"
            return
        version = found.prompts[call.intent][call.arm].version
        warm = ", warm-up" if call.warm_up else ""
        yield visible(
            f"  {call.number:>4}  {call.intent} {version}, message {call.message + 1}{warm}"
        )
