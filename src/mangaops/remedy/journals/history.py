"""What the journal of a run tells when it is read back, also after a crash at any byte of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mangaops.errors import InputError, MangaopsError
from mangaops.model.change import Approval
from mangaops.model.evidence import JSON
from mangaops.model.plan import Plan
from mangaops.model.time import parse_instant
from mangaops.remedy.journals.journal import FIRST_PREV, Kind, hash_of, parsed
from mangaops.remedy.plans import plan_file

_FRAME = ("seq", "at", "kind", "prev", "hash")
CLOSED_UNCLEAR = "ended without a word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line. `fields` are its own, by Kind; `step` is 0 where it is about no step."""

    seq: int
    at: datetime
    kind: Kind
    fields: Mapping[str, JSON]

    @property
    def step(self) -> int:
        return _whole(self.fields.get("step"))

    def text(self, name: str) -> str:
        """A field as text; empty where it is none."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong with a line (from 1) of a journal."""

    line: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFile:
    """What undo gives to an action as `arguments["saved"]`."""

    run: str
    name: str
    sha256: str

    def reference(self) -> dict[str, JSON]:
        return {"run": self.run, "name": self.name, "sha256": self.sha256}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A journal as it lies on disk.

    `torn`: its last line is incomplete, as after a crash; that line is left out. `findings`
    are signs that it was altered: only the hashes tell that. `strange` says what this
    version cannot read of it, as of a journal that another version wrote, and is empty when
    it can read everything. `plan` and `approval` are None then, or when the run ended before
    its first entry was on disk, so that nothing was written. `folder` is the run's.
    """

    run: str
    folder: Path = field(default=Path(), compare=False)
    entries: tuple[Entry, ...] = ()
    torn: bool = False
    findings: tuple[Finding, ...] = ()
    strange: str = ""
    plan: Plan | None = None
    approval: Approval | None = None

    @property
    def closed(self) -> Entry | None:
        """How it ended; None when the process was killed."""
        return next((one for one in reversed(self.entries) if one.kind is Kind.CLOSED), None)

    @property
    def status(self) -> str:
        return self.closed.text("status") if self.closed else CLOSED_UNCLEAR

    def saved(self, step: int) -> SavedFile | None:
        """The last file that this step saved for undo."""
        found = [e for e in self.entries if e.kind is Kind.SAVED and e.step == step]
        if not found:
            return None
        return SavedFile(run=self.run, name=found[-1].text("name"), sha256=found[-1].text("sha256"))

    def touched(self, step: int) -> bool:
        """Whether something of this step was, or may have been, written."""
        pending = False
        for entry in self.entries:
            if entry.step != step:
                continue
            if entry.kind is Kind.INTENT:
                pending = True
            elif entry.kind in {Kind.RESULT, Kind.APPLIED}:
                return True
            elif entry.kind is Kind.FAILED and entry.text("operation"):
                if entry.text("effect") != "none":
                    return True
                pending = False
        return pending


@dataclass(slots=True)
class _Chain:
    """Reads line after line; what is wrong is told and the reading goes on."""

    entries: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    prev: str = FIRST_PREV

    def add(self, number: int, line: bytes) -> None:
        raw = parsed(line)
        if raw is None or not all(name in raw for name in _FRAME):
            self._wrong(number, "this line is no entry as it was written: it was altered")
        else:
            self._check(number, raw)
            entry = _entry(raw)
            if entry is not None:
                self.entries.append(entry)
            else:
                self.strange.append(f"line {number}: an entry `{str(raw['kind'])[:40]}`")
        self.prev = hashlib.sha256(line).hexdigest()

    def _check(self, number: int, raw: Mapping[str, JSON]) -> None:
        content = {name: value for name, value in raw.items() if name != "hash"}
        if raw["hash"] != hash_of(content):
            self._wrong(number, "this entry was altered: its hash is of another one")
        if raw["prev"] != self.prev:
            self._wrong(number, "the entry before it is not the one that was: altered or missing")
        elif raw["seq"] != number:
            self._wrong(number, f"this is entry {raw['seq']}: entries are missing or out of order")

    def _wrong(self, number: int, what: str) -> None:
        self.findings.append(Finding(line=number, what=what))


def read(path: Path) -> History:
    """The journal at RUNS/RUN/journal.jsonl. Raises InputError where there is none, and
    MangaopsError where it cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        what = f"run {path.parent.name} has no journal: it changed nothing"
        raise InputError(what, where=str(path), hint="mangaops history list") from error
    except OSError as error:
        what = f"the journal cannot be read: {error.strerror}"
        raise MangaopsError(what, where=str(path), hint="check whose file it is") from error
    *lines, tail = content.split(b"\n")
    chain = _Chain()
    for number, line in enumerate(lines, 1):
        chain.add(number, line)
    return _told(path, chain, torn=bool(tail))


def verify(path: Path) -> tuple[Finding, ...]:
    """What is wrong with a journal; nothing says that it is as it was written. An incomplete
    last line, as a crash leaves it, is `History.torn` and no finding.
    """
    return read(path).findings


def _told(path: Path, chain: _Chain, *, torn: bool) -> History:
    plan, approval = None, None
    opened = next((one for one in chain.entries if one.kind is Kind.OPENED), None)
    if opened is not None:
        try:
            plan = plan_file.from_document(opened.fields.get("plan"), f"{path}: line {opened.seq}")
            approval = _approval(opened.fields.get("approval"))
        except InputError as error:
            chain.strange.append(str(error).removeprefix(f"{path}: "))
    elif chain.entries and not chain.strange:
        chain.findings.append(Finding(line=1, what="the first entry, with the plan, is missing"))
    return History(
        run=path.parent.name,
        folder=path.parent,
        entries=tuple(chain.entries),
        torn=torn,
        findings=tuple(chain.findings),
        strange="; ".join(chain.strange),
        plan=plan,
        approval=approval,
    )


def _entry(raw: Mapping[str, JSON]) -> Entry | None:
    at = parse_instant(raw.get("at"))
    kind = next((kind for kind in Kind if kind == raw.get("kind")), None)
    seq = _whole(raw.get("seq"))
    if at is None or kind is None or seq < 1:
        return None
    own = {name: value for name, value in raw.items() if name not in _FRAME}
    return Entry(seq=seq, at=at, kind=kind, fields=own)


def _approval(raw: JSON) -> Approval | None:
    if not isinstance(raw, Mapping):
        return None
    texts = {name: value for name, value in raw.items() if isinstance(value, str)}
    at = parse_instant(texts.get("at"))
    if at is None or not {"digest", "operator", "how"} <= texts.keys():
        return None
    return Approval(digest=texts["digest"], operator=texts["operator"], at=at, how=texts["how"])


def _whole(value: JSON) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
