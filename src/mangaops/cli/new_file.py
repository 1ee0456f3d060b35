"""Files that a command makes for its user: whole or not at all, and never over what is there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from mangaops.errors import InputError


def refuse_existing(file: Path, *, hint: str, where: str = "") -> None:
    """Raises InputError, also for a link that leads nowhere. `where` is what was typed."""
    if file.exists() or file.is_symlink():
        what = "this is there already, and nothing is overwritten"
        raise InputError(what, where=where or str(file), hint=hint)


def write_new(file: Path, content: bytes) -> None:
    """For its owner only. Raises OSError, FileExistsError where something is there by now."""
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # 0600
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        os.link(temporary, file)  # refuses what is there, where a rename would not
    finally:
        Path(temporary).unlink(missing_ok=True)
