"""Whether what was measured is what is here: in the same environment and region, the same texts.

What another place measured, a sandbox above all, says nothing of this one. Nor does a run say
anything of a version whose text is another one by now, or is not known. Each finding is a
sentence; none is agreement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from mangaops.bench.comparing.sides import Side
from mangaops.bench.runs.sample import PromptUsed, RunHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """Where something would be changed. `region` None is not known: it is not compared."""

    environment: str
    region: str | None = None

    def elsewhere(self, header: RunHeader) -> str:
        """Where the run was measured instead; empty where it was here."""
        if not header.environment:
            return f"where {header.run} was measured is not known"
        if header.environment != self.environment:
            return f"measured in {header.environment}, and not in {self.environment}"
        if self.region is not None and header.region != self.region:
            return f"measured in {header.region or 'an unknown region'}, and not in {self.region}"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The texts of one intent's versions as the prompt table has them now, by version."""

    name: str
    texts: Mapping[str, str] = field(default_factory=dict)

    def differences(self, sent: Sequence[PromptUsed]) -> tuple[str, ...]:
        """What of the sent texts is not there, or is not known to be."""
        return tuple(dict.fromkeys(told for one in sent if (told := self._difference(one))))

    def _difference(self, sent: PromptUsed) -> str:
        text = self.texts.get(sent.version)
        if text is None:
            return f"{self.name} has no text of {sent.version} to compare with what was measured"
        if not sent.digest:
            return f"which text of {sent.version} was measured is not known"
        if sha256(text.encode()).hexdigest() != sent.digest:
            return f"the text of {sent.version} in {self.name} is not the one that was measured"
        return ""


def elsewhere(sides: Sequence[Side], here: Here) -> tuple[str, ...]:
    """Where the runs of these sides were measured instead."""
    return tuple(dict.fromkeys(told for one in sides if (told := here.elsewhere(one.run.header))))


def began(sides: Sequence[Side]) -> datetime:
    """When the older of the runs began."""
    return min(one.run.header.started_at for one in sides)


def sent(sides: Sequence[Side], intent: str) -> tuple[PromptUsed, ...]:
    """What was sent for an intent, the baseline's first."""
    return tuple(_sent(sides, intent))


def _sent(sides: Sequence[Side], intent: str) -> Iterator[PromptUsed]:
    for side in sides:
        used = side.prompt(intent)
        yield PromptUsed(version=side.version, digest="") if used is None else used
