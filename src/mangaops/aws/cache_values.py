"""What keys of Redis hold, as digests: equal when the values are equal, whatever their form.

Texts are read with GET. A set or a hash is digested in sorted order, since its own order
changes when it is restored; every other type by its DUMP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from mangaops.model.resources import CacheValue

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster

HEX_DIGITS = 12
_READS = {b"set": "SMEMBERS", b"hash": "HGETALL"}
_GONE = b"none"


def values_of(client: Redis | RedisCluster, keys: Sequence[str]) -> dict[str, CacheValue]:
    """One or, where a key is no text, three round trips; a key that is not there is left out."""
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.get(key)
    found: dict[str, CacheValue] = {}
    others: list[str] = []
    for key, answer in zip(keys, pipeline.execute(raise_on_error=False), strict=True):
        if isinstance(answer, bytes):
            found[key] = _value(answer)
        elif isinstance(answer, Exception):
            if "WRONGTYPE" not in str(answer):
                raise answer
            others.append(key)
    return {**found, **_structures(client, others)} if others else found


def _structures(client: Redis | RedisCluster, keys: Sequence[str]) -> dict[str, CacheValue]:
    pipeline = client.pipeline(transaction=False)
    for key in keys:
        pipeline.type(key)
    types = dict(zip(keys, pipeline.execute(), strict=True))
    left = [key for key in keys if types[key] != _GONE]
    pipeline = client.pipeline(transaction=False)
    for key in left:
        pipeline.execute_command(_READS.get(types[key], "DUMP"), key)
    answers = pipeline.execute()
    return {
        key: _value(_canonical(types[key], answer))
        for key, answer in zip(left, answers, strict=True)
        if answer
    }


def _canonical(kind: bytes, answer: Any) -> bytes:
    """The same bytes for the same members; lengths keep `ab`, `c` from being `a`, `bc`."""
    match kind:
        case b"set":
            parts = sorted(answer)
        case b"hash":
            pairs: Mapping[bytes, bytes] = answer
            parts = [part for name in sorted(pairs) for part in (name, pairs[name])]
        case _:
            parts = [answer]
    return kind + b"".join(b":%d:%s" % (len(part), part) for part in parts)


def _value(content: bytes) -> CacheValue:
    digest = sha256(content).hexdigest()[:HEX_DIGITS]
    return CacheValue(digest=f"sha256:{digest}", size=len(content))
