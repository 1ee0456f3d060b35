"""The signs of an input method that stand for JSON's own, by their code points."""

from __future__ import annotations

from types import MappingProxyType

WIDE_COLON = "\uff1a"
WIDE_COMMA = "\uff0c"
WIDE_SPACES = "\u3000\xa0"

CLOSERS = MappingProxyType(
    {
        '"': '"',
        "'": "'",
        "\u201c": "\u201d",  # curly double quotes
        "\u2018": "\u2019",  # curly single quotes
        "\uff02": "\uff02",  # full-width quotation mark
    }
)
"""Each opening quote and what closes it."""

OPENERS = "".join(CLOSERS)
ALL = "".join(dict.fromkeys("".join(CLOSERS.values()) + OPENERS)) + WIDE_COLON + WIDE_COMMA
