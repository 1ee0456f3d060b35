"""`make bench`: start-up, diagnosis, invalidation, statistics, the client, exported logs.

Exit code 1 when a limit is passed.

Nothing here is a test of `make test`: a shared machine is too noisy for that. Each
figure is a median of interleaved runs, each limit is measured in the same run.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile

from tests.benchmarks.client import client
from tests.benchmarks.diagnosis import diagnosis
from tests.benchmarks.exported_logs import exported_logs
from tests.benchmarks.invalidation import invalidation
from tests.benchmarks.startup import startup
from tests.benchmarks.statistics import statistics


def main() -> int:
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--rounds", type=int, default=15, help="start-up runs of each command")
    options.add_argument("--repeat", type=int, default=3, help="diagnoses of each runbook")
    options.add_argument("--removals", type=int, default=7, help="rounds of removing keys")
    parts = ("startup", "diagnosis", "invalidation", "statistics", "client", "logs")
    options.add_argument("--only", choices=parts)
    chosen = options.parse_args()
    keep = ("PATH", "HOME", "LANG", "LC_ALL")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    with tempfile.TemporaryDirectory() as state:
        environment["MANGAOPS_STATE_DIR"] = state
        good = True
        if chosen.only in {None, "startup"}:
            good = startup(environment, rounds=chosen.rounds)
        if chosen.only in {None, "diagnosis"}:
            good = diagnosis(environment, repeat=chosen.repeat) and good
        if chosen.only in {None, "invalidation"}:
            good = invalidation(rounds=chosen.removals) and good
        if chosen.only in {None, "statistics"}:
            good = statistics(environment, rounds=chosen.rounds) and good
        if chosen.only in {None, "client"}:
            good = client() and good
        if chosen.only in {None, "logs"}:
            good = exported_logs(environment, rounds=chosen.removals) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
