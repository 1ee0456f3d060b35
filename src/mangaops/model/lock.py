"""A lock on one target: who holds it, what for, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lock that ends by itself. `nonce` tells it from every other one, of the same owner too.

    `lock` is the target (`123456789012/ap-northeast-1/ecs:mangaassist-prod/orchestrator`),
    `owner` and `purpose` are in the operator's words. Times are whole seconds.
    """

    lock: str
    owner: str
    purpose: str
    nonce: str
    taken_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The end of an attempt to take a lock.

    Won: `other` is the dead owner's lease that was replaced, if there was one. Not won:
    `other` is the lease in the way, None when it is gone already.
    """

    won: bool
    other: Lease | None = None
