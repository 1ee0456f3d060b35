"""Text that must stay as it is: compared with a file, or written to it where that is meant."""

from __future__ import annotations

import os
from pathlib import Path


def agree(file: Path, text: str) -> None:
    """MANGAOPS_UPDATE_GOLDEN=1 writes `file` instead."""
    if os.environ.get("MANGAOPS_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
