"""One change at a time per target, whoever makes it: leases in a table that all can see.

Rule: a lock is a lease of two minutes that its owner renews while it works. Whoever finds
it expired takes it over and says so; so does whoever knows that its process is dead
(holders.py). Nothing ever waits for a lock: the second one is told who holds it,
and decides.
Reason: a process that dies leaves its lock behind, and nobody is awake to remove it.
Known cost: clocks that differ by more than the lease let two in; each write compares its
target with the plan again, so that the second one is refused there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Protocol

from mangaops.errors import (
    AwsDenied,
    AwsError,
    AwsNotFound,
    AwsThrottled,
    Locked,
    MangaopsError,
)
from mangaops.model.lock import Claim, Lease
from mangaops.remedy.action import UNCLEAR
from mangaops.remedy.locks.holders import Holders

LIFE = timedelta(seconds=120)
MOST_SENDS = 4
FIRST_PAUSE_S = 0.2


class LeaseTable(Protocol):
    """The table: each call is sent once, and says by AwsError what became of it."""

    @property
    def name(self) -> str: ...

    def claim(self, lease: Lease) -> Claim:
        """Writes the lease unless another one is there that has not expired at its `taken_at`."""
        ...

    def read(self, lock: str) -> Lease | None:
        """The lease that is there now, read consistently."""
        ...

    def renew(self, lease: Lease) -> bool:
        """Writes `expires_at`; False when the lease in the table is not this one."""
        ...

    def remove(self, lease: Lease) -> bool:
        """False when the lease in the table is not this one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLocks:
    """Locks that everyone with access to the table respects.

    `tell` gets what an operator should know: a take-over, a lock that was lost. `nonce`
    makes a new text that no other lease has. `holders` knows the dead of this machine.
    """

    table: LeaseTable
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    nonce: Callable[[], str]
    tell: Callable[[str], None]
    holders: Holders
    life: timedelta = LIFE

    @contextmanager
    def hold(self, names: Sequence[str], *, owner: str, purpose: str) -> Iterator[None]:
        held: list[Lease] = []
        with ExitStack() as lives:
            try:
                for name in sorted(set(names)):
                    nonce = self.nonce()
                    lives.enter_context(self.holders.holding(nonce))
                    held.append(self._take(name, owner, purpose, nonce))
                with self._kept(held):
                    yield
            finally:
                for lease in reversed(held):
                    self._release(lease)

    def _take(self, name: str, owner: str, purpose: str, nonce: str) -> Lease:
        for turn in range(1, MOST_SENDS + 1):
            lease = self._lease(name, owner, purpose, nonce)
            try:
                return self._claimed(lease)
            except UNCLEAR as error:
                failure: AwsError = error
                if self._landed(lease):
                    return lease
            except AwsThrottled as error:
                failure = error
            except (AwsDenied, AwsNotFound) as error:
                raise self._unusable(error) from error
            if turn < MOST_SENDS:
                self.sleep(FIRST_PAUSE_S * 2 ** (turn - 1))
        self._release(lease)  # it may have landed after all
        raise failure

    def _lease(self, name: str, owner: str, purpose: str, nonce: str) -> Lease:
        now = self.clock().replace(microsecond=0)
        return Lease(
            lock=name,
            owner=owner,
            purpose=purpose,
            nonce=nonce,
            taken_at=now,
            expires_at=now + self.life,
        )

    def _claimed(self, lease: Lease) -> Lease:
        claim = self.table.claim(lease)
        if not claim.won:
            other = claim.other or self.table.read(lease.lock)
            if other is None or self._buried(other):
                raise AwsThrottled("the lock was given back at this moment")
            raise self._locked(other)
        if claim.other is not None and claim.other.nonce != lease.nonce:
            self.tell(_taken_over(claim.other))
        return lease

    def _buried(self, other: Lease) -> bool:
        """Whether its process is dead for certain; its lease is then removed."""
        if not self.holders.is_dead(other.nonce):
            return False
        if self.table.remove(other):
            self.tell(_inherited(other))
        self.holders.forget(other.nonce)
        return True

    def _landed(self, lease: Lease) -> bool:
        """Whether a lease is ours, after a claim whose answer was lost."""
        try:
            there = self.table.read(lease.lock)
        except (*UNCLEAR, AwsThrottled):
            return False
        except (AwsDenied, AwsNotFound) as error:
            raise self._unusable(error) from error
        if there is not None and there.nonce == lease.nonce:
            return True
        if there is not None and there.expires_at >= self.clock():
            raise self._locked(there)
        return False

    @contextmanager
    def _kept(self, held: list[Lease]) -> Iterator[None]:
        """Renews the leases at a third of their life, from a thread of its own."""
        done = Event()
        keeper = Thread(target=self._keep, args=(held, done), name="locks", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join(timeout=self.life.total_seconds())

    def _keep(self, held: list[Lease], done: Event) -> None:
        pause = self.life.total_seconds() / 3
        while not done.wait(pause):
            later = self.clock().replace(microsecond=0) + self.life
            renewed = [self._renewed(place, held, later) for place in range(len(held))]
            pause = self.life.total_seconds() / (3 if all(renewed) else 12)

    def _renewed(self, place: int, held: list[Lease], later: datetime) -> bool:
        lease = held[place]
        try:
            ours = self.table.renew(replace(lease, expires_at=later))
        except MangaopsError as error:
            if lease.expires_at < self.clock():
                self.tell(f"the lock on {lease.lock} has expired: it cannot be renewed ({error})")
            return False
        if ours:
            held[place] = replace(lease, expires_at=later)
        else:
            self.tell(f"the lock on {lease.lock} was lost: somebody took it over")
        return ours

    def _release(self, lease: Lease) -> None:
        """Never raises: what was changed under the lock is what counts."""
        for turn in range(1, MOST_SENDS + 1):
            try:
                self.table.remove(lease)
            except (*UNCLEAR, AwsThrottled):
                if turn < MOST_SENDS:
                    self.sleep(FIRST_PAUSE_S)
            except MangaopsError:
                break
            else:
                return
        self.tell(f"the lock on {lease.lock} was not given back; it ends {_at(lease.expires_at)}")

    def _locked(self, other: Lease) -> Locked:
        key = f'{{"lock": {{"S": "{other.lock}"}}}}'
        return Locked(
            f"{other.owner} is changing it: {other.purpose}, since {_at(other.taken_at)}",
            where=other.lock,
            hint=(
                f"wait, then repeat the command; the lock ends at {_at(other.expires_at)} unless "
                f"its owner renews it. See it: aws dynamodb get-item --table-name "
                f"{self.table.name} --key '{key}'"
            ),
        )

    def _unusable(self, error: AwsError) -> MangaopsError:
        """Never goes on without a lock because the table cannot be used."""
        missing = isinstance(error, AwsNotFound)
        what = "does not exist" if missing else f"may not be used: {error.what}"
        hint = (
            "create it with the key `lock` (a string), or correct lock_table in mangaops.yaml"
            if missing
            else "allow dynamodb:PutItem, GetItem, UpdateItem and DeleteItem on it to this identity"
        )
        return MangaopsError(
            f"the lock table {self.table.name} {what}",
            where=error.operation,
            hint=f"{hint}; without lock_table only this machine's commands are kept apart",
        )


def _taken_over(dead: Lease) -> str:
    return (
        f"took over the lock on {dead.lock} from {dead.owner} ({dead.purpose}, since "
        f"{_at(dead.taken_at)}): it was not renewed and ended at {_at(dead.expires_at)}"
    )


def _inherited(dead: Lease) -> str:
    return (
        f"took over the lock on {dead.lock} ({dead.purpose}, since {_at(dead.taken_at)}): "
        "its process on this machine ended without giving it back"
    )


def _at(instant: datetime) -> str:
    return f"{instant:%H:%M:%S} UTC"
