r"""What is a secret by the name in front of it, in the notations that logs and settings use.

    DB_PASSWORD=x   password: x   password:x   --token x   client_secret%3Dx
    {"apiToken": "x"}   {\"apiToken\": \"x\"} at any depth   <password>x</password>

A sentence is none: `NoSuchKey: The specified key does not exist`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mangaops.model.redaction.names import (
    NAMING,
    is_error_name,
    is_plain_key,
    is_plain_name,
    is_secret_name,
    is_strong_name,
)
from mangaops.model.redaction.places import Found, matched, string_at

_LONGEST_NAME = 100
_LONGEST_KEY = 200
"""A longer value of a plain `key` is hidden: to look for names in it takes too long."""
_REST_OF_NAME = re.compile(r"[\w.-]*+")
_IN_NAME = frozenset("_.-")

_KEYED = re.compile(r"(\\*+[\"'])\s*+(:|=>|,)\s*+")
_NAMED_VALUE = re.compile(r"(\\*+[\"'])\s*+,\s*+\1(?i:value)\1\s*+:\s*+")
"""`{"name": "DB_PASSWORD", "value": "x"}`, as ECS writes an environment."""

_PLAIN_JSON = re.compile(r"-?\d[\d.]*+(?:[eE][+-]?\d++)?+(?![\w.])|true\b|false\b")
_LONG_NUMBER = 6
"""Digits from which a number beside `..._token` is no count."""

_ASSIGNED = re.compile(r"\s*+=>?(?![=~])\s*+")
_ASSIGNED_VALUE = re.compile(r"[^\s,;&\"'\\]++(?:\\++[^\s,;&\"'\\]++)*+|\\++[^\s,;&\"'\\]++")
_BLANKS = re.compile(r"[ \t]++")
_WORD_ALONE = re.compile(r"[^\s,;&\"'{}\[\]\\]++(?=[ \t]*+(?:[,;}\]\r\n]|$))")
_WORD = re.compile(r"[^\s,;&\"'{}\[\]\\]++")
_WORD_WITHOUT_BLANK = re.compile(r"[^\s,;:&\"'{}\[\]\\/*()<>]++(?!:)")
_WITH_A_DIGIT = re.compile(r"\D*+\d")
_LIKE_A_TOKEN = re.compile(r"(?=\D*+\d)(?=[^A-Za-z]*+[A-Za-z])[^\s:]{8,}")
_WITH_A_LETTER = re.compile(r"\w|[^\w\s]{6}")
_FEW_WORDS = re.compile(
    r"(?:[^\s\"'\[\]{}:,;=]++[ \t]++){1,9}[^\s\"'\[\]{}:,;=]++(?=[ \t\r]*+(?:\n|$))"
)
_SENTENCE = re.compile(
    r"\b(?:is|are|was|must|not|no|should|has|for|failed|wrong|may|cannot|the|of|a|to)\b",
    re.IGNORECASE,
)
_ARGUMENT_VALUE = re.compile(r"[ \t]++(?![-\s|&;<>])")
_ENCODED = re.compile(r"(?:%(?:25)*+22)?%(?:25)*+3[AaDd](?:\+|%(?:25)*+20)*+(?:%(?:25)*+22)?+")
_ENCODED_VALUE = re.compile(r"(?:[^\s&\"'<>,;%\\]++|%(?!(?:25)*+(?:26|22|2[Cc])))++")
_ELEMENT = re.compile(r"(?:\s[^<>]*+)?>(?=[^<>]++<\\*+/)")
_ELEMENT_TEXT = re.compile(r"[^<>]++")
_PREFIX = 40
"""The longest prefix of an XML element's name."""


@dataclass(frozen=True, slots=True)
class _Name:
    """A secret's name in a text."""

    text: str
    start: int
    end: int
    name: str


def redacted_by_name(text: str, hide: Callable[[str], str]) -> str:
    """The text without the values that stand beside a secret's name."""
    parts: list[str] = []
    done = 0
    for name in _names(text):
        if name.start < done:
            continue
        found = _value_of(name)
        if found is not None:
            secret = hide(text[found.start : found.end])
            parts += (text[done : found.start], found.quote, secret, found.quote)
            done = found.end
    return "".join((*parts, text[done:])) if parts else text


def _names(text: str) -> list[_Name]:
    """Every secret's name in the text, in order."""
    low = text.lower()
    if len(low) != len(text):  # a letter that has two in lower case
        low = text
    found: dict[int, _Name] = {}
    for word in NAMING:
        if word in low:
            for start, end in _runs(low, word):
                name = text[max(start, end - _LONGEST_NAME) : end]
                if is_secret_name(name):
                    found[start] = _Name(text, start, end, name)
    return [found[start] for start in sorted(found)]


def _runs(low: str, word: str) -> Iterator[tuple[int, int]]:
    """Where a name that holds the word begins and ends."""
    at = low.find(word)
    end = 0
    while at >= 0:
        start = at
        while start > end and (low[start - 1].isalnum() or low[start - 1] in _IN_NAME):
            start -= 1
        rest = _REST_OF_NAME.match(low, at)
        end = rest.end() if rest else at
        yield start, end
        at = low.find(word, end)


