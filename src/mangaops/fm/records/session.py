"""A session as the log knows it: calls of one session can be joined, nobody can be found by it."""

from __future__ import annotations

import hashlib

_HEX_DIGITS = 16
_LONGEST_KEY = 64


def session_hash(session: str, *, salt: bytes) -> str:
    """16 hex digits of a keyed hash: the same for the same salt, and unlinkable without it.

    All tasks of a service share the salt, else their records do not join; changing it cuts
    the past off. An empty salt is refused: ids that can be guessed could be tried out.
    """
    if not salt:
        raise ValueError("a session is hashed with a salt that is not empty")
    key = salt if len(salt) <= _LONGEST_KEY else hashlib.blake2b(salt).digest()
    text = session.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, key=key, digest_size=_HEX_DIGITS // 2).hexdigest()
