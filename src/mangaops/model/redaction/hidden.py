"""Values that were hidden for their name in one place, hidden wherever they are repeated.

Only what looks like a secret is looked for: `true`, `default`, a region, a version or a
name in plain words is in many texts, and says nothing there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

_SHORTEST = 6
_PLAIN = re.compile(
    r"[A-Z]?[a-z]+(?:[-_.:/ ][A-Z]?[a-z]+)*+|[A-Z]+(?:[-_.:/ ][A-Z]+)*+"
    r"|[a-z]{2}(?:-[a-z]+)+-\d[a-z]?"
)
_LONGEST_PLAIN = 20
"""Characters of a name in plain words; a longer one is a passphrase."""

_NUMBER = re.compile(r"[-+v]?[\d.,:_/-]+(?:[smhdTZ%]|ms)?")
_SHORTEST_NUMBER = 9
_KNOWN = re.compile(
    r"arn:aws\S*|https?://[A-Za-z./:_-]+|(?:AES|SHA|HS|RS|ES|PS)-?\d{3}|\[redacted(?:-\d+)?\]"
    r"|[a-z][a-z0-9]*+(?:\.[a-z0-9-]+)+-v\d+(?::\d+)?",
    re.IGNORECASE,
)
"""Resources, addresses, algorithms and models."""


def is_worth_hiding(value: str) -> bool:
    """Whether a value that was hidden for its name is to be looked for in other texts."""
    if len(value) < _SHORTEST or _KNOWN.fullmatch(value):
        return False
    if _NUMBER.fullmatch(value):
        return value.isdigit() and len(value) >= _SHORTEST_NUMBER
    return not (_PLAIN.fullmatch(value) and len(value) < _LONGEST_PLAIN)


class Hidden:
    """Values to look for, in the ways that a text may write them: as they are, within JSON,
    within JSON in JSON, and within a URL.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._written: dict[str, str] = {}
        for value in values:
            once = json.dumps(value)[1:-1]
            for form in (value, once, json.dumps(once)[1:-1], quote(value, safe="")):
                self._written.setdefault(form, value)
        self._longest_first = sorted(self._written, key=lambda form: (-len(form), form))

    def __bool__(self) -> bool:
        return bool(self._written)

    def are_in(self, text: str) -> bool:
        return any(form in text for form in self._written)

    def without(self, text: str, hide: Callable[[str], str]) -> str:
        """The text with what `hide` says in the place of each value; the longest first."""
        for form in self._longest_first:
            if form in text:
                text = text.replace(form, hide(self._written[form]))
        return text


class Noted:
    """Hides secrets, and knows which it hid: `redacted_value(name, value, noted)`."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._values: dict[str, None] = {}

    def __call__(self, secret: str) -> str:
        if is_worth_hiding(secret):
            self._values[secret] = None
        return self._token

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(self._values)
