"""Run files of a scenario's earlier benchmarks, in the bucket where its runbooks look.

Quantiles come out exactly as the scenario says them, and the same scenario at the same
moment gives the same bytes: latencies are the quantiles of a log-normal distribution,
shuffled by a seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from statistics import NormalDist
from typing import Any

from mangaops.bench.runs.run_file import end_line, header_line, sample_line
from mangaops.bench.runs.sample import PromptUsed, RunHeader, Sample
from mangaops.model.prompt_digest import prompt_digest
from mangaops.sandbox.scenario_benchmarks import Pace, StoredRun
from mangaops.sandbox.seed import PARAMETERS, PROMPT_TABLE
from mangaops.sandbox.world import World

BUCKET = "mangaassist-bench"
PREFIX = "runs"
_NORMAL = NormalDist()
_Z95 = _NORMAL.inv_cdf(0.95)
_BETWEEN = timedelta(milliseconds=500)


Texts = Mapping[tuple[str, str], str]
"""By intent and version."""


class StoredRuns:
    """Where the runs are; "" as long as nobody stored any."""

    def __init__(self, _world: World) -> None:
        self.place = ""


def store(world: World, runs: tuple[StoredRun, ...], client: Callable[[str], Any]) -> None:
    """Puts the files into S3 and says so in the world."""
    if not runs:
        return
    s3 = client("s3") if world.state(StoredRuns).place else own_store(world, client)
    texts = _texts(client)
    for number, run in enumerate(runs, start=1):
        began = world.now() - timedelta(minutes=run.ago)
        name = f"b-{began:%Y%m%d-%H%M%S}-{number:04x}"
        body = "".join(_lines(_header(run, name, began, world.region, texts), run))
        s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/{name}.jsonl", Body=body.encode())


def own_store(world: World, client: Callable[[str], Any]) -> Any:
    """Makes the store, empty, and gives the client: runs of this machine then do not count."""
    s3 = client("s3")
    where = {"LocationConstraint": world.region}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
    world.state(StoredRuns).place = f"s3://{BUCKET}/{PREFIX}"
    return s3


def _texts(client: Callable[[str], Any]) -> Texts:
    """What the prompt table has now: that is what a benchmark sends."""
    items = client("dynamodb").scan(TableName=PROMPT_TABLE)["Items"]
    return {
        (item["intent"]["S"], item["version"]["S"]): item["template"]["S"]
        for item in items
        if "template" in item
    }


def _lines(header: RunHeader, run: StoredRun) -> Iterator[str]:
    yield header_line(header)
    draw = Random(len(header.run) + run.samples)  # noqa: S311 - telemetry, not secrets
    calls = [
        (intent, arm, pace, rank)
        for intent, paces in sorted(run.intents.items())
        for arm, pace in enumerate(paces)
        for rank in range(1, run.samples + 1)
    ]
    draw.shuffle(calls)
    at = header.started_at
    for number, (intent, arm, pace, rank) in enumerate(calls, start=1):
        figures = _figures(pace, rank / run.samples, run.samples)
        model = PARAMETERS["/mangaassist/models/sonnet"]
        yield sample_line(
            Sample(number=number, intent=intent, arm=arm, started_at=at, model=model, **figures)
        )
        at += _BETWEEN
    yield end_line(at, len(calls))


def _header(run: StoredRun, name: str, began: datetime, region: str, texts: Texts) -> RunHeader:
    return RunHeader(
        run=name,
        started_at=began,
        arms=run.arms,
        prompts={
            intent: tuple(_used(intent, pace, texts) for pace in paces)
            for intent, paces in run.intents.items()
        },
        region=region,
        workload="nightly",
        samples_per_arm=run.samples,
        client="mangaops",
    )


def _used(intent: str, pace: Pace, texts: Texts) -> PromptUsed:
    known = texts.get((intent, pace.version), f"{intent} {pace.version}")
    digest = prompt_digest(pace.template or known)
    return PromptUsed(version=pace.version, digest=digest, prompt_tokens=pace.prompt)


def _figures(pace: Pace, share: float, samples: int) -> dict[str, Any]:
    """The call that `share` of all are not slower than; slow answers are long ones."""
    if share > 1 - pace.failures:
        return {"failure": "ThrottlingException"}
    z = _NORMAL.inv_cdf(min(share, 1 - 0.25 / samples))
    sigma = math.log(pace.p95 / pace.p50) / _Z95
    total = pace.p50 * math.exp(sigma * z)
    first = min(0.9 * total, pace.first_token * math.exp(sigma * z - sigma * sigma / 2))
    return {
        "first_token_ms": round(first, 3),
        "total_ms": round(total, 3),
        "input_tokens": pace.prompt + 40,
        "output_tokens": max(2, round(pace.output * math.exp(0.2 * z - 0.02))),
        "stop_reason": "end_turn",
    }
