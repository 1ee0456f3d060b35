"""A million exported records, asked by `mangaops logs` and by a bare DuckDB script.

The limits are the project's own: 1.5 times as long as a Python process that imports duckdb
and runs `read_json` with the columns given, and 400 MB at the peak.
"""

from __future__ import annotations

import gzip
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks.timing import interleaved, median_ratio, median_seconds, run

LIMIT = 1.5
LIMIT_MB = 400
RECORDS = 1_000_000
_START = datetime(2026, 11, 20, 11, tzinfo=UTC)
_INTENTS = ("greeting", "faq", "order_tracking", "recommendation", "comparison")
_ERRORS = ("ThrottlingException", "ModelTimeoutException", "ServiceUnavailableException")

_BARE = '''import sys
import duckdb
print(duckdb.sql("""{query}""").fetchall())
'''
_QUERIES: Mapping[str, str] = {
    "errors": "select error_code, intent, count(*) as errors from read_json('{file}', "
    "format='newline_delimited', columns={{log_type: 'VARCHAR', status: 'VARCHAR', "
    "error_code: 'VARCHAR', intent: 'VARCHAR'}}) "
    "where log_type = 'bedrock_call' and status <> 'success' group by all order by errors desc",
    "latency": "select intent, avg(latency_ms), quantile_cont(latency_ms, [0.5, 0.95, 0.99]), "
    "count(*) from read_json('{file}', format='newline_delimited', columns={{log_type: "
    "'VARCHAR', status: 'VARCHAR', intent: 'VARCHAR', latency_ms: 'DOUBLE'}}) "
    "where log_type = 'bedrock_call' and status = 'success' group by all",
}


def exported_logs(environment: Mapping[str, str], *, rounds: int, records: int = RECORDS) -> bool:
    """Print times, ratios and memory; True when each is within its limit."""
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "export.jsonl"
        write_export(export, records)
        size = export.stat().st_size / 1e6
        mangaops = str(Path(sys.executable).parent / "mangaops")
        commands: dict[str, list[str]] = {}
        for name, query in _QUERIES.items():
            bare = Path(folder) / f"{name}.py"
            bare.write_text(_BARE.format(query=query.format(file=export)))
            commands[f"bare {name}"] = [sys.executable, str(bare)]
            commands[name] = [mangaops, "logs", name, "--file", str(export), "--output", "json"]
        runs = interleaved(commands, environment, rounds=rounds)
        packed = _packed(export)
        zipped = run([mangaops, "logs", "errors", "--file", str(packed)], environment)
    print(f"\n{records:,} exported records, {size:.0f} MB (limits {LIMIT} x DuckDB, {LIMIT_MB} MB)")
    print(f"  {'question':<12}{'s':>8}{'DuckDB s':>10}{'ratio':>8}{'MB':>8}{'DuckDB MB':>11}")
    good = zipped.code == 0
    for name in _QUERIES:
        mine, bare_runs = runs[name], runs[f"bare {name}"]
        ratio = median_ratio(mine, bare_runs)
        peak = max(one.peak_mb for one in mine)
        within = ratio <= LIMIT and peak <= LIMIT_MB and all(one.code == 0 for one in mine)
        good = good and within
        print(
            f"  {name:<12}{median_seconds(mine):>8.2f}{median_seconds(bare_runs):>10.2f}"
            f"{ratio:>8.2f}{peak:>8.0f}{max(one.peak_mb for one in bare_runs):>11.0f}"
            f"{'' if within else '  OVER'}"
        )
    print(f"  errors, gzip{zipped.seconds:>8.2f}{'':>18}{zipped.peak_mb:>8.0f}")
    return good


def write_export(path: Path, records: int) -> None:
    """Records as the model client writes them, one a line; the same ones each time."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_lines(records))


def _lines(records: int) -> Iterator[str]:
    """Texts of one shape are made once: a million calls of json.dumps take long."""
    rng = random.Random(20261121)  # noqa: S311 - test data
    shapes = {
        (intent, error): json.dumps(_record(intent, error))
        .replace("%", "%%")
        .replace('"<', "%")
        .replace('>"', "s")
        for intent in _INTENTS
        for error in (None, *_ERRORS)
    }
    for number in range(records):
        error = rng.choice(_ERRORS) if rng.random() < 0.05 else None
        at = _START + timedelta(milliseconds=86 * number)
        yield (
            shapes[rng.choice(_INTENTS), error]
            % {
                "at": f'"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"',
                "id": f'"{rng.getrandbits(128):032x}"',
                "session": f'"{rng.getrandbits(64):016x}"',
                "ms": round(rng.lognormvariate(6.5, 0.5), 1),
                "first": round(rng.lognormvariate(5.5, 0.4), 1),
                "tokens": rng.randrange(80, 2500),
                "retries": int(rng.random() < 0.04),
            }
            + "\n"
        )


def _record(intent: str, error: str | None) -> dict[str, object]:
    """One call; `<name>` stands for what differs from call to call."""
    return {
        "log_type": "bedrock_call",
        "timestamp": "<(at)>",
        "correlation_id": "<(id)>",
        "session_hash": "<(session)>",
        "intent": intent,
        "model": "sonnet",
        "model_id": "jp.anthropic.claude-sonnet-4-6",
        "model_requested": "jp.anthropic.claude-sonnet-4-6",
        "region": "ap-northeast-1",
        "status": "error" if error else "success",
        **({"error_code": error, "http_status": 429} if error else {}),
        "latency_ms": "<(ms)>",
        "time_to_first_token_ms": "<(first)>",
        "retry_count": "<(retries)>",
        "attempts": 1,
        "deadline_left_ms": 5120.4,
        "stop_reason": "end_turn",
        "mode": 1,
        "prompt_version": "v2.0",
        "breaker": "closed",
        "input_tokens": "<(tokens)>",
        "output_tokens": 180,
        "max_output_tokens": 600,
        "response_valid_json": True,
        "repair": "valid",
    }


def _packed(export: Path) -> Path:
    packed = export.with_suffix(".jsonl.gz")
    with export.open("rb") as source, gzip.open(packed, "wb", compresslevel=1) as target:
        shutil.copyfileobj(source, target)
    return packed
