"""The steps of the ladder on which a model is asked, from the best one down.

Below them are, always in this order: a stored answer that was checked, the intent's
template, the apology.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from mangaops.fm.answer import Mode
from mangaops.fm.config import IntentPolicy
from mangaops.fm.target import Target


class Way(Enum):
    """How a step gets to an answer."""

    PRIMARY = "primary"
    ALTERNATE = "alternate"
    """The primary's model by another inference profile or region."""
    BACKUP = "backup"
    """Another model."""

    @property
    def mode(self) -> Mode:
        return _MODES[self]


_MODES = {
    Way.PRIMARY: Mode.PRIMARY,
    Way.ALTERNATE: Mode.REPAIRED,
    Way.BACKUP: Mode.BACKUP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`p50` is what the step takes at the median, in seconds: with less it does not start."""

    way: Way
    target: Target
    p50: float

    def too_late(self, left: float) -> str | None:
        """Why it does not start with so many seconds left; None when it may."""
        return f"{left:.1f} s are left, and it takes {self.p50:g} s" if left < self.p50 else None


def steps_of(policy: IntentPolicy) -> tuple[Step, ...]:
    alternates = (Step(way=Way.ALTERNATE, target=one, p50=policy.p50) for one in policy.alternates)
    backups = (Step(way=Way.BACKUP, target=one, p50=policy.backup_p50) for one in policy.backups)
    primary = Step(way=Way.PRIMARY, target=policy.route, p50=policy.p50)
    return (primary, *alternates, *backups)
