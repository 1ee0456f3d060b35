"""`--junit FILE` is written over an older report, and over nothing else that somebody made."""

from __future__ import annotations

import re
from pathlib import Path

from mangaops.errors import InputError

_BEGINNING = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<testsuites?\b|$)")
_LOOKED_AT = 512


def refuse_foreign(file: Path) -> None:
    """Raises InputError for what is there and is no report, a runbook for example. What is
    empty, and what is no file, such as /dev/stdout, is nobody's work.
    """
    if not file.is_file():
        return
    try:
        with file.open("rb") as held:
            beginning = held.read(_LOOKED_AT)
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}"
        raise InputError(what, where=f"--junit {file}", hint="name another file") from None
    if _BEGINNING.match(beginning) is None:
        what = "this is there already, and is no JUnit report"
        raise InputError(what, where=f"--junit {file}", hint="name a new file, or an older report")
