"""One change at a time per target, on this machine only: files in the state folder.

Rule: a lock is a file that its process holds with flock. The system lets go of it when the
process ends, however it ends, so a file without a holder is a dead owner's.
Known cost: an operator on another machine is not kept out; every use says so.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from mangaops.errors import Locked, MangaopsError

_MOST_TURNS = 100
"""A lock that changes hands while it is looked at is looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    path: Path
    file: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalLocks:
    """Locks below `folder`. `warn` is told, once a hold, whom they do not keep out."""

    folder: Path
    clock: Callable[[], datetime]
    warn: Callable[[str], None]

    @contextmanager
    def hold(self, names: Sequence[str], *, owner: str, purpose: str) -> Iterator[None]:
        """As `SharedLocks.hold`; raises MangaopsError when the folder cannot be used."""
        self.warn(
            "only this machine is kept from changing the same target; "
            "set lock_table in mangaops.yaml to keep out everyone"
        )
        held: list[_Held] = []
        try:
            for name in sorted(set(names)):
                with _told(self.folder):
                    held.append(self._take(name, owner, purpose))
            yield
        finally:
            for one in reversed(held):
                _release(one)

    def _take(self, name: str, owner: str, purpose: str) -> _Held:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest = sha256(name.encode()).hexdigest()[:32]
        path = self.folder / f"{digest}.json"
        draft = self.folder / f"{digest}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
        file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            os.write(file, self._record(name, owner, purpose))
            self._put(draft, path, name)
        except BaseException:
            os.close(file)
            raise
        finally:
            draft.unlink(missing_ok=True)
        return _Held(path=path, file=file)

    def _put(self, draft: Path, path: Path, name: str) -> None:
        """The complete file to its place: only where there is none, or a dead owner's."""
        for _ in range(_MOST_TURNS):
            with suppress(FileExistsError):
                os.link(draft, path)
                return
            with suppress(FileNotFoundError):  # it was given back at this moment
                if self._replaced(draft, path, name):
                    return
        raise Locked("several commands fight for it at once", where=name, hint="repeat the command")

    def _replaced(self, draft: Path, path: Path, name: str) -> bool:
        """Whether a dead owner's file was there; raises Locked when the owner lives."""
        there = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(there, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(there).st_ino != path.stat().st_ino:
                return False
            dead = _read(path)
            draft.replace(path)
            self.warn(
                f"took over the lock on {name} from {dead.get('owner', 'someone')} "
                f"({dead.get('purpose', '')}), whose process {dead.get('pid', '')} is gone"
            )
        except BlockingIOError:
            raise _locked(_read(path), name) from None
        finally:
            os.close(there)
        return True

    def _record(self, name: str, owner: str, purpose: str) -> bytes:
        fields = {
            "lock": name,
            "owner": owner,
            "purpose": purpose,
            "pid": os.getpid(),
            "taken_at": f"{self.clock():%H:%M:%S} UTC",
        }
        return json.dumps(fields).encode()


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MangaopsError(
            f"no lock can be taken: {error.strerror}",
            where=str(folder),
            hint="set MANGAOPS_STATE_DIR to a folder of your own",
        ) from error


def _release(held: _Held) -> None:
    with suppress(OSError):  # a folder that was removed holds no lock either
        held.path.unlink()
    os.close(held.file)


def _read(path: Path) -> Mapping[str, Any]:
    """Raises FileNotFoundError when it is gone."""
    with suppress(ValueError):
        fields = json.loads(path.read_bytes())
        if isinstance(fields, dict):
            return fields
    return {}


def _locked(holder: Mapping[str, Any], name: str) -> Locked:
    return Locked(
        f"{holder.get('owner', 'someone')} is changing it: {holder.get('purpose', 'unknown')}, "
        f"since {holder.get('taken_at', 'an unknown time')}",
        where=name,
        hint=(
            f"wait until process {holder.get('pid', '?')} on this machine ends, then repeat the "
            "command; `mangaops history list` shows what it does"
        ),
    )
