"""What must not reach a screen, a file or a ticket: secrets in values and in error texts.

By form (AWS keys, bearer tokens, passwords in URLs, private keys) wherever it stands,
and by name: `DB_PASSWORD=...` or `"apiToken": "..."`. A name is secret-looking when one of
its words is; `max_output_tokens` and `BEDROCK_KEEPALIVE_INTERVAL` are not.
"""

from __future__ import annotations

import re

from mangaops.model.evidence import Row, Scalar

REDACTED = "[redacted]"

_SECRET_WORD = r"(?:key|token|secret|secrets|password|passwd|passphrase|pwd|credentials?)"  # noqa: S105 - a pattern
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_END = re.compile(rf"{_SECRET_WORD}$", re.IGNORECASE)

_FORMS = (
    re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
    ),
    re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?<=Bearer )[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(r"(?<=Basic )[A-Za-z0-9+/=]{8,}"),
    re.compile(r"(?<=Signature=)[0-9a-fA-F]{16,}"),
)
_URL_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s/@]+(?=@)", re.IGNORECASE)
_ASSIGNED = re.compile(r"([A-Za-z][\w.-]*)(\s*=\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)")
_QUOTED = re.compile(r"([\"'])([A-Za-z][\w.-]*)\1(\s*:\s*)(\"(?:[^\"\\]|\\.)*\"|'[^']*')")


def is_secret_name(name: str) -> bool:
    """Whether a variable or field of this name is likely to hold a secret."""
    return any(_SECRET_END.search(word) for word in _WORDS.findall(name))


def redacted(text: str) -> str:
    """The text with every secret in it replaced; the same text where there is none."""
    for form in _FORMS:
        text = form.sub(REDACTED, text)
    text = _URL_PASSWORD.sub(rf"\1{REDACTED}", text)
    text = _ASSIGNED.sub(_assigned, text)
    return _QUOTED.sub(_quoted, text)


def redacted_value(name: str, value: str) -> str:
    """The value of something of this name: nothing of it when the name looks secret."""
    return REDACTED if is_secret_name(name) else redacted(value)


def redacted_row(row: Row) -> dict[str, Scalar]:
    """A row with its texts redacted; columns are the project's own, so their names tell nothing."""
    return {
        name: redacted(value) if isinstance(value, str) else value for name, value in row.items()
    }


def _assigned(match: re.Match[str]) -> str:
    name, equals, _ = match.groups()
    return f"{name}{equals}{REDACTED}" if is_secret_name(name) else match[0]


def _quoted(match: re.Match[str]) -> str:
    quote, name, colon, _ = match.groups()
    return f'{quote}{name}{quote}{colon}"{REDACTED}"' if is_secret_name(name) else match[0]
