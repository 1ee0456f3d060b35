"""Results in Redis: an answer, a claim and the attempts are keys, changed by short scripts.

`PREFIX{key}:answer` has the document for `kept` seconds, `PREFIX{key}:claim` the owner for as
long as the claim holds, `PREFIX{key}:attempts` how often it was claimed without an answer. The
braces keep them in one slot of a cluster.
"""

from __future__ import annotations

from typing import Any

from mangaops.fm.queue.results import Claim, Done, Mine, Taken
from mangaops.fm.stores import Scripting

PREFIX = "mangaops:result:"
KEPT_S = 7 * 86_400.0
_PARTS = ("answer", "claim", "attempts")

_CLAIM = """\
local answer = redis.call('GET', KEYS[1])
if answer then return {'done', answer} end
local owner = redis.call('GET', KEYS[2])
if owner and owner ~= ARGV[1] then return {'taken', redis.call('PTTL', KEYS[2])} end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
local attempt = redis.call('INCR', KEYS[3])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
return {'mine', attempt}
"""
_KEEP = """\
local kept = redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3])
redis.call('DEL', KEYS[3])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return kept and 1 or 0
"""
_GIVE_UP = """\
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
if ARGV[2] == 'forget' then redis.call('DEL', KEYS[3]) end
return 1
"""
_ANSWER = "return redis.call('GET', KEYS[1])"


class RedisResults:
    """`kept` is how long answers are, in seconds: longer than a message is (14 days at most)
    where a late delivery must not be answered again.
    """

    def __init__(self, client: Scripting, *, prefix: str = PREFIX, kept: float = KEPT_S) -> None:
        self._client = client
        self._prefix = prefix
        self._kept_ms = round(kept * 1000)

    def claim(self, key: str, *, owner: str, seconds: float) -> Claim:
        wanted = max(1, round(seconds * 1000))
        word, rest = self._run(_CLAIM, key, owner, wanted, self._kept_ms)
        match _text(word):
            case "done":
                return Done(document=_text(rest))
            case "taken":
                return Taken(seconds=max(0, int(rest)) / 1000)
            case _:
                return Mine(attempt=int(rest))

    def keep(self, key: str, document: str, *, owner: str) -> bool:
        return bool(self._run(_KEEP, key, owner, document, self._kept_ms))

    def give_up(self, key: str, *, owner: str, forget: bool = False) -> None:
        self._run(_GIVE_UP, key, owner, "forget" if forget else "")

    def answer(self, key: str) -> str | None:
        found = self._run(_ANSWER, key)
        return None if found is None else _text(found)

    def _run(self, script: str, key: str, *words: Any) -> Any:
        return self._client.eval(script, len(_PARTS), *self._names(key), *words)

    def _names(self, key: str) -> tuple[str, ...]:
        return tuple(f"{self._prefix}{{{key}}}:{part}" for part in _PARTS)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
