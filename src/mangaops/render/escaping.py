"""Text that Markdown must show as it is."""

from __future__ import annotations

_SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|"})


def escaped(text: str) -> str:
    """`text` on one line, with what Markdown would take for its own escaped."""
    return " ".join(text.translate(_SPECIAL).split())
