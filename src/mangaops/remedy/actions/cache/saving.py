"""Removed keys as the lines of a file, and back: one JSON object a key.

`{"key": ..., "dump": base64 of DUMP, "expires": milliseconds since 1970 or null}`. The instant of
expiry, not the time to live, is kept: a key is restored with what is left of it.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime

from mangaops.errors import MangaopsError
from mangaops.model.resources import CacheDump


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedKey:
    key: str
    payload: bytes
    expires_ms: int | None

    def dump(self, now: datetime) -> CacheDump | None:
        """What to restore at `now`; None when the key would have expired by itself."""
        if self.expires_ms is None:
            return CacheDump(key=self.key, payload=self.payload, ttl_ms=None)
        left = self.expires_ms - _milliseconds(now)
        return CacheDump(key=self.key, payload=self.payload, ttl_ms=left) if left > 0 else None


def to_line(dump: CacheDump, now: datetime) -> bytes:
    expires = None if dump.ttl_ms is None else _milliseconds(now) + dump.ttl_ms
    payload = b64encode(dump.payload).decode()
    return json.dumps({"key": dump.key, "dump": payload, "expires": expires}).encode()


def from_line(line: bytes) -> SavedKey:
    match json.loads(line):
        case {"key": str(key), "dump": str(payload), "expires": int() | None as expires}:
            return SavedKey(key=key, payload=b64decode(payload), expires_ms=expires)
        case _:
            raise MangaopsError(
                "a saved key cannot be read",
                hint="this version did not write it; undo with the version that removed the keys",
            )


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
