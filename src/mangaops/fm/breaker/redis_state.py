"""The shared state in Redis: two short scripts, and Redis's own clock.

    state = RedisState(redis.Redis.from_url(url, socket_timeout=0.1, socket_connect_timeout=0.1))

A key is a hash of the generation (`g`) and the rest as JSON (`d`). It is gone a day after the
last change: a breaker that nobody changed for so long is closed, and forgotten.
"""

from __future__ import annotations

from mangaops.fm.breaker.shared import Agreed, Seen
from mangaops.fm.breaker.stored import agreed_under, text_of
from mangaops.fm.stores import Scripting

PREFIX = "mangaops:breaker:"
KEPT_MS = 86_400_000

_READ = """\
local time = redis.call('TIME')
local kept = redis.call('HMGET', KEYS[1], 'g', 'd')
return {time[1], time[2], kept[1], kept[2]}
"""
_WRITE = """\
if (redis.call('HGET', KEYS[1], 'g') or '0') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'g', ARGV[2], 'd', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
"""


class RedisState:
    """`prefix` goes before each key: services that share a Redis need their own."""

    margin = 0.0

    def __init__(self, client: Scripting, *, prefix: str = PREFIX) -> None:
        self._client = client
        self._prefix = prefix

    def read(self, key: str) -> Seen:
        seconds, micros, *kept = self._client.eval(_READ, 1, self._prefix + key)
        return Seen(agreed=agreed_under(*kept), now=int(seconds) + int(micros) / 1e6)

    def write(self, key: str, agreed: Agreed, *, after: int) -> bool:
        words = (str(after), str(agreed.generation), text_of(agreed), str(KEPT_MS))
        return bool(int(self._client.eval(_WRITE, 1, self._prefix + key, *words)))
