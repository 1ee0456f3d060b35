"""`cache.keys`: keys of Redis, each with the digest of its value, from there to gone and back.

A key that is gone needs no removal. One that has another value than the plan saw was made
again meanwhile: before the write that is drift, during it the key is left alone, since a
fresh answer is what the removal is for. The digests are compared right before every batch,
because at a limited rate the last batch may come minutes after the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice

from mangaops.errors import MangaopsError, Refused
from mangaops.model.evidence import JSON
from mangaops.model.plan import State, Step, UndoKind
from mangaops.model.resources import CacheDump
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.actions.cache.ports import Cache
from mangaops.remedy.actions.cache.saving import SavedKey, from_line, to_line
from mangaops.remedy.actions.cache.selection import CacheSearch, checked, from_arguments
from mangaops.remedy.actions.cache.step import refuse_incomplete, refuse_other_cache

MOST_PER_BATCH = 1000
BATCHES_PER_SECOND = 2
KEYS_PER_READ = 100
"""How many whole values are held in memory while they are saved or restored."""


class CacheKeysAction:
    """`search` looks for the keys again after the write.

    Each method refuses a step that is not whole, or of another cache than is reached.
    """

    def __init__(self, cache: Cache, search: CacheSearch, *, clock: Callable[[], datetime]) -> None:
        self._cache = cache
        self._search = search
        self._clock = clock
        self._expired: set[str] = set()
        self._unsaved: set[str] = set()

    def read(self, step: Step) -> State:
        self._refuse_other(step)
        found = self._cache.values(list(step.before))
        return {key: found[key].digest if key in found else None for key in step.before}

    def touches(self, step: Step) -> Touches:
        refuse_incomplete(step)
        return Touches(keys=len(step.before))

    def write(self, step: Step, pen: Pen) -> None:
        self._refuse_other(step)
        wanted = _present(step.after)
        if wanted:
            self._restore(wanted, step, pen)
        else:
            self._remove(step, pen)

    def settled(self, step: Step) -> Settled:
        self._refuse_other(step)
        if wanted := _present(step.after):
            return self._restored(wanted)
        left = self._unchanged(_present(step.before))
        if left:
            return Settled(
                progress=Progress.WAITING,
                detail=f"{len(left):,} of {len(step.before):,} keys are still there: {left[0]}",
            )
        return self._looked_again(step)

    def _refuse_other(self, step: Step) -> None:
        refuse_incomplete(step)
        refuse_other_cache(step, self._cache.place())

    def _looked_again(self, step: Step) -> Settled:
        """A SCAN promises only keys that were there all along: the second finds the others.

        The reverse index goes on naming keys that are gone; those are not counted.
        """
        request = checked(from_arguments(step.arguments))
        try:
            found = list(self._cache.values(self._search.found(request).keys))
        except Refused as error:  # by now there are more than may be removed at once
            progress = Progress.WAITING if request.stale else Progress.REACHED
            return Settled(progress=progress, detail=error.what)
        if found and request.stale:
            what = f"offering what is sold out again: {len(found):,} ({found[0]})"
            return Settled(progress=Progress.WAITING, detail=what)
        new = f"; made again meanwhile: {len(found):,}" if found else ""
        detail = f"none of {len(step.before):,} keys is left{new}"
        return Settled(progress=Progress.REACHED, detail=detail)

    def _restored(self, wanted: Mapping[str, str]) -> Settled:
        found = self._cache.values(list(wanted))
        gone = self._expired | self._unsaved
        missing = [key for key in wanted if key not in found and key not in gone]
        if missing:
            what = f"{len(missing):,} of {len(wanted):,} keys are not there: {missing[0]}"
            return Settled(progress=Progress.WAITING, detail=what)
        told = [f"{len(self._unchanged(wanted)):,} of {len(wanted):,} keys are back"]
        if self._expired:
            told.append(f"expired meanwhile: {len(self._expired):,}")
        if self._unsaved:
            told.append(f"gone before they were to be removed: {len(self._unsaved):,}")
        return Settled(progress=Progress.REACHED, detail="; ".join(told))

    def _remove(self, step: Step, pen: Pen) -> None:
        rate = checked(from_arguments(step.arguments)).rate
        expected = _present(step.before)
        keys = self._unchanged(expected)
        if keys and step.undo is UndoKind.EXACT:
            pen.save(self._saving(keys))
        size = batch_size(rate)
        for start in range(0, len(keys), size):
            if start and rate:
                pen.pause(size / rate)
            some = keys[start : start + size]
            self._remove_batch({key: expected[key] for key in some}, pen)
            pen.tell(f"{start + len(some):,} of {len(keys):,} keys")

    def _remove_batch(self, expected: Mapping[str, str], pen: Pen) -> None:
        def send() -> int:
            same = self._unchanged(expected)
            return self._cache.unlink(same) if same else 0

        def landed() -> int | None:
            return None if self._unchanged(expected) else len(expected)

        pen.call(
            "redis:UNLINK",
            send,
            about={"keys": list(expected)},
            landed=landed,
            told=lambda removed: {"removed": removed},
        )

    def _saving(self, keys: Sequence[str]) -> Iterator[bytes]:
        for start in range(0, len(keys), KEYS_PER_READ):
            dumps = self._cache.dumps(keys[start : start + KEYS_PER_READ])
            now = self._clock()
            yield from (to_line(dump, now) for dump in dumps)

    def _restore(self, wanted: Mapping[str, str], step: Step, pen: Pen) -> None:
        reference = step.arguments.get("saved")
        if not isinstance(reference, Mapping):
            raise MangaopsError(
                "the values of the removed keys were not saved",
                where=step.target,
                hint="the service makes the answers again by itself",
            )
        done = 0
        self._expired, self._unsaved = set(), set(wanted)
        for some in _batched(map(from_line, pen.saved(reference)), KEYS_PER_READ):
            self._restore_batch([one for one in some if one.key in wanted], wanted, pen)
            self._unsaved -= {one.key for one in some}
            done += len(some)
            pen.tell(f"{done:,} of {len(wanted):,} keys")
        if self._expired:
            pen.tell(f"expired meanwhile, and not restored: {len(self._expired):,}")

    def _restore_batch(
        self, saved: Sequence[SavedKey], wanted: Mapping[str, str], pen: Pen
    ) -> None:
        now = self._clock()
        dumps = [dump for one in saved if (dump := one.dump(now))]
        self._expired.update({one.key for one in saved} - {dump.key for dump in dumps})
        if not dumps:
            return
        expected = {dump.key: wanted[dump.key] for dump in dumps}
        pen.call(
            "redis:RESTORE",
            partial(self._restore_absent, dumps, expected),
            about={"keys": list(expected)},
            landed=partial(self._landed_restore, expected),
            told=lambda kept: {"made_again_meanwhile": list(kept)},
        )

    def _restore_absent(
        self, dumps: Sequence[CacheDump], expected: Mapping[str, str]
    ) -> tuple[str, ...]:
        """The keys that were left alone because they hold something else by now."""
        busy = self._cache.restore(dumps)
        same = set(self._unchanged({key: expected[key] for key in busy}))
        return tuple(key for key in busy if key not in same)

    def _landed_restore(self, expected: Mapping[str, str]) -> tuple[str, ...] | None:
        found = self._cache.values(list(expected))
        if len(found) < len(expected):
            return None
        return tuple(key for key, digest in expected.items() if found[key].digest != digest)

    def _unchanged(self, expected: Mapping[str, str]) -> list[str]:
        """The keys that still hold what is expected of them."""
        found = self._cache.values(list(expected)) if expected else {}
        return [k for k, digest in expected.items() if k in found and found[k].digest == digest]


def batch_size(rate: float) -> int:
    """Keys of one UNLINK: half a second's worth, so that regeneration is spread evenly."""
    if not rate:
        return MOST_PER_BATCH
    return min(max(int(rate / BATCHES_PER_SECOND), 1), MOST_PER_BATCH)


def _present(state: Mapping[str, JSON]) -> dict[str, str]:
    return {key: value for key, value in state.items() if isinstance(value, str)}


def _batched(saved: Iterable[SavedKey], size: int) -> Iterator[list[SavedKey]]:
    keys = iter(saved)
    while some := list(islice(keys, size)):
        yield some
