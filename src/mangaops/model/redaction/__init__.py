"""What must not reach a screen, a file or a ticket: secrets in values and in error texts.

By form wherever it stands, by the name in front of it, and, what was hidden in one place,
wherever it is repeated.

    names.py   which names are a secret's
    forms.py   keys, tokens, headers and passwords in URLs, by their form
    named.py   values beside a secret's name, in many notations
    places.py  where such a value begins and ends
    hidden.py  values that were hidden, looked for everywhere else
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mangaops.model.evidence import Row, Scalar
from mangaops.model.redaction import forms, named
from mangaops.model.redaction.names import is_secret_name

__all__ = [
    "REDACTED",
    "is_secret_name",
    "redacted",
    "redacted_forms",
    "redacted_row",
    "redacted_value",
]

REDACTED = "[redacted]"
TOKEN = re.compile(r"\[redacted(?:-\d+)?\]")


def _hidden(_: str) -> str:
    return REDACTED


def redacted(text: str, hide: Callable[[str], str] = _hidden) -> str:
    """The text with every secret in it replaced; the same text where there is none.

    `hide` says what takes a secret's place. What was replaced before stays as it is.
    """
    once = _once(hide)
    return named.redacted_by_name(forms.redacted_forms(text, once), once)


def redacted_forms(text: str, hide: Callable[[str], str] = _hidden) -> str:
    """The text without what is a secret by its form; names before a value tell nothing."""
    return forms.redacted_forms(text, _once(hide))


def _once(hide: Callable[[str], str]) -> Callable[[str], str]:
    return lambda secret: secret if not secret or TOKEN.fullmatch(secret) else hide(secret)


def redacted_value(name: str, value: str, hide: Callable[[str], str] = _hidden) -> str:
    """The value of something of this name: nothing of it when the name looks secret."""
    return hide(value) if is_secret_name(name) else redacted(value, hide)


def redacted_row(row: Row) -> dict[str, Scalar]:
    """A row with its texts redacted; columns are the project's own, so their names tell nothing."""
    return {
        name: redacted(value) if isinstance(value, str) else value for name, value in row.items()
    }
