"""What was found out about one thing: whether it will work, and what to do if not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mangaops.diagnose.reach import Chance, Prospect
from mangaops.model.diagnosis import Cost
from mangaops.model.site import Site


class State(StrEnum):
    """WARNING: it works, but look at it. UNKNOWN: it could not be found out."""

    FINE = "fine"
    WARNING = "warning"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


class Group(StrEnum):
    """Under which heading it is told."""

    ACCESS = "Access"
    METRICS = "Metrics"
    LOGS = "Logs"
    RESOURCES = "Resources"
    CHANGES = "Changes"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class User:
    """A runbook that needs it, and under which id of its evidence."""

    runbook: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`hint` says what to do, `commands` are lines to paste for it.

    `lost`: a diagnosis has to do without it. A warning that is lost is a problem as soon
    as a trigger or some diagnosis hangs on it (`outlook.weighed`). `unseen`: nothing of it
    was there to be seen, so whether it will be in an incident cannot be said.
    """

    group: Group
    name: str
    state: State
    detail: str
    hint: str = ""
    commands: tuple[str, ...] = ()
    users: tuple[User, ...] = ()
    lost: bool = False
    unseen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What one runbook can still conclude. Not `decidable`: not even whether it is on.

    `prospects` are those without what is lost; `unsaid` those of them that would be worse
    if what was not seen is not there either. `titles` are those of the evidence that
    stands in the way, by id.
    """

    runbook: str
    title: str
    decidable: bool
    prospects: tuple[Prospect, ...]
    titles: Mapping[str, str]
    unsaid: tuple[Prospect, ...] = ()

    def of(self, chance: Chance) -> tuple[Prospect, ...]:
        return tuple(one for one in self.prospects if one.chance is chance)

    @property
    def whole(self) -> bool:
        return self.decidable and all(p.chance is Chance.POSSIBLE for p in self.prospects)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """All that `doctor` found. `suffix` is what a next command must repeat (` --env prod`)."""

    site: Site
    findings: Sequence[Finding]
    outlooks: Sequence[Outlook]
    cost: Cost
    seconds: float
    interrupted: bool = False
    suffix: str = ""

    @property
    def well(self) -> bool:
        """Nothing is missing: warnings and what is not known do not count."""
        problems = any(one.state is State.PROBLEM for one in self.findings)
        return not problems and all(one.whole for one in self.outlooks)
