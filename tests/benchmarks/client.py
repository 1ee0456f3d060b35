"""The model client: what it adds to a call, what a breaker costs, how JSON repair grows.

added        Client.complete less a bare boto3 `converse` of the same body, in turns with it,
             against one endpoint on this machine (a process of its own that answers at once).
             The median of the differences pair by pair; records go to a file that is a sink
breaker      acquire and success of a closed breaker, against two empty sections of a lock with
             a look at the clock in the same loops, which nothing thread-safe can do without
repair       100 KB of each text, written by models or worst for a reader, and 1 MB of the same
             over it, the least of 21 and of 7 rounds, in time of the processor: repair waits for
             nothing, and what others take of the machine only adds. Python's collector rests
             meanwhile, as it does for timeit: what it looks through is the whole process.
             Some texts that no model writes have a limit of their own, as much above 20 ms as
             they take on a machine that has other work too
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

PAIRS, WARM_UP = 400, 40
ADDED_LIMIT_MS = 1.0
ROUNDS, LOOPS = 9, 20_000
BREAKER_LIMIT_US, BREAKER_FACTOR = 5.0, 20.0
SMALL, LARGE = 99_000, 990_000
REPAIR_LIMIT_MS, GROWTH_LIMIT = 20.0, 12.0
SLOWER_LIMITS_MS = {
    "missing closers": 35.0,
    "trailing commas, deep": 30.0,
    "numbers, then a doubt": 30.0,
    "a key again and again, deep": 40.0,
    "a key again in single quotes": 40.0,
    "wide spaces between elements": 45.0,
}
MODEL, REGION = "jp.anthropic.claude-haiku-4-5-20251001-v1:0", "ap-northeast-1"
_SERVER = """
import socket, sys, threading
body = (b'{"metrics":{"latencyMs":1},"output":{"message":{"content":[{"text":"OK"}],'
        b'"role":"assistant"}},"stopReason":"end_turn",'
        b'"usage":{"inputTokens":9,"outputTokens":1,"totalTokens":10}}')
answer = (b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n"
          b"x-amzn-RequestId: 0\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body)) + body

def serve(link):
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    seen = b""
    while piece := link.recv(65536):
        seen += piece
        while b"\\r\\n\\r\\n" in seen:
            head, _, rest = seen.partition(b"\\r\\n\\r\\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\\r\\n")[0] or 0)
            if len(rest) < length:
                break
            seen = rest[length:]
            link.sendall(answer)

listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
"""


def client() -> bool:
    """Print the figures; True when each is within its limit."""
    print("\nThe model client")
    good = _added()
    good = _breaker() and good
    return _repair() and good


def _added() -> bool:
    with _endpoint() as url:
        bare, wrapped = _bare(url), _wrapped(url)
        for _ in range(WARM_UP):
            bare()
            wrapped()
        order = random.Random(20261121)  # noqa: S311 - shuffles, hides nothing
        pairs: list[tuple[float, float]] = []
        for _ in range(PAIRS):
            if order.random() < 0.5:
                first = _seconds(bare)
                pairs.append((first, _seconds(wrapped)))
            else:
                first = _seconds(wrapped)
                pairs.append((_seconds(bare), first))
    added = statistics.median(mine - theirs for theirs, mine in pairs) * 1000
    theirs = statistics.median(one for one, _ in pairs) * 1000
    kept = added < ADDED_LIMIT_MS
    print(
        f"  added to a bare boto3 call of {theirs:.2f} ms: {added:.3f} ms, median of {PAIRS} "
        f"pairs (limit {ADDED_LIMIT_MS:g}){_over(kept)}"
    )
    return kept


def _bare(url: str) -> Callable[[], object]:
    from mangaops.fm.transport.clients import clients_of  # noqa: PLC0415 - boto3

    boto = clients_of(endpoint_url=url)(REGION)
    messages = [{"role": "user", "content": [{"text": "Reply with the word OK."}]}]

    def call() -> object:
        return boto.converse(modelId=MODEL, messages=messages, inferenceConfig={"maxTokens": 64})

    return call


def _wrapped(url: str) -> Callable[[], object]:
    from mangaops import fm  # noqa: PLC0415 - as above
    from mangaops.fm.defaults import manga_assist  # noqa: PLC0415 - as above
    from mangaops.fm.records.sink import JsonLines  # noqa: PLC0415 - as above

    sink = JsonLines(Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - till the end
    ours = fm.Client(manga_assist(), endpoint_url=url, log_sink=sink)
    request = fm.Request(
        intent="faq", messages=(fm.user("Reply with the word OK."),), max_tokens=64
    )

    def call() -> object:
        answer = ours.complete(request)
        assert (answer.mode, answer.attempts) == (fm.Mode.PRIMARY, 1), answer
        return answer

    return call


@contextmanager
def _endpoint() -> Iterator[str]:
    names = {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example",
        "NO_PROXY": "127.0.0.1",
    }
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    process = subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _breaker() -> bool:
    from mangaops.fm.breaker.circuit import CircuitBreaker  # noqa: PLC0415 - only here
    from mangaops.fm.breaker.config import BreakerConfig  # noqa: PLC0415 - as above

    rng = random.Random(1)  # noqa: S311 - jitter
    breaker = CircuitBreaker(BreakerConfig(), clock=time.monotonic, rng=rng)
    lock, clock = Lock(), time.monotonic

    def ours() -> None:
        for _ in range(LOOPS):
            permit = breaker.acquire()
            assert permit is not None
            permit.success(0.1)

    def floor() -> None:
        for _ in range(LOOPS):
            with lock:
                pass
            clock()
            with lock:
                pass

    rounds = [(_seconds(floor), _seconds(ours)) for _ in range(ROUNDS)]
    each = statistics.median(mine for _, mine in rounds) / LOOPS * 1e6
    ratio = statistics.median(mine / least for least, mine in rounds)
    kept = each < BREAKER_LIMIT_US and ratio < BREAKER_FACTOR
    print(
        f"  breaker, acquire and success: {each:.2f} us (limit {BREAKER_LIMIT_US:g}), "
        f"{ratio:.1f} times two sections of a lock (limit {BREAKER_FACTOR:g}){_over(kept)}"
    )
    return kept


def _repair() -> bool:
    sys.path.insert(0, str(Path(__file__).parents[1]))  # where the tests have their support
    from mangaops.fm import repair_json  # noqa: PLC0415 - only here
    from support.spoilt_json import ADVERSARIAL, TYPICAL  # noqa: PLC0415 - as above

    print(f"  {'JSON repair':<30}{'100 KB ms':>10}{'1 MB ms':>10}{'ratio':>8}")
    good = True
    for name, text in {**TYPICAL, **ADVERSARIAL}.items():
        first, second = (
            min(_alone(partial(repair_json, one)) for _ in range(rounds)) * 1000
            for one, rounds in ((text(SMALL), 21), (text(LARGE), 7))
        )
        limit = SLOWER_LIMITS_MS.get(name, REPAIR_LIMIT_MS)
        grown = second / first > GROWTH_LIMIT and second > REPAIR_LIMIT_MS
        kept = not grown and first < limit
        good = good and kept
        print(f"  {name:<30}{first:>10.1f}{second:>10.1f}{second / first:>8.1f}{_over(kept)}")
    print(
        f"  limits {REPAIR_LIMIT_MS:g} ms for 100 KB ("
        + ", ".join(f"{name} {limit:g}" for name, limit in SLOWER_LIMITS_MS.items())
        + f"), {GROWTH_LIMIT:g} times for 1 MB"
    )
    return good


def _seconds(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    since = clock()
    work()
    return clock() - since


def _alone(work: Callable[[], Any]) -> float:
    """Seconds of the processor, without the collector's."""
    gc.disable()
    try:
        return _seconds(work, time.process_time)
    finally:
        gc.enable()


def _over(kept: bool) -> str:
    return "" if kept else "  OVER"
