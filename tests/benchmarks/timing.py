"""Whole processes, timed from outside: wall time, peak memory, interleaved against a twin.

Only ratios and medians are reported. The order within a round is shuffled with a
seed, so that drift of the machine hits both sides.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One finished process: seconds of wall time, peak resident memory in MB."""

    seconds: float
    peak_mb: float
    code: int
    stdout: bytes


def run(command: Sequence[str], environment: Mapping[str, str]) -> Run:
    """Run `command` to its end; its own children are not counted in the memory."""
    started = time.perf_counter()
    process = subprocess.Popen(
        list(command),
        env={**environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    with process.stdout as stream:
        stdout = stream.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(
        seconds=time.perf_counter() - started,
        peak_mb=usage.ru_maxrss / 1024,
        code=process.returncode,
        stdout=stdout,
    )


def interleaved(
    commands: Mapping[str, Sequence[str]], environment: Mapping[str, str], *, rounds: int
) -> dict[str, list[Run]]:
    """Each command once a round, in random order, after one round that is not counted."""
    order = random.Random(20261121)  # noqa: S311 - shuffles, hides nothing
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        names = list(commands)
        order.shuffle(names)
        for name in names:
            outcome = run(commands[name], environment)
            if number:
                runs[name].append(outcome)
    return runs


def median_seconds(runs: Sequence[Run]) -> float:
    return statistics.median(one.seconds for one in runs)


def median_ratio(runs: Sequence[Run], base: Sequence[Run]) -> float:
    """The median of the ratios round by round."""
    return statistics.median(
        mine.seconds / other.seconds for mine, other in zip(runs, base, strict=True)
    )
