"""Comparing two samples against sorting them, and `bench compare` against a bare program.

compare      `bench.compare`: p50, p95 and p99 of both, the ratios with their
             limits, Mann-Whitney U with its p value, Cliff's delta, the verdict
np.sort      of both sides, each into a new array, in the same process, in turns with it
peak         of that process, with the two samples of 8 bytes a value in it

The latencies are lognormal in ticks of 0.01 ms, so that most are tied at the larger size.
The bare program is that of the start-up figures, which imports numpy besides.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks.startup import BARE
from tests.benchmarks.timing import interleaved, median_ratio, median_seconds, run

SORT_LIMITS = {1_000_000: 5.0, 10_000_000: 4.0}
PEAK_LIMIT_MB = 1000
PROCESS_LIMIT = 1.6
PER_ARM = 1000
_COMPARE = """
import json, statistics, sys, time
import numpy as np
from mangaops.bench.comparing.compare import compare

n = int(sys.argv[1])
generator = np.random.default_rng(1)
a, b = (np.round(generator.lognormal(mean, 0.434, n), 2) for mean in (7.0, 7.05))


def seconds(work):
    since = time.perf_counter()
    work()
    return time.perf_counter() - since


def sort_both():
    np.sort(a)
    np.sort(b)


compare(a[:1000], b[:1000])
pairs = [(seconds(sort_both), seconds(lambda: compare(a, b))) for _ in range(3)]
print(json.dumps({
    "sort": statistics.median(sort for sort, _ in pairs),
    "compare": statistics.median(mine for _, mine in pairs),
    "ratio": statistics.median(mine / sort for sort, mine in pairs),
}))
"""


def statistics(environment: Mapping[str, str], *, rounds: int) -> bool:
    """Print the ratios; True when each is within its limit."""
    good = _against_sorting(environment)
    return _whole_process(environment, rounds=rounds) and good


def _against_sorting(environment: Mapping[str, str]) -> bool:
    print("\nComparing two samples, median of 3 rounds, against np.sort of both")
    print(f"  {'a side':>12}{'ms':>8}{'sort ms':>10}{'ratio':>8}{'limit':>8}{'peak MB':>10}")
    good = True
    for n, limit in SORT_LIMITS.items():
        outcome = run([sys.executable, "-c", _COMPARE, str(n)], environment)
        if outcome.code:
            print(f"  {n:>12,}  FAILED with code {outcome.code}")
            good = False
            continue
        found = json.loads(outcome.stdout)
        kept = found["ratio"] <= limit and outcome.peak_mb < PEAK_LIMIT_MB
        good = good and kept
        print(
            f"  {n:>12,}{found['compare'] * 1000:>8.0f}{found['sort'] * 1000:>10.0f}"
            f"{found['ratio']:>8.2f}{limit:>8.1f}{outcome.peak_mb:>10.0f}"
            f"{'' if kept else '  OVER'}"
        )
    return good


def _whole_process(environment: Mapping[str, str], *, rounds: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        bare, stored = Path(folder) / "bare.py", Path(folder) / "run.jsonl"
        bare.write_text(BARE.replace("import typer\n", "import numpy\nimport typer\n", 1))
        stored.write_text(_run_file())
        mangaops = str(Path(sys.executable).parent / "mangaops")
        commands = {
            "bare": [sys.executable, str(bare), "hello"],
            "compare": [mangaops, "bench", "compare", str(stored)],
        }
        runs = interleaved(commands, environment, rounds=rounds)
    ratio = median_ratio(runs["compare"], runs["bare"])
    codes = {one.code for one in runs["compare"]}
    kept = ratio <= PROCESS_LIMIT and codes <= {0, 3, 4}
    print(
        f"\n`bench compare` of {PER_ARM:,} calls a side, median of {rounds} interleaved runs"
        f"\n  {median_seconds(runs['compare']) * 1000:.0f} ms, a bare Typer program with numpy"
        f" {median_seconds(runs['bare']) * 1000:.0f} ms: {ratio:.2f} times"
        f" (limit {PROCESS_LIMIT}){'' if kept else '  OVER, or failed'}"
    )
    return kept


def _run_file() -> str:
    """A run of two versions, interleaved, as `bench run` leaves it."""
    import numpy as np  # noqa: PLC0415 - only here

    from mangaops.bench.runs.run_file import end_line, header_line, sample_line  # noqa: PLC0415
    from mangaops.bench.runs.sample import PromptUsed, RunHeader, Sample  # noqa: PLC0415

    began = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
    generator = np.random.default_rng(1)
    arms = ("v2.0", "v2.1")
    header = RunHeader(
        run="b-20261121T110000-be9c",
        started_at=began,
        arms=arms,
        prompts={
            "recommendation": tuple(
                PromptUsed(version=arm, digest=arm.replace(".", "") * 8) for arm in arms
            )
        },
        region="us-east-1",
        samples_per_arm=PER_ARM,
    )
    lines = [header_line(header)]
    for number in range(2 * PER_ARM):
        first = 400 * float(generator.lognormal(0, 0.2))
        tokens = int(generator.integers(180, 420))
        sample = Sample(
            number=number + 1,
            intent="recommendation",
            arm=number % 2,
            started_at=began + timedelta(seconds=number),
            model="anthropic.claude-3-5-sonnet-20241022-v2:0",
            first_token_ms=round(first, 2),
            total_ms=round(first + tokens * float(generator.lognormal(1.5, 0.3)), 2),
            input_tokens=520,
            output_tokens=tokens,
            stop_reason="end_turn",
        )
        lines.append(sample_line(sample))
    lines.append(end_line(began + timedelta(seconds=2 * PER_ARM), 2 * PER_ARM))
    return "".join(lines)
