"""`bench_runs`: which benchmark runs there are, from a directory or an S3 prefix.

A run is a file of JSON lines: first
`{"schema": "mangaops.bench-run/1", "run": "...", "started_at": "...", "prompt_version": "..."}`
(with `intent` where the run is of one), then one object a sample. A damaged file is left
out and named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from mangaops.errors import AwsNotFound, ConfigError
from mangaops.evidence.source import Asked, Stopped, found, missing, query_of
from mangaops.evidence.sources.attempt import attempted
from mangaops.model.evidence import JSON, Evidence, EvidenceState, Row, Table
from mangaops.model.query import BenchRunsQuery
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.time import parse_instant

SCHEMA = "mangaops.bench-run/1"
SUFFIX = ".jsonl"
MOST_RUNS = 500
_COLUMNS = ("run", "started_at", "prompt_version", "intent", "samples")


class Objects(Protocol):
    def prepare(self) -> None: ...
    def keys(self, bucket: str, prefix: str) -> tuple[str, ...]: ...
    def text(self, bucket: str, key: str) -> str: ...


class BenchRunsReader:
    """A store without `s3://` is a directory, relative ones within `root`."""

    def __init__(self, objects: Objects, *, root: Path) -> None:
        self._objects = objects
        self._root = root

    def prepare(self) -> None:
        """Nothing: whether S3 is needed at all is only known with the declaration."""

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        query = query_of(declaration, BenchRunsQuery)
        call: dict[str, JSON] = {"call": "read run files", "store": query.store}
        if not query.store:
            detail = "no store of benchmark runs is configured; set resources.bench_store"
            return missing(declaration, EvidenceState.NO_DATA, detail, query=call)

        def read() -> Evidence:
            rows: list[Row] = []
            damaged: list[str] = []
            for name, text in self._files(query.store):
                if asked.stop.requested:
                    raise Stopped
                row = run_of(text)
                if row is None:
                    damaged.append(name)
                else:
                    rows.append(row)
            return _evidence(declaration, call, rows, damaged)

        return attempted(declaration, call, read)

    def _files(self, store: str) -> Iterator[tuple[str, str]]:
        """Name and text of each run file; only the last ones by name when there are very many."""
        if store.startswith("s3://"):
            return self._from_s3(store)
        return self._from_directory(self._root / Path(store).expanduser())

    def _from_s3(self, store: str) -> Iterator[tuple[str, str]]:
        bucket, _, prefix = store.removeprefix("s3://").partition("/")
        keys = [key for key in self._objects.keys(bucket, prefix) if key.endswith(SUFFIX)]
        for key in sorted(keys)[-MOST_RUNS:]:
            yield key, self._objects.text(bucket, key)

    def _from_directory(self, folder: Path) -> Iterator[tuple[str, str]]:
        if not folder.is_dir():
            raise AwsNotFound(f"there is no directory {folder}", where="resources.bench_store")
        for file in sorted(folder.glob(f"*{SUFFIX}"))[-MOST_RUNS:]:
            try:
                yield file.name, file.read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                raise ConfigError(
                    f"{file.name} cannot be read: {error.strerror}", where=str(folder)
                ) from error


def run_of(text: str) -> Row | None:
    """One run file as a row; None when its header or any of its samples is damaged."""
    lines = [line for line in text.splitlines() if line.strip()]
    objects = [_object(line) for line in lines]
    if not objects or any(item is None for item in objects):
        return None
    header = objects[0] or {}
    started = parse_instant(header.get("started_at"))
    run = header.get("run")
    if header.get("schema") != SCHEMA or not isinstance(run, str) or started is None:
        return None
    return {
        "run": run,
        "started_at": started.timestamp(),
        "prompt_version": _text(header.get("prompt_version")),
        "intent": _text(header.get("intent")),
        "samples": len(objects) - 1,
    }


def _object(line: str) -> dict[str, object] | None:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _evidence(
    declaration: EvidenceDeclaration, call: dict[str, JSON], rows: list[Row], damaged: list[str]
) -> Evidence:
    note = f"damaged run files left out: {', '.join(damaged)}" if damaged else ""
    summary: dict[str, JSON] = {"rows": len(rows), "damaged": len(damaged)}
    if not rows:
        detail = note or f"no run files in {call['store']}"
        return missing(declaration, EvidenceState.NO_DATA, detail, query=call, summary=summary)
    rows.sort(key=lambda row: str(row["run"]))
    rows.sort(key=lambda row: float(row["started_at"] or 0.0))
    evidence = found(
        declaration, Table(columns=_COLUMNS, rows=tuple(rows)), query=call, summary=summary
    )
    return replace(evidence, detail=note)
