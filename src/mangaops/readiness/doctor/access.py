"""Who asks, from where, at what time, and whether two operators can keep apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mangaops.errors import AwsNotFound, MangaopsError
from mangaops.model.settings import Environment, RegionFrom
from mangaops.model.site import Site
from mangaops.readiness.doctor.finding import Finding, Group, State

SIGNATURES_FAIL = 300.0
"""Seconds that a clock may be off before AWS refuses signatures."""
WINDOWS_SUFFER = 60.0
LOCK_KEY = "lock"
_SET_THE_CLOCK = "set this machine's clock (NTP)"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableKey:
    """`hash_type` is S, N or B. `sort` is the sort key, empty where there is none."""

    status: str
    hash: str
    hash_type: str
    sort: str = ""


def of_caller(site: Site) -> Finding:
    caller = site.caller.rsplit(":", 1)[-1] or "unknown"
    return _found("credentials", State.FINE, f"{caller} of account {site.account}")


def of_region(region: str, named_by: RegionFrom) -> Finding:
    """A region that nobody named is seldom the one that is meant."""
    if named_by is RegionFrom.NOWHERE:
        hint = "--region, AWS_REGION, or `region` in mangaops.yaml names yours"
        return _found("region", State.WARNING, f"{region} ({named_by})", hint)
    return _found("region", State.FINE, f"{region} ({named_by})")


def of_stranger(error: MangaopsError) -> list[Finding]:
    """Nobody said who asks, nor what time it is: AWS's answer would have."""
    whose = f"whose they are is not known: {error}"
    return [
        _found("credentials", State.UNKNOWN, whose, error.hint),
        _found("clock", State.UNKNOWN, "not known: it is compared with that same answer"),
    ]


def of_clock(told: datetime | None, before: datetime, after: datetime) -> Finding:
    """`told` is AWS's time, in whole seconds; it was answered between the two others."""
    if told is None:
        return _found("clock", State.UNKNOWN, "AWS's answer had no Date")
    early, late = (before - told).total_seconds() - 1, (after - told).total_seconds()
    off = early if early > 0 else min(late, 0.0)
    detail = f"{abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} AWS" if off else "as AWS's"
    if abs(off) >= SIGNATURES_FAIL:
        detail += ": AWS refuses signatures that are off by 5 min"
        return _found("clock", State.PROBLEM, detail, _SET_THE_CLOCK)
    if abs(off) >= WINDOWS_SUFFER:
        detail += ": windows begin and end at the wrong minute"
        return _found("clock", State.PROBLEM, detail, _SET_THE_CLOCK)
    return _found("clock", State.FINE, detail)


def of_lock_table(at: Environment, key: TableKey | MangaopsError | None) -> Finding:
    """`key` is None where no table is configured."""
    name = "lock table"
    if at.lock_table is None:
        state = State.WARNING if at.protected else State.FINE
        hint = "set lock_table in mangaops.yaml" if at.protected else ""
        return _found(name, state, "none configured: locks hold on this machine only", hint)
    make = f"make {at.lock_table} with the key `{LOCK_KEY}`, a string"
    match key:
        case None | AwsNotFound():
            return _found(name, State.PROBLEM, f"{at.lock_table} does not exist", make)
        case MangaopsError():
            return _found(name, State.UNKNOWN, str(key), key.hint)
        case TableKey(hash="lock", hash_type="S", sort="", status="ACTIVE"):
            return _found(name, State.FINE, at.lock_table)
        case TableKey(hash="lock", hash_type="S", sort=""):
            return _found(name, State.WARNING, f"{at.lock_table} is {key.status}")
        case TableKey():
            keys = ", ".join(part for part in (f"{key.hash} ({key.hash_type})", key.sort) if part)
            return _found(name, State.PROBLEM, f"{at.lock_table} has the key {keys}", make)


def _found(name: str, state: State, detail: str, hint: str = "") -> Finding:
    return Finding(group=Group.ACCESS, name=name, state=state, detail=detail, hint=hint)
