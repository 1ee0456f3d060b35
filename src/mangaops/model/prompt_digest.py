"""What tells one text of a prompt from another, in run files and in the prompt table."""

from __future__ import annotations

from hashlib import sha256


def prompt_digest(text: str) -> str:
    """SHA-256 of the text as it is sent, in hex."""
    return sha256(text.encode()).hexdigest()
