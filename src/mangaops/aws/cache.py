"""Redis, read as gently as it can be: SCAN and GET, never KEYS, never anything that writes.

One SCAN of a thousand keys holds the server for half a millisecond, KEYS on a million
for a tenth of a second. COUNT adapts, so that one call costs the server 1 to 2 ms.
`redis://` and `rediss://`, single nodes, cluster mode and ElastiCache Serverless.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mangaops.errors import AwsDenied, AwsError, AwsRejected, AwsUnreachable, ConfigError
from mangaops.model.resources import CacheEntries, CacheEntry

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster

FIRST_COUNT, LEAST_COUNT, MOST_COUNT = 1000, 100, 5000
CHEAP_CALL_S, DEAR_CALL_S = 0.001, 0.002
KEYS_PER_PIPELINE = 500
NO_EXPIRY, NO_KEY = -1, -2
WAYS_IN = (
    "ElastiCache can only be reached from its VPC: forward a port "
    "(AWS-StartPortForwardingSessionToRemoteHost) and set MANGAOPS_CACHE_URL to it, "
    "or run mangaops as a one-off ECS task in the service's subnets"
)
LET_IN = "check user, password and access string in MANGAOPS_CACHE_URL (rediss:// for TLS)"


class CacheGateway:
    """`monotonic` times the SCAN calls, whose size adapts to what one of them costs.

    `read_only` is for `cache_changes`, whose writes it refuses; nothing here writes.
    """

    def __init__(
        self,
        url: str,
        *,
        monotonic: Callable[[], float],
        connect_timeout: float = 3.0,
        read_timeout: float = 5.0,
        read_only: bool = False,
    ) -> None:
        self._url = url
        self._read_only = read_only
        self._monotonic = monotonic
        self._loading = Lock()
        self._timeouts = {
            "socket_connect_timeout": connect_timeout,
            "socket_timeout": read_timeout,
        }

    def prepare(self) -> None:
        """Loads the client library, a tenth of a second.

        One thread at a time: its modules import one another in a circle, and a second
        thread would be given half of one.
        """
        with self._loading:
            import redis.cluster  # noqa: F401, PLC0415 - only for those who read Redis

    def entries(self, pattern: str, *, most: int, check: Callable[[], None]) -> CacheEntries:
        """At most `most` keys that match the glob pattern, with their text and time to live.

        Ordered by key. `check` is called between requests and may raise to end the reading.
        A key that expires meanwhile is left out.
        """
        self.prepare()
        with translated_cache(self._url), self._connected() as client:
            keys, more = self._scanned(client, pattern, most, check)
            entries: list[CacheEntry] = []
            for start in range(0, len(keys), KEYS_PER_PIPELINE):
                check()
                entries += _read(client, keys[start : start + KEYS_PER_PIPELINE])
        return CacheEntries(entries=tuple(entries), more=more)

    @contextmanager
    def _connected(self, **others: Any) -> Iterator[Redis | RedisCluster]:
        """`others` replace the client's options; without any, answers are text."""
        from redis import Redis  # noqa: PLC0415 - 0.1 s
        from redis.cluster import RedisCluster  # noqa: PLC0415 - 0.1 s

        options: dict[str, Any] = {"decode_responses": True, "encoding_errors": "replace"}
        options = {**self._timeouts, **options, **others}
        single: Redis = Redis.from_url(self._url, **options)
        try:
            if not _is_cluster(single):
                yield single
                return
        finally:
            single.close()
        cluster = RedisCluster.from_url(self._url, **options)
        try:
            yield cluster
        finally:
            cluster.close()

    def _scanned(
        self, client: Redis | RedisCluster, pattern: str, most: int, check: Callable[[], None]
    ) -> tuple[list[str], bool]:
        """The keys, and whether there are more of them. SCAN may name a key twice."""
        keys: set[str] = set()
        for node in nodes_of(client):
            for page in self._pages(node, pattern):
                check()
                keys.update(page)
                if len(keys) > most:
                    return sorted(keys)[:most], True
        return sorted(keys), False

    def _pages(self, node: Any, pattern: str) -> Iterator[Sequence[Any]]:
        """What each SCAN found, until the cursor is back at 0."""
        round_trip = self._timed(node.ping)[0]
        cursor, count = 0, FIRST_COUNT
        while True:
            scan = partial(node.scan, cursor, match=pattern, count=count)
            seconds, (cursor, page) = self._timed(scan)
            yield page
            if not int(cursor):
                return
            count = next_count(count, seconds - round_trip)

    def _timed(self, call: Callable[[], Any]) -> tuple[float, Any]:
        since = self._monotonic()
        answer = call()
        return self._monotonic() - since, answer


