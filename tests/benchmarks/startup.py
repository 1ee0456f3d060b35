"""Start-up against a bare Typer program on the same machine, in interleaved runs.

`--help` is compared with the bare program's `--help`, `--version` and `runbook list`
with its command, which prints one line. The limit is the project's own: 1.25 times.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.timing import interleaved, median_ratio, median_seconds

LIMIT = 1.25
BARE = '''"""A Typer program with two commands and nothing else."""
import typer

app = typer.Typer()


@app.command()
def hello(name: str = "world", count: int = 1) -> None:
    """Say hello."""
    typer.echo(f"hello {name} {count}")


@app.command()
def bye(name: str = "world") -> None:
    """Say goodbye."""
    typer.echo(f"bye {name}")


if __name__ == "__main__":
    app()
'''


def startup(environment: Mapping[str, str], *, rounds: int) -> bool:
    """Print the ratios; True when each is within the limit."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        mangaops = str(Path(sys.executable).parent / "mangaops")
        pairs = {
            "--help": ([sys.executable, str(bare), "--help"], [mangaops, "--help"]),
            "--version": ([sys.executable, str(bare), "hello"], [mangaops, "--version"]),
            "runbook list": ([sys.executable, str(bare), "hello"], [mangaops, "runbook", "list"]),
        }
        commands = {}
        for name, (base, mine) in pairs.items():
            commands[f"bare {name}"] = base
            commands[name] = mine
        runs = interleaved(commands, environment, rounds=rounds)
    print(f"\nStart-up, median of {rounds} interleaved runs (limit {LIMIT} x a bare Typer program)")
    print(f"  {'command':<16}{'ms':>8}{'bare ms':>10}{'ratio':>8}")
    good = True
    for name in pairs:
        ratio = median_ratio(runs[name], runs[f"bare {name}"])
        good = good and ratio <= LIMIT
        print(
            f"  {name:<16}{median_seconds(runs[name]) * 1000:>8.0f}"
            f"{median_seconds(runs[f'bare {name}']) * 1000:>10.0f}{ratio:>8.2f}"
            f"{'' if ratio <= LIMIT else '  OVER'}"
        )
    return good