def _value_of(name: _Name) -> Found | None:
    """What stands behind the name tells the notation."""
    for notation in _NOTATIONS.get(name.text[name.end : name.end + 1], ()):
        found = notation(name)
        if found is not None:
            return found if _may_be_secret(name, name.text[found.start : found.end]) else None
    return None


def _may_be_secret(name: _Name, value: str) -> bool:
    """`{"Key": "Name", "Value": "x"}` is a tag, `key = precompute:faq` a cache's."""
    if is_plain_key(name.name):
        return len(value) > _LONGEST_KEY or _LIKE_A_TOKEN.fullmatch(value) is not None
    return _WITH_A_LETTER.search(value) is not None


def _of_key(name: _Name) -> Found | None:
    text = name.text
    named = _NAMED_VALUE.match(text, name.end)
    if named is not None:
        return string_at(text, named.end())
    keyed = _KEYED.match(text, name.end)
    if keyed is None or (keyed[2] == "," and not name.name.startswith("--")):
        return None
    return string_at(text, keyed.end()) or _number(name, keyed.end(), keyed[1])


def _number(name: _Name, at: int, quote: str) -> Found | None:
    """A number or flag, which is a secret beside a password's name, or when it is long."""
    found = matched(_PLAIN_JSON, name.text, at)
    if found is None:
        return None
    digits = sum(map(str.isdigit, name.text[at : found.end]))
    if not is_strong_name(name.name) and digits < _LONG_NUMBER:
        return None
    return Found(at, found.end, quote)


def _of_assignment(name: _Name) -> Found | None:
    text = name.text
    sign = _ASSIGNED.match(text, name.end)
    if sign is None:
        return None
    return string_at(text, sign.end(), to_end=False) or matched(_ASSIGNED_VALUE, text, sign.end())


def _of_colon(name: _Name) -> Found | None:
    text = name.text
    if is_error_name(name.name):
        return None
    blanks = _BLANKS.match(text, name.end + 1)
    if blanks is None:
        return _without_blank(name)
    at = blanks.end()
    found = string_at(text, at, to_end=False) or matched(_WORD_ALONE, text, at)
    if found is None and is_strong_name(name.name):
        return _words(name, at)
    return found


def _words(name: _Name, at: int) -> Found | None:
    """`passphrase: two words` on a line of its own; else a word that is none of a sentence."""
    text = name.text
    found = matched(_FEW_WORDS, text, at) if _begins_a_line(text, name.start) else None
    if found is not None and not _SENTENCE.search(text, found.start, found.end):
        return found
    found = matched(_WORD, text, at)
    return found if found and _WITH_A_DIGIT.match(text, at, found.end) else None


def _begins_a_line(text: str, at: int) -> bool:
    while at and text[at - 1] in " \t":
        at -= 1
    return not at or text[at - 1] in "\r\n"


def _without_blank(name: _Name) -> Found | None:
    """`password:x`, but neither `precompute:token:abc` nor an ARN."""
    text, at = name.text, name.end + 1
    if text[max(0, name.start - 1) : name.start] == ":":
        return None
    found = string_at(text, at, to_end=False)
    if found is not None:
        return found
    found = matched(_WORD_WITHOUT_BLANK, text, at)
    if found and is_plain_name(name.name) and not _LIKE_A_TOKEN.fullmatch(text, at, found.end):
        return None
    return found


def _of_argument(name: _Name) -> Found | None:
    """`--token x`, but not `--key path/of/object`."""
    if not name.name.startswith("-") or is_plain_key(name.name):
        return None
    blanks = _ARGUMENT_VALUE.match(name.text, name.end)
    if blanks is None:
        return None
    at = blanks.end()
    return string_at(name.text, at, to_end=False) or matched(_ASSIGNED_VALUE, name.text, at)


def _of_encoded(name: _Name) -> Found | None:
    sign = _ENCODED.match(name.text, name.end)
    return matched(_ENCODED_VALUE, name.text, sign.end()) if sign else None


def _of_element(name: _Name) -> Found | None:
    """Not `<Key>`, which is an object's in S3."""
    text = name.text
    tag = text.rfind("<", max(0, name.start - _PREFIX), name.start)
    if tag < 0 or is_plain_key(name.name) or " " in text[tag : name.start]:
        return None
    closed = _ELEMENT.match(text, name.end)
    return matched(_ELEMENT_TEXT, text, closed.end()) if closed else None


_NOTATIONS: Mapping[str, tuple[Callable[[_Name], Found | None], ...]] = {
    '"': (_of_key,),
    "'": (_of_key,),
    "\\": (_of_key,),
    "=": (_of_assignment,),
    ":": (_of_colon,),
    "%": (_of_encoded,),
    ">": (_of_element,),
    " ": (_of_assignment, _of_argument, _of_element),
    "\t": (_of_assignment, _of_argument),
}
