"""Why evidence was not read: what happened, and what to do about it."""

from __future__ import annotations

from mangaops.model.evidence import Evidence


def because(read: Evidence) -> tuple[str, str]:
    """`detail` and `hint`; evidence keeps both in one sentence, the hint behind a semicolon."""
    state = read.state.value.replace("_", " ")
    what, _, hint = read.detail.rpartition("; ")
    if not what:
        what, hint = hint, ""
    return f"{state}: {what}" if what else state, hint
