"""Runs of a benchmark, drawn from a seed: the same arguments give the same samples.

`bench_run()` is the prompt change of the seed's scenario 5, `bench_run(intents={"faq":
(FAQ, FAQ)})` an A/A run of one intent; `run_file(folder / "a.jsonl", run)` keeps it as
`bench run` would.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mangaops.bench.runs.sample import PromptUsed, Run, RunHeader, Sample

START = datetime(2026, 1, 7, 3, 0, tzinfo=UTC)
MODEL = "jp.anthropic.claude-sonnet-4-5-20250929-v1:0"
_Z95 = 1.6448536269514722
"""The 95 % quantile of a standard normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """How one version answers. Totals are log-normal with these quantiles, in ms.

    `failures` is the share of calls that are throttled. `drift` is by how much (a factor)
    the last call is slower than the first.
    """

    p50: float = 1180
    p95: float = 2410
    first_token_ms: float = 540
    output_tokens: float = 285
    prompt_tokens: int = 180
    max_output_tokens: int = 500
    failures: float = 0.0
    drift: float = 1.0

    @property
    def sigma(self) -> float:
        return math.log(self.p95 / self.p50) / _Z95


BEFORE = Behaviour()
"""Recommendation v2.0 of the seed's scenario 5."""
AFTER = Behaviour(p50=1620, p95=3210, first_token_ms=650, output_tokens=410, prompt_tokens=520)
"""Recommendation v2.1: 340 tokens longer, answers longer by 125 tokens."""
FAQ = Behaviour(p50=700, p95=1300, first_token_ms=300, output_tokens=90, prompt_tokens=140)


def bench_run(
    *,
    intents: Mapping[str, Sequence[Behaviour]] | None = None,
    arms: tuple[str, ...] = ("v2.0", "v2.1"),
    n: int = 200,
    seed: int = 7,
    name: str = "b-20260107-030000-7f3a",
    at: datetime = START,
    warm_up: int = 2,
    finished: bool = True,
    kept: Sequence[str] = (),
    **header: Any,
) -> Run:
    """`n` calls of each arm of each intent, in random order (`interleaved=False`: arm by arm).

    `intents` has a Behaviour an arm; those in `kept` have the same prompt whatever its version;
    `header` is any other field of RunHeader.
    """
    wanted = {"recommendation": (BEFORE, AFTER)[: len(arms)]} if intents is None else intents
    assert all(len(by_arm) == len(arms) for by_arm in wanted.values())
    draw = random.Random(f"{seed}/{name}")  # noqa: S311 - a simulation
    order = [(intent, arm) for arm in range(len(arms)) for intent in wanted for _ in range(n)]
    if header.get("interleaved", True):
        draw.shuffle(order)
    warm = [(intent, arm) for intent in wanted for arm in range(len(arms)) for _ in range(warm_up)]
    samples: list[Sample] = []
    clock = at
    for number, (intent, arm) in enumerate([*warm, *order], 1):
        progress = max(0, number - len(warm)) / max(1, len(order))
        one = _sample(draw, wanted[intent][arm], progress)
        samples.append(
            Sample(
                number=number,
                intent=intent,
                arm=arm,
                started_at=clock,
                model=MODEL,
                warm_up=number <= len(warm),
                **one,
            )
        )
        clock += timedelta(milliseconds=500)
    return Run(
        header=_header(
            wanted, arms, name=name, at=at, n=n, seed=seed, warm_up=warm_up, kept=kept, **header
        ),
        samples=tuple(samples),
        finished_at=clock if finished else None,
        place=f"{name}.jsonl",
    )


def run_file(path: Path, run: Run | None = None, **drawn: Any) -> Path:
    """Writes `run`, or `bench_run(**drawn)`, as a run file."""
    from mangaops.bench.runs import run_file as form  # noqa: PLC0415 - for those who write files

    run = bench_run(**drawn) if run is None else run
    lines = [form.header_line(run.header), *map(form.sample_line, run.samples)]
    if run.finished_at is not None:
        lines.append(form.end_line(run.finished_at, len(run.samples)))
    path.write_text("".join(line.rstrip("\n") + "\n" for line in lines), encoding="utf-8")
    return path


def _header(
    wanted: Mapping[str, Sequence[Behaviour]],
    arms: tuple[str, ...],
    *,
    name: str,
    at: datetime,
    n: int,
    seed: int,
    kept: Sequence[str],
    **more: Any,
) -> RunHeader:
    prompts = {
        intent: tuple(
            _prompt(intent, "kept" if intent in kept else version, one, version=version)
            for version, one in zip(arms, by, strict=True)
        )
        for intent, by in wanted.items()
    }
    conditions = {"environment": "staging", "region": "ap-northeast-1", "workload": "nightly"}
    return RunHeader(
        run=name,
        started_at=at,
        arms=arms,
        prompts=prompts,
        seed=seed,
        samples_per_arm=more.pop("samples_per_arm", n),
        **(conditions | {"client": "mangaops 0.1.0"} | more),
    )


def _prompt(intent: str, text: str, one: Behaviour, *, version: str) -> PromptUsed:
    return PromptUsed(
        version=version,
        digest=hashlib.sha256(f"{intent} {text}".encode()).hexdigest(),
        prompt_tokens=one.prompt_tokens,
        max_output_tokens=one.max_output_tokens,
    )


def _sample(draw: random.Random, how: Behaviour, progress: float) -> dict[str, Any]:
    """The measured fields of one call. Longer answers take longer, as they do."""
    z, share, failed = draw.gauss(0, 1), draw.gauss(0, 0.1), draw.random() < how.failures
    if failed:
        return {"failure": "ThrottlingException"}
    total = how.p50 * math.exp(how.sigma * z) * (1 + (how.drift - 1) * progress)
    first = min(0.9 * total, how.first_token_ms * math.exp(0.9 * how.sigma * z + share))
    tokens = max(2, round(how.output_tokens * math.exp(0.3 * z - 0.045 + share)))
    return {
        "first_token_ms": round(first, 3),
        "total_ms": round(total, 3),
        "input_tokens": how.prompt_tokens + 40 + draw.randrange(20),
        "output_tokens": tokens,
        "stop_reason": "end_turn",
    }
