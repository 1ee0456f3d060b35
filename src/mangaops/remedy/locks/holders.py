"""Whether the process that holds a lease still lives, where this machine knows it for certain.

A process that takes a lease keeps a file of its state folder locked with flock. The system
lets go of it when the process ends, however it ends. So the next command of the same
operator need not wait for the lease of one that was killed to expire, and a lease whose
file is not here is somebody else's, of whom nothing is known.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Holders:
    """The files below `folder`, one a lease, named by its nonce."""

    folder: Path

    @contextmanager
    def holding(self, nonce: str) -> Iterator[None]:
        """A folder that cannot be written costs certainty, nothing else."""
        try:
            file = self._begin(nonce)
        except OSError:
            yield
            return
        try:
            yield
        finally:
            with suppress(OSError):
                self._path(nonce).unlink()
            os.close(file)

    def is_dead(self, nonce: str) -> bool:
        """True only when the process that took this lease ended on this machine."""
        try:
            file = os.open(self._path(nonce), os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(file)
        return True

    def forget(self, nonce: str) -> None:
        """Removes the file of a dead process."""
        with suppress(OSError):
            self._path(nonce).unlink()

    def _begin(self, nonce: str) -> int:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._path(f"{nonce}.tmp")
        file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            draft.replace(self._path(nonce))  # nobody ever sees it unlocked
        except BaseException:
            os.close(file)
            raise
        return file

    def _path(self, nonce: str) -> Path:
        return self.folder / f"{os.path.basename(nonce)}.lease"  # noqa: PTH119 - a table's text is no path
