"""Text that can be sent: no control characters, and none that UTF-8 cannot hold.

What is typed in bytes that are no UTF-8 arrives as lone surrogates, which AWS cannot take.
"""

from __future__ import annotations

import unicodedata

_UNPLAIN = frozenset({"Cc", "Cs"})


def is_plain(text: str, *, but: str = "") -> bool:
    """Whether every character is plain; those of `but` are allowed besides."""
    return all(one in but or unicodedata.category(one) not in _UNPLAIN for one in text)
