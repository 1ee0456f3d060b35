"""Which names are a secret's: `DB_PASSWORD`, `apiToken`, `X-Api-Key`.

A name is secret-looking when one of its words is, unless its last word says that it only
leads to a secret or describes one (`PRIVATE_KEY_PATH`, `token_type`). `max_output_tokens`
and `BEDROCK_KEEPALIVE_INTERVAL` are not; nor is `first_token`, which is counted.
"""

from __future__ import annotations

import re
from functools import lru_cache

NAMING = ("key", "token", "secret", "pass", "pwd", "cred")
"""In lower case, one of them is in every name that is a secret's."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORDS = (
    "key",
    "token",
    "secret",
    "secrets",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "credential",
    "credentials",
)
_SECRET_LAST = re.compile(
    r"(?:db|user|root|admin|redis|smtp)?pass|passcode|creds?|(?:api|access|secret)keys",
    re.IGNORECASE,
)
"""Words that name a secret only as a name's last word: not `PASS_RATE`."""

_STRONG = ("password", "passwd", "passphrase", "pwd", "secret", "pass", "passcode")
_NO_SECRETS = frozenset(
    {"monkey", "donkey", "turkey", "hockey", "jockey", "whiskey", "lackey", "hotkey"}
)
_LEADING_TO = frozenset(
    [
        "path",
        "file",
        "dir",
        "arn",
        "name",
        "count",
        "size",
        "length",
        "limit",
        "ttl",
        "prefix",
        "ms",
        "seconds",
        "at",
        "age",
        "expiry",
        "expires",
        "expiration",
        "type",
        "version",
        "usage",
        "used",
        "latency",
        "timeout",
        "rate",
        "budget",
        "policy",
        "enabled",
        "required",
        "error",
        "exception",
        "fault",
    ]
)
"""A name that ends with one of them tells where a secret is, or about it."""

_COUNTED = frozenset({"max", "min", "most", "num", "number", "total", "cache", "hot", "cold"})
_NOT_SECRET_BEFORE = {
    "token": frozenset({"first", "last", "per", "each", "every"}),
    "key": frozenset(
        [
            "cache",
            "hash",
            "range",
            "sort",
            "partition",
            "primary",
            "foreign",
            "unique",
            "object",
            "row",
            "shard",
            "routing",
            "group",
            "sorting",
            "idempotency",
        ]
    ),
}
"""`first_token` is a token of text, `partition_key` a column."""

_WRONG = frozenset(
    [
        "no",
        "invalid",
        "expired",
        "missing",
        "unknown",
        "malformed",
        "unrecognized",
        "unauthorized",
        "incorrect",
    ]
)


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a variable or field of this name is likely to hold a secret."""
    words = _words(name)
    if not words or words[-1] in _LEADING_TO or words[-2:] == ["key", "id"]:
        return False
    return _ends_secret(words) or any(
        word.endswith(_SECRET_WORDS)
        and word not in _NO_SECRETS
        and before not in _NOT_SECRET_BEFORE.get(word, ())
        for before, word in zip(["", *words], words, strict=False)
    )


def is_strong_name(name: str) -> bool:
    """Whether it is a password or a secret by name: a number beside it is one, too."""
    words = _words(name)
    return bool(words) and is_secret_name(name) and words[-1].endswith(_STRONG)


def is_plain_name(name: str) -> bool:
    """`key` or `token` alone, which in a text may be anything's."""
    return _words(name) in (["key"], ["token"])


def is_plain_key(name: str) -> bool:
    """`key` alone: of a cache, a table or an object, more often than to a lock."""
    return _words(name) == ["key"]


def is_error_name(name: str) -> bool:
    """`NoSuchKey: ...`, `ExpiredToken: ...`: an error's name, and what it says."""
    return _words(name)[:1] != [] and _words(name)[0] in _WRONG


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def _ends_secret(words: list[str]) -> bool:
    """`API_KEYS` and `DB_PASS`, but not `MAX_KEYS` nor `keys`."""
    if words[-1] == "keys":
        return len(words) > 1 and words[-2] not in _COUNTED
    return _SECRET_LAST.fullmatch(words[-1]) is not None
