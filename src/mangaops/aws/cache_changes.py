"""Redis for the remedy that removes answers: finding keys, saving, UNLINK and RESTORE.

Never KEYS, FLUSH* or scripts: each of them holds the server for everyone (KEYS on a million
keys for a tenth of a second). UNLINK names at most 1,000 keys at once; in cluster mode
one, since the keys of one command must share a slot. Writes are sent
once: whether a lost one has landed is for the caller to find out.

Answers are bytes here, since a DUMP is no text. One connection is kept between calls.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mangaops.aws.cache import KEYS_PER_PIPELINE, CacheGateway, nodes_of, translated_cache
from mangaops.aws.cache_place import database_of, servers_of
from mangaops.aws.cache_values import values_of
from mangaops.errors import AwsFault, Refused
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
        with self._using() as client:
            clustered = _is_clustered(client)
            database = database_of(client)
            servers = servers_of(nodes_of(client))
        return CachePlace(
            name=f"{address}/{database}",
            url=f"{parts.scheme}://{address}/{database}",
            secured=bool(parts.username or parts.password or parts.query),
            clustered=clustered,
            servers=servers,
        )

    def size(self) -> int | None:
        """How many keys there are, with those that have expired and are not thrown away yet.

        None where the user may not ask.
        """
        from redis.exceptions import NoPermissionError  # noqa: PLC0415 - 0.1 s

        with self._using() as client:
            try:
                return sum(int(node.dbsize()) for node in nodes_of(client))
            except NoPermissionError:
                return None

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
            return _named(client.smembers(key), most=most)  # type: ignore[arg-type]

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
            if not _is_clustered(client):
                return _unlinked(client, list(_batches(keys, MOST_KEYS_PER_UNLINK)))
            pipeline = client.pipeline(transaction=False)
            for key in keys:
                pipeline.unlink(key)
            answers = pipeline.execute(raise_on_error=False)
            _refuse_partly(answers)
            return sum(answers)

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
            busy = {
                dump.key
                for dump, answer in zip(dumps, answers, strict=True)
                if isinstance(answer, Exception) and "BUSYKEY" in str(answer)
            }
            _refuse_partly([a for d, a in zip(dumps, answers, strict=True) if d.key not in busy])
        return tuple(dump.key for dump in dumps if dump.key in busy)

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


def _refuse_partly(answers: Sequence[Any]) -> None:
    """Raises what the server refused; as AwsFault, after which the keys are looked at, where
    it did so for some keys only.
    """
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    if refused and len(refused) < len(answers):
        told = f"Redis refused {len(refused)} of {len(answers)} commands: {refused[0]}"
        raise AwsFault(told, operation="redis", code=type(refused[0]).__name__)
    if refused:
        raise refused[0]


def _never() -> Any:
    """The client library's retries, switched off: after a lost answer it would send again."""
    from redis.backoff import NoBackoff  # noqa: PLC0415 - 0.1 s
    from redis.retry import Retry  # noqa: PLC0415 - 0.1 s

    return Retry(NoBackoff(), 0)


def _is_clustered(client: Redis | RedisCluster) -> bool:
    return hasattr(client, "get_primaries")


def _unlinked(client: Any, batches: Sequence[Sequence[str]]) -> int:
    """As a pipeline would, but the server works on a batch while the next one is encoded."""
    connection = client.connection_pool.get_connection()
    try:
        for some in batches:
            connection.send_command("UNLINK", *some)
        answers = [_answer(connection) for _ in batches]
    except BaseException:
        connection.disconnect()  # answers that were not read must not be taken for others
        raise
    finally:
        client.connection_pool.release(connection)
    _refuse_partly(answers)
    return sum(answers)


def _answer(connection: Any) -> Any:
    """The next answer, or the error that it is: those of other batches are still to be read."""
    from redis.exceptions import ResponseError  # noqa: PLC0415 - 0.1 s

    try:
        return connection.read_response()
    except ResponseError as error:
        return error


def _named(raw: Collection[bytes], *, most: int, beyond: int = 0) -> CacheKeys:
    names = _texts(raw)
    return CacheKeys(
        keys=tuple(names[:most]),
        total=len(names) + beyond,
        unreadable=len(raw) - len(names),
    )


def _texts(raw: Collection[bytes]) -> list[str]:
    """Those that are UTF-8. Ten thousand names at once take a third of the time of one by one."""
    try:
        names = b"\0".join(raw).decode().split("\0")
    except UnicodeDecodeError:
        return [one.decode() for one in raw if _is_text(one)]
    return names if len(names) == len(raw) else [one.decode() for one in raw]


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _batches(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