def next_count(count: int, cost: float) -> int:
    """COUNT of the next SCAN, after one of `count` that held the server for `cost` seconds."""
    if cost > DEAR_CALL_S:
        return max(count // 2, LEAST_COUNT)
    if cost < CHEAP_CALL_S:
        return min(count * 2, MOST_COUNT)
    return count


def _is_cluster(client: Any) -> bool:
    """A user who may not call INFO is taken for one of a single server, which most are."""
    from redis.exceptions import NoPermissionError  # noqa: PLC0415 - 0.1 s

    try:
        return bool(client.info("cluster").get("cluster_enabled"))
    except NoPermissionError:
        return False


def nodes_of(client: Any) -> Sequence[Any]:
    """Where to SCAN: the server itself, or every primary of a cluster."""
    if not hasattr(client, "get_primaries"):
        return [client]
    return [client.get_redis_connection(node) for node in client.get_primaries()]


def _read(client: Redis | RedisCluster, keys: Sequence[str]) -> list[CacheEntry]:
    """GET and PTTL of each key in one round trip; in a cluster one a node."""
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.get(key)
        pipeline.pttl(key)
    answers = pipeline.execute(raise_on_error=False)
    pairs = zip(keys, answers[0::2], answers[1::2], strict=True)
    return [entry for key, value, ttl in pairs if (entry := _entry(key, value, ttl))]


def _entry(key: str, value: object, ttl_ms: object) -> CacheEntry | None:
    """None for a key that is gone. GET of a set or list is an error of that key alone."""
    for answer in (value, ttl_ms):
        if isinstance(answer, Exception) and "WRONGTYPE" not in str(answer):
            raise answer
    if ttl_ms == NO_KEY:
        return None
    return CacheEntry(
        key=key,
        value=value if isinstance(value, str) else None,
        ttl_s=ttl_ms / 1000 if isinstance(ttl_ms, int) and ttl_ms != NO_EXPIRY else None,
    )


@contextmanager
def translated_cache(url: str) -> Iterator[None]:
    """redis-py's exceptions in the operator's terms. No message holds the URL's password."""
    from redis import exceptions as redis  # noqa: PLC0415 - 0.1 s

    try:
        yield
    except (
        redis.AuthenticationError,
        redis.AuthorizationError,
        redis.NoPermissionError,
    ) as error:
        raise _failure(AwsDenied, url, error, LET_IN) from error
    except (redis.ConnectionError, redis.TimeoutError, redis.ClusterError) as error:
        raise _failure(AwsUnreachable, url, error, WAYS_IN) from error
    except redis.RedisClusterException as error:
        raise _failure(AwsUnreachable, url, error, WAYS_IN) from error
    except redis.RedisError as error:
        denied = str(error).startswith(("NOAUTH", "WRONGPASS", "NOPERM"))
        kind, hint = (AwsDenied, LET_IN) if denied else (AwsRejected, "")
        raise _failure(kind, url, error, hint) from error
    except ValueError as error:
        raise ConfigError(
            "the cache URL cannot be used",
            hint="write MANGAOPS_CACHE_URL or cache_url as redis://HOST:PORT/0 or rediss://...",
        ) from error


def _failure(kind: type[AwsError], url: str, error: Exception, hint: str) -> AwsError:
    parts = urlsplit(url)
    place = f"{parts.hostname or 'local socket'}:{parts.port or 6379}"
    what = f"Redis at {place}: {str(error).strip().rstrip('.')}"
    return kind(what, operation="redis", code=type(error).__name__, hint=hint)
