"""`python -m mangaops.sandbox`: the sandbox as a process of its own.

It announces on standard output that it can be used: the `export` lines, or with
`--announce json` one JSON object, which may be an error instead.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mangaops.errors import MangaopsError
from mangaops.sandbox.control import DEFAULT_PORT, Options
from mangaops.sandbox.state import Running, StateFiles


def main(words: list[str] | None = None) -> int:
    chosen = _parser().parse_args(words)
    options = Options(
        scenario=chosen.scenario,
        port=chosen.port,
        latency_ms=chosen.latency,
        faults=tuple(chosen.fault),
        seed=chosen.seed,
        traffic=chosen.traffic,
    )
    files = None if chosen.state_dir is None else StateFiles(chosen.state_dir)
    say = _say_json if chosen.announce == "json" else _say_exports
    try:
        from mangaops.sandbox.process import serve  # noqa: PLC0415 - brings moto

        serve(options, files, say, watch_stdin=chosen.watch_stdin)
    except MangaopsError as error:
        _say_error(error, chosen.announce)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mangaops.sandbox", description=__doc__)
    parser.add_argument("--scenario", help="the scenario to hold; without it no telemetry")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="ms added to every call")
    parser.add_argument("--fault", action="append", default=[], help="SERVICE:OPERATION=KIND")
    parser.add_argument("--seed", type=int, default=1, help="of the generated telemetry")
    parser.add_argument("--traffic", type=float, default=0.0, help="requests a minute")
    parser.add_argument("--state-dir", type=Path, help="list the sandbox in this directory")
    parser.add_argument("--announce", choices=("exports", "json"), default="exports")
    parser.add_argument("--watch-stdin", action="store_true", help="stop when it ends")
    return parser


def _say_exports(ready: Running) -> None:
    for name, value in ready.exports().items():
        print(f"export {name}={value}", flush=True)  # noqa: T201 - this is the answer


def _say_json(ready: Running) -> None:
    print(ready.as_json(), flush=True)  # noqa: T201 - this is the answer


def _say_error(error: MangaopsError, form: str) -> None:
    told = {"kind": error.kind, "what": error.what, "where": error.where, "hint": error.hint}
    if form == "json":
        print(json.dumps({"error": told}), flush=True)  # noqa: T201 - this is the answer
        return
    print(f"error: {error}\nhint: {error.hint}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
