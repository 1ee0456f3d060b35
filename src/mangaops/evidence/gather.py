"""Evidence on its way: a thread for each reader at work, and one queue for what arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread

from mangaops.errors import AwsCredentials, AwsUnreachable, InputError, MangaopsError
from mangaops.evidence.hiding import Taken
from mangaops.evidence.progress import Finished, Progress, Started, Waiting
from mangaops.evidence.readers import Readers, batched, cheap, scanning
from mangaops.evidence.source import Asked, Stopped, missing, not_read
from mangaops.evidence.stopping import StopSignal
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState
from mangaops.model.query import InventoryQuery
from mangaops.model.redaction import redacted
from mangaops.model.runbook import EvidenceDeclaration
from mangaops.model.source import SOURCE_KINDS
from mangaops.model.time import Window

PATIENCE = 1.0
"""After this many seconds without news, `Waiting` is told."""
ANSWERED = (EvidenceState.OK, EvidenceState.NO_DATA, EvidenceState.STALE, EvidenceState.DENIED)
FATAL = (AwsCredentials, AwsUnreachable, InputError)


class Gathering:
    """One collection; its methods belong to the thread that made it.

    Once `give_up` was called, nothing is started any
    more: what is asked for is evidence in state `timeout` at once.
    """

    def __init__(
        self,
        readers: Readers,
        declarations: Mapping[str, EvidenceDeclaration],
        window: Window,
        *,
        clock: Callable[[], float],
        until: float,
        tell: Callable[[Progress], None],
        known: EvidenceSet | None = None,
    ) -> None:
        self._taken = Taken(_reusable(known))
        self._readers = readers
        self._declarations = declarations
        self._window = window
        self._clock = clock
        self._began = clock()
        self._until = until
        self._tell = tell
        self._given_up = ""
        self._stops: dict[str, StopSignal] = {}
        self._threads: list[Thread] = []
        self._arrived: SimpleQueue[Sequence[Evidence] | MangaopsError] = SimpleQueue()
        self._fatal: MangaopsError | None = None
        self._wanted = {i for i, each in declarations.items() if batched(each)}
        self._ahead: dict[str, Evidence] = {}
        self._news = False
        self._prepared: set[str] = set()
        self._preparing = self._signal()

    @property
    def evidence(self) -> EvidenceSet:
        """What has arrived, without what any of it hides."""
        return self._taken.evidence

    def begin(self, beside: Callable[[], object] | None = None) -> None:
        """Sends the batch, and calls `beside` while it is away."""
        batch = [
            declaration
            for declaration in self._declarations.values()
            if batched(declaration) and declaration.id not in self.evidence
        ]
        if batch:
            self._readers.batch.prepare()
            asked = self._started(*batch)
            self._spawn(lambda: self._read_batch(batch, asked))
        if beside is not None:
            self._spawn(beside)

    def read(self, needed: Iterable[str], *, ahead: Iterable[str] = ()) -> None:
        """Starts what is needed and not on its way; of `ahead` only what is cheap."""
        later = [self._declarations[i] for i in sorted(ahead)]
        for evidence_id in sorted(needed):
            self._want(evidence_id)
            self._begin_reading(self._declarations[evidence_id])
        if self._given_up:
            return
        pending = [self._declarations[i] for i in self._pending]
        if not all(map(batched, pending)):
            waiting = any(map(scanning, pending))
            for declaration in later:
                if cheap(declaration, waiting=waiting) and self._source_of(declaration) is None:
                    self._begin_reading(declaration)
        self._prepare({declaration.kind for declaration in later})

    def _want(self, evidence_id: str) -> None:
        """What was read ahead counts from now on."""
        self._wanted.add(evidence_id)
        if evidence_id in self._ahead:
            self._add(self._ahead.pop(evidence_id))
            self._news = True

    def news(self) -> bool:
        """Waits until something arrives and takes all there is; False at the deadline."""
        if self._news:
            self._news = False
            return True
        while not self._given_up:
            left = self._until - self._clock()
            if left <= 0:
                return self._take_all()
            try:
                first = self._arrived.get(timeout=min(left, PATIENCE))
            except Empty:
                self._tell(Waiting(ids=self._pending, seconds=self._clock() - self._began))
                continue
            self._preparing.request()
            self._take(first)
            self._take_all()
            return True
        return True

    def give_up(self, why: str) -> None:
        """Everything on its way becomes a time-out, and so will all that is asked later."""
        self._given_up = why
        self._take_all()
        for evidence_id in self._pending:
            self._stops[evidence_id].request()
            self._add(missing(self._declarations[evidence_id], EvidenceState.TIMEOUT, why))

    def stop_all(self) -> Sequence[Thread]:
        """Stops what is on its way; answers the threads that are still at it."""
        self._preparing.request()
        for evidence_id in self._pending:
            self._stops[evidence_id].request()
        return [thread for thread in self._threads if thread.is_alive()]

    def complete(self) -> EvidenceSet:
        """What was read, and `not_needed` for every other declared id."""
        return self.evidence.with_items(
            *(
                missing(
                    declaration,
                    EvidenceState.NOT_NEEDED,
                    "stopped, as the diagnosis no longer needed it" if i in self._wanted else "",
                )
                for i, declaration in self._declarations.items()
                if i not in self.evidence
            )
        )

    def raise_if_unanswered(self) -> None:
        """Raises what kept every reader from an answer: credentials, the network, the input."""
        if self._fatal is not None and not self._answered:
            raise self._fatal

    @property
    def _answered(self) -> bool:
        return any(
            evidence.state in ANSWERED and not SOURCE_KINDS[evidence.kind].local
            for evidence in self.evidence
        )

    @property
    def _pending(self) -> tuple[str, ...]:
        arrived = self.evidence.items.keys() | self._ahead.keys()
        return tuple(key for key in self._stops if key not in arrived)

    def _begin_reading(self, declaration: EvidenceDeclaration) -> None:
        if declaration.id in self._stops or declaration.id in self.evidence:
            return
        if self._given_up:
            self._add(missing(declaration, EvidenceState.TIMEOUT, self._given_up))
            return
        source = self._source_of(declaration)
        if source is not None:
            self._want(source.id)
            if source.id not in self.evidence:
                self._begin_reading(source)
                return
        asked = self._started(declaration)
        self._spawn(lambda: self._read_one(declaration, asked))

    def _source_of(self, declaration: EvidenceDeclaration) -> EvidenceDeclaration | None:
        """Evidence that must be read before this."""
        if isinstance(declaration.query, InventoryQuery):
            return self._declarations[declaration.query.products_from]
        return None

    def _started(self, *declarations: EvidenceDeclaration) -> Asked:
        stop = self._signal()
        for declaration in declarations:
            self._stops[declaration.id] = stop
            title = declaration.title or declaration.id
            self._tell(Started(id=declaration.id, kind=declaration.kind, title=title))
        return Asked(window=self._window, evidence=self.evidence, stop=stop)

    def _signal(self) -> StopSignal:
        return StopSignal(clock=self._clock, deadline=self._until)

    def _spawn(self, work: Callable[[], object]) -> None:
        thread = Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _prepare(self, kinds: set[str]) -> None:
        """Makes the clients of what may follow, as long as there is only waiting to do."""
        new = (kinds - self._prepared) & self._readers.by_kind.keys()
        self._prepared |= kinds
        dearest_first = sorted(new, key=lambda kind: (-SOURCE_KINDS[kind].expense, kind))
        if dearest_first:
            self._spawn(lambda: self._prepare_all(dearest_first))

    def _prepare_all(self, kinds: Iterable[str]) -> None:
        for kind in kinds:
            if self._preparing.requested:
                return
            with suppress(Exception):  # it comes again, and is told, when this is read
                self._readers.by_kind[kind].prepare()

    def _read_one(self, declaration: EvidenceDeclaration, asked: Asked) -> None:
        since = self._clock()
        try:
            read = self._readers.by_kind[declaration.kind].read(declaration, asked)
        except Stopped:
            return
        except MangaopsError as error:
            read = not_read(declaration, error)
            if isinstance(error, FATAL):
                self._fatal = error
        except Exception as error:  # noqa: BLE001 - one broken reader must not end a diagnosis
            read = _broken(declaration, error)
        self._deliver([read], since)

    def _read_batch(self, batch: Sequence[EvidenceDeclaration], asked: Asked) -> None:
        since = self._clock()
        left = {declaration.id: declaration for declaration in batch}
        rest: Callable[[EvidenceDeclaration], Evidence] = _forgotten
        try:
            for together in self._readers.batch.read_all(batch, asked):
                for read in together:
                    del left[read.id]
                self._deliver(together, since)
        except Stopped:
            return
        except MangaopsError as error:
            rest = partial(not_read, error=error)
            self._arrived.put(error)
        except Exception as error:  # noqa: BLE001 - as for one reader
            rest = partial(_broken, error=error)
        self._deliver([rest(declaration) for declaration in left.values()], since)

    def _deliver(self, read: Sequence[Evidence], since: float) -> None:
        """What arrives together is taken together: no walk sees a part of it."""
        seconds = self._clock() - since
        self._arrived.put([replace(one, seconds=seconds) for one in read])

    def _take_all(self) -> bool:
        """All that has arrived, without waiting; whether there was anything."""
        took = False
        while True:
            try:
                self._take(self._arrived.get_nowait())
            except Empty:
                return took
            took = True

    def _take(self, arrived: Sequence[Evidence] | MangaopsError) -> None:
        if not isinstance(arrived, MangaopsError):
            for evidence in arrived:
                self._add(evidence)
        elif isinstance(arrived, FATAL) and not self._answered:
            raise arrived

    def _add(self, evidence: Evidence) -> None:
        """What comes after its time-out was told comes too late; what nobody has asked for
        yet is put aside, so that a diagnosis does not depend on which call was faster.
        """
        if evidence.id not in self._wanted:
            self._ahead.setdefault(evidence.id, evidence)
        elif evidence.id not in self.evidence:
            self._tell(Finished(evidence=self._taken.add(evidence)))


def _reusable(known: EvidenceSet | None) -> Iterable[Evidence]:
    """What need not be read again; what was not needed then may be needed now."""
    return (item for item in known or () if item.state is not EvidenceState.NOT_NEEDED)


def _broken(declaration: EvidenceDeclaration, error: Exception) -> Evidence:
    detail = f"a bug in mangaops: {type(error).__name__}: {redacted(str(error))}"
    return missing(declaration, EvidenceState.FAILED, detail)


def _forgotten(declaration: EvidenceDeclaration) -> Evidence:
    return missing(declaration, EvidenceState.FAILED, "a bug in mangaops: the batch left it out")
