"""Which Redis a connection leads to, as the server tells it itself.

An address does not tell: a forwarded port is `localhost:PORT` whatever is behind it. The
replication id (`master_replid` of INFO) is the server's own. It changes when the server
starts again and when a replica takes over, so that another id need not be another cache.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster

ID_LENGTH = 16
"""Of 40 hex digits: enough to tell servers apart, and no longer than a digest in a plan."""
_REPLICATION_ID = re.compile(r"[0-9a-f]{40}")


def servers_of(nodes: Iterable[Any]) -> tuple[str, ...]:
    """The replication id of each primary, sorted; none where one of them does not tell it."""
    from redis.exceptions import NoPermissionError  # noqa: PLC0415 - 0.1 s

    found: set[str] = set()
    for node in nodes:
        try:
            told = str(node.info("replication").get("master_replid"))
        except NoPermissionError:
            return ()
        if not _REPLICATION_ID.fullmatch(told):
            return ()
        found.add(told[:ID_LENGTH])
    return tuple(sorted(found))


def database_of(client: Redis | RedisCluster) -> int:
    """The number of the database, which `?db=` of a URL sets as well; a cluster has only 0."""
    pool = getattr(client, "connection_pool", None)
    return int(pool.connection_kwargs.get("db") or 0) if pool is not None else 0
