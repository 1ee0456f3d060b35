"""What must not reach a screen, a file or a ticket: secrets in values and in error texts.

By form (AWS keys, bearer tokens, tokens of well-known services, passwords in URLs, private
keys) wherever it stands, and by name: `DB_PASSWORD=...`, `password: ...` or `"apiToken":
"..."`. A name is secret-looking when one of its words is, unless its last word says that it
only leads to a secret or describes one (`PRIVATE_KEY_PATH`); `max_output_tokens` and
`BEDROCK_KEEPALIVE_INTERVAL` are not. Any 40 characters may be a hash: they are taken for
the secret of an AWS key only where the text speaks of one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mangaops.model.evidence import Row, Scalar

REDACTED = "[redacted]"

_SECRET_WORD = r"(?:key|token|secret|secrets|password|passwd|passphrase|pwd|credentials?)"  # noqa: S105 - a pattern
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_END = re.compile(rf"{_SECRET_WORD}$", re.IGNORECASE)
_SECRET_LAST = re.compile(
    r"(?:db|user|root|admin|redis|smtp)?pass|passcode|creds?|(?:api|access|secret)keys",
    re.IGNORECASE,
)
"""Words that name a secret only as a name's last word: not `PASS_RATE`."""

_NO_SECRETS = frozenset(
    {"monkey", "donkey", "turkey", "hockey", "jockey", "whiskey", "lackey", "hotkey"}
)
_LEADING_TO = frozenset(
    {"path", "file", "dir", "arn", "name", "count", "size", "length", "limit", "ttl", "prefix"}
)
"""A name that ends with one of them tells where a secret is, or about it."""

_COUNTED = frozenset({"max", "min", "most", "num", "number", "total", "cache", "hot", "cold"})

_FORMS = (
    re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
    ),
    re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?<=Bearer )[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(r"(?<=Basic )[A-Za-z0-9+/=]{8,}"),
    re.compile(r"(?<=Signature=)[0-9a-fA-F]{16,}"),
    re.compile(r"\bsk-(?=[\w-]*\d)[\w-]{16,}"),
    re.compile(r"\b(?:gh[opusr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|glpat-[\w-]{16,})"),
    re.compile(r"\bxox[a-z]-[A-Za-z0-9-]{10,}"),
)
_AWS_SECRET = re.compile(
    r"((?:(?i:secret|access.?key)|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b)[^\n]{0,40}?)"
    r"(?<![A-Za-z0-9/+])(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*[A-Z])[A-Za-z0-9/+]{40}"
    r"(?![A-Za-z0-9/+=])"
)
_URL_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/@]+(?=@)", re.IGNORECASE)
_ASSIGNED = re.compile(r"([A-Za-z][\w.-]*)(\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)")
_LINE = re.compile(
    r"([A-Za-z][\w.-]*)(:[ \t]+)(\"[^\"\n]*\"|'[^'\n]*'|[^\s,;&\"'{}\[\]]+)"
    r"(?=[ \t]*(?:[,;}\]\r]|$))",
    re.MULTILINE,
)
"""`password: x`: one word alone, since `NoSuchKey: The key ...` is a sentence."""

_QUOTED = re.compile(r"([\"'])([A-Za-z][\w.-]*)\1(\s*:\s*)(\"(?:[^\"\\]|\\.)*\"|'[^']*')")


def _hidden(_: str) -> str:
    return REDACTED


_MARKS = re.compile(
    r"[=:]|PRIVATE KEY|A(?:KI|SI|BI|CC)A|eyJ|sk-|gh[opusr]_|github_pat_|glpat-|xox"
    r"|[Bb][Ee][Aa][Rr][Ee][Rr] |Basic |[Ss][Ee][Cc][Rr][Ee][Tt]|[Aa][Cc][Cc][Ee][Ss][Ss]"
)
"""Every pattern needs one of them: most of ten thousand log rows have none."""


def is_secret_name(name: str) -> bool:
    """Whether a variable or field of this name is likely to hold a secret."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or words[-1] in _LEADING_TO or words[-2:] == ["key", "id"]:
        return False
    return _ends_secret(words) or any(
        _SECRET_END.search(word) for word in words if word not in _NO_SECRETS
    )


def _ends_secret(words: list[str]) -> bool:
    """`API_KEYS` and `DB_PASS`, but not `MAX_KEYS` nor `keys`."""
    if words[-1] == "keys":
        return len(words) > 1 and words[-2] not in _COUNTED
    return _SECRET_LAST.fullmatch(words[-1]) is not None


def redacted(text: str, hide: Callable[[str], str] = _hidden) -> str:
    """The text with every secret in it replaced; the same text where there is none.

    `hide` says what takes a secret's place. What was replaced before stays as it is.
    """
    if not _MARKS.search(text):
        return text
    text = redacted_forms(text, hide)
    text = _ASSIGNED.sub(lambda match: _assigned(match, hide), text)
    text = _LINE.sub(lambda match: _assigned(match, hide), text)
    return _QUOTED.sub(lambda match: _quoted(match, hide), text)


def redacted_forms(text: str, hide: Callable[[str], str] = _hidden) -> str:
    """The text without what is a secret by its form; names before a value tell nothing."""
    if not _MARKS.search(text):
        return text
    text = _AWS_SECRET.sub(lambda match: match[1] + hide(match[0][len(match[1]) :]), text)
    for form in _FORMS:
        text = form.sub(lambda match: hide(match[0]), text)
    return _URL_PASSWORD.sub(lambda match: match[1] + hide(match[0][len(match[1]) :]), text)


def redacted_value(name: str, value: str) -> str:
    """The value of something of this name: nothing of it when the name looks secret."""
    return REDACTED if is_secret_name(name) else redacted(value)


def redacted_row(row: Row) -> dict[str, Scalar]:
    """A row with its texts redacted; columns are the project's own, so their names tell nothing."""
    return {
        name: redacted(value) if isinstance(value, str) else value for name, value in row.items()
    }


def _assigned(match: re.Match[str], hide: Callable[[str], str]) -> str:
    name, equals, value = match.groups()
    return f"{name}{equals}{hide(_bare(value))}" if is_secret_name(name) else match[0]


def _quoted(match: re.Match[str], hide: Callable[[str], str]) -> str:
    quote, name, colon, value = match.groups()
    if not is_secret_name(name):
        return match[0]
    return f'{quote}{name}{quote}{colon}"{hide(_bare(value))}"'


def _bare(value: str) -> str:
    """The value without its quotes: a secret is the same one with them and without."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] in "\"'" else value
