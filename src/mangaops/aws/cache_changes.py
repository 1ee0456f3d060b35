"""Redis for the remedy that removes answers: finding keys, saving, UNLINK and RESTORE.

Never KEYS, FLUSH* or scripts: each of them holds the server for everyone (KEYS on a million
keys for a tenth of a second). UNLINK names at most 1,000 keys at once; in cluster mode
one, since the keys of one command must share a slot (aws-facts section 6). Writes are sent
once: whether a lost one has landed is for the caller to find out.

Answers are bytes here, since a DUMP is no text. One connection is kept between calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mangaops.aws.cache import KEYS_PER_PIPELINE, CacheGateway, nodes_of, translated_cache
from mangaops.aws.cache_values import values_of
from mangaops.errors import Refused
from mangaops.model.resources import CacheDump, CacheKeys, CachePlace, CacheValue

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster

MOST_KEYS_PER_UNLINK = 1000
NO_EXPIRY = -1


class CacheChanges(CacheGateway):
    """A `CacheGateway` that can also remove and restore keys.

    `read_only` refuses both before anything is sent. `close` when done.
    """

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, **options)
        self._opened = ExitStack()
        self._client: Redis | RedisCluster | None = None

    def close(self) -> None:
        self._client = None
        self._opened.close()

    def place(self) -> CachePlace:
        parts = urlsplit(self._url)
        host = parts.hostname or "localhost"
        address = f"{f'[{host}]' if ':' in host else host}:{parts.port or 6379}"
        database = parts.path.strip("/") or "0"
        with self._using() as client:
            clustered = _is_clustered(client)
        return CachePlace(
            name=f"{address}/{database}",
            url=f"{parts.scheme}://{address}/{database}",
            secured=bool(parts.username or parts.password or parts.query),
            clustered=clustered,
        )

    def keys(self, pattern: str, *, most: int) -> CacheKeys:
        """The first `most` keys that match a glob pattern, and how many match in all."""
        seen: set[bytes] = set()
        beyond = 0
        with self._using() as client:
            for node in nodes_of(client):
                for page in self._pages(node, pattern):
                    if len(seen) <= most:
                        seen.update(page)
                    else:
                        beyond += len(page)
        return _named(seen, most=most, beyond=beyond)

    def members(self, key: str, *, most: int) -> CacheKeys | None:
        """What a set holds; None when there is no such set. More than `most` are only counted."""
        from redis.exceptions import ResponseError  # noqa: PLC0415 - 0.1 s

        with self._using() as client:
            try:
                count = int(client.scard(key))
            except ResponseError as error:
                if "WRONGTYPE" in str(error):
                    return None
                raise
            if not count:
                return None
            if count > most:
                return CacheKeys(keys=(), total=count)
            return _named(set(client.smembers(key)), most=most)  # type: ignore[arg-type]

    def values(self, keys: Sequence[str]) -> Mapping[str, CacheValue]:
        """Digest and size of what each key holds; a key that is not there is left out."""
        found: dict[str, CacheValue] = {}
        with self._using() as client:
            for some in _batches(keys, KEYS_PER_PIPELINE):
                found.update(values_of(client, some))
        return found

    def dumps(self, keys: Sequence[str]) -> tuple[CacheDump, ...]:
        """Whole values with their time to live; a key that is not there is left out."""
        with self._using() as client:
            pipeline = client.pipeline(transaction=False)
            for key in keys:
                pipeline.dump(key)
                pipeline.pttl(key)
            answers = pipeline.execute()
        return tuple(
            CacheDump(key=key, payload=payload, ttl_ms=None if ttl == NO_EXPIRY else max(ttl, 0))
            for key, payload, ttl in zip(keys, answers[0::2], answers[1::2], strict=True)
            if payload is not None
        )

    def unlink(self, keys: Sequence[str]) -> int:
        """Removes keys, in one round trip; how many of them were there."""
        self._refuse_when_read_only("UNLINK")
        with self._using() as client:
            pipeline = client.pipeline(transaction=False)
            for some in _batches(keys, 1 if _is_clustered(client) else MOST_KEYS_PER_UNLINK):
                pipeline.unlink(*some)
            return sum(pipeline.execute())

    def restore(self, dumps: Sequence[CacheDump]) -> tuple[str, ...]:
        """Makes keys again, in one round trip; those that exist meanwhile are left as they are.

        The answer names those.
        """
        self._refuse_when_read_only("RESTORE")
        with self._using() as client:
            pipeline = client.pipeline(transaction=False)
            for dump in dumps:
                pipeline.restore(dump.key, dump.ttl_ms or 0, dump.payload)
            answers = pipeline.execute(raise_on_error=False)
            busy: list[str] = []
            for dump, answer in zip(dumps, answers, strict=True):
                if isinstance(answer, Exception):
                    if "BUSYKEY" not in str(answer):
                        raise answer
                    busy.append(dump.key)
        return tuple(busy)

    @contextmanager
    def _using(self) -> Iterator[Redis | RedisCluster]:
        self.prepare()
        with translated_cache(self._url):
            if self._client is None:
                self._client = self._opened.enter_context(
                    self._connected(decode_responses=False, retry=_never())
                )
            yield self._client

    def _refuse_when_read_only(self, command: str) -> None:
        if self._read_only:
            raise Refused(
                f"redis:{command} would change something",
                hint="this run may only read; unset MANGAOPS_DRY_RUN to change things",
            )


def _never() -> Any:
    """The client library's retries, switched off: after a lost answer it would send again."""
    from redis.backoff import NoBackoff  # noqa: PLC0415 - 0.1 s
    from redis.retry import Retry  # noqa: PLC0415 - 0.1 s

    return Retry(NoBackoff(), 0)


def _is_clustered(client: Redis | RedisCluster) -> bool:
    return hasattr(client, "get_primaries")


def _named(raw: set[bytes], *, most: int, beyond: int = 0) -> CacheKeys:
    names: list[str] = []
    for one in raw:
        try:
            names.append(one.decode())
        except UnicodeDecodeError:
            continue
    return CacheKeys(
        keys=tuple(sorted(names)[:most]),
        total=len(names) + beyond,
        unreadable=len(raw) - len(names),
    )


def _batches(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
