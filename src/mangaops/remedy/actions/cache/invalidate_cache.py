"""`invalidate-cache`: pre-computed answers are removed from Redis, so that they are made again.

The plan pins every key by name and by the digest of its value; values are never in it.
Answers shield the model: what is removed goes to Bedrock until it is made again, so keys
are removed at a rate. What is saved for undo has a limit, since
it is read whole and kept on this machine.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from mangaops.errors import ConfigError, nearest
from mangaops.model.plan import Draft, NothingToDo, Risk, Step, UndoKind
from mangaops.model.request import InvalidateCache
from mangaops.model.resources import CachePlace, CacheValue
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action
from mangaops.remedy.actions.cache.keys import CacheKeysAction, batch_size
from mangaops.remedy.actions.cache.ports import Cache, Inventory
from mangaops.remedy.actions.cache.selection import (
    INDEX,
    CacheSearch,
    Selection,
    checked,
    name_of,
    to_arguments,
)
from mangaops.remedy.actions.cache.step import SERVERS
from mangaops.remedy.plans.risks import MANY_KEYS

ACTION = "cache.keys"
MOST_SAVED_BYTES = 64 * 1024 * 1024
SETTLE = timedelta(minutes=1)
NEEDED = "+info +ping +scan +dbsize +scard +smembers +get +type +dump +pttl +unlink +restore"
_ANSWER = "precompute:genre:"


class InvalidateCacheRemedy:
    """`cache` is None where the environment has no cache URL. `sleep` waits for DynamoDB."""

    reads: ClassVar[tuple[str, ...]] = ("dynamodb:BatchGetItem",)
    writes: ClassVar[tuple[str, ...]] = ()
    """None of IAM's: Redis has users and access strings of its own."""

    def __init__(
        self,
        *,
        cache: Cache | None,
        stock: Inventory,
        environment: Environment,
        clock: Callable[[], datetime],
        sleep: Callable[[float], object],
    ) -> None:
        self._given = cache
        self._stock = stock
        self._environment = environment
        self._clock = clock
        self._sleep = sleep

    @cached_property
    def actions(self) -> Mapping[str, Action]:
        return {ACTION: CacheKeysAction(self._cache, self._search, clock=self._clock)}

    def draft(self, request: InvalidateCache) -> Draft | NothingToDo:
        request = checked(request)
        selection = self._search.found(request)
        if request.pattern:
            self._search.refuse_everything(request.pattern, selection)
        values = self._cache.values(selection.keys)
        if not values:
            return self._nothing(request, selection)
        place = self._cache.place()
        size = sum(value.size for value in values.values())
        keys = tuple(values)
        gone = len(selection.keys) - len(keys)
        return Draft(
            title=f"Remove {_counted(len(keys))} from the cache ({selection.words})",
            confirm=name_of(request),
            risk=Risk.SEVERE if len(keys) > MANY_KEYS else Risk.MODERATE,
            steps=(_step(request, place, values, size),),
            reach=(_reach(keys),),
            conflicts=_conflicts(keys, size),
            aws_cli=_shell_lines(place, keys, request.rate),
            notes=(*selection.notes, *_notes(keys, gone, request.rate), *_trust(place)),
            settle=SETTLE,
        )

    @property
    def _cache(self) -> Cache:
        if self._given is None:
            raise ConfigError(
                "no cache URL is set",
                where=f"environment {self._environment.name}",
                hint="set MANGAOPS_CACHE_URL, or cache_url of the environment in mangaops.yaml",
            )
        return self._given

    @property
    def _search(self) -> CacheSearch:
        return CacheSearch(
            self._cache,
            self._stock,
            table=self._environment.resources["inventory_table"],
            most=self._environment.guardrails.most_keys,
            wait=self._sleep,
        )

    def _nothing(self, request: InvalidateCache, selection: Selection) -> NothingToDo:
        hint = "; ".join(selection.notes)
        if request.genre and (genres := self._search.genres()):
            hint = nearest(request.genre, genres) or f"cached genres: {', '.join(genres[:20])}"
        if request.stale:
            return NothingToDo(reason="no cached answer offers what is sold out", hint=hint)
        return NothingToDo(reason=f"no key of the cache matches ({selection.words})", hint=hint)


def _step(
    request: InvalidateCache, place: CachePlace, values: Mapping[str, CacheValue], size: int
) -> Step:
    return Step(
        number=1,
        action=ACTION,
        target=place.name,
        before={key: value.digest for key, value in values.items()},
        after=dict.fromkeys(values),
        undo=UndoKind.EXACT if size <= MOST_SAVED_BYTES else UndoKind.NONE,
        summary=f"remove {_counted(len(values))}",
        arguments={**to_arguments(request), SERVERS: list(place.servers)},
    )


def _reach(keys: Sequence[str]) -> str:
    genres = sorted({key.split(":")[2] for key in keys if key.startswith(_ANSWER)})
    if not genres:
        return "whoever reads these keys finds them gone"
    shown = ", ".join(genres[:5]) + (f" and {len(genres) - 5} more" if len(genres) > 5 else "")
    return f"customers who ask for {shown} get answers of the model until they are cached again"


def _conflicts(keys: Sequence[str], size: int) -> tuple[str, ...]:
    told: list[str] = []
    if size > MOST_SAVED_BYTES:
        limit = MOST_SAVED_BYTES // 1024**2
        told.append(
            f"cannot be undone: the values are {size / 1024**2:,.0f} MiB, "
            f"and at most {limit} MiB are saved"
        )
    if index := [key for key in keys if key.startswith(INDEX)]:
        told.append(f"{_counted(len(index))} of the reverse index: --product scans afterwards")
    others = [key for key in keys if not key.startswith((_ANSWER, INDEX))]
    if others:
        told.append(
            f"no pre-computed answers: {_counted(len(others))} ({others[0]}); "
            "whether anything makes them again is not known"
        )
    return tuple(told)


def _notes(keys: Sequence[str], gone: int, rate: float) -> tuple[str, ...]:
    notes = ["the reverse index keeps the names of removed keys, which does no harm"]
    if gone:
        notes.append(f"named, and not there any more: {_counted(gone)}")
    if rate and len(keys) > batch_size(rate):
        notes.append(f"at {rate:g} keys a second this takes about {len(keys) / rate:,.0f} s")
    notes.append(f"the Redis user needs {NEEDED}")
    return tuple(notes)


def _trust(place: CachePlace) -> tuple[str, ...]:
    """What a step is compared by when it is applied or undone, where that is the address."""
    if place.servers:
        return ()
    return ("the server does not tell its replication id: only its address is compared later",)


def _shell_lines(place: CachePlace, keys: Sequence[str], rate: float) -> tuple[str, ...]:
    """redis-cli, since AWS has no call for it. A password is left to the variable."""
    url = '"$MANGAOPS_CACHE_URL"' if place.secured else shlex.quote(place.url)
    size = batch_size(rate)
    lines: list[str] = []
    for start in range(0, len(keys), size):
        if start and rate:
            lines.append(f"sleep {size / rate:g}")
        names = " ".join(shlex.quote(key) for key in keys[start : start + size])
        if place.clustered:
            each = f"xargs -0 -n 1 redis-cli -c -u {url} unlink"
            lines.append(f"printf '%s\\0' {names} | {each}")
        else:
            lines.append(f"redis-cli -u {url} unlink {names}")
    return tuple(lines)


def _counted(count: int) -> str:
    return f"{count:,} key" if count == 1 else f"{count:,} keys"
