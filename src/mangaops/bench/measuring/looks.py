"""`--until-decided`: looking at a run while it grows, and stopping at the first verdict.

Looks after n, 2n and 4n samples at O'Brien and Fleming's levels, which together give no more
false alarms than one look at 5 %. A verdict at such a level is one at 5 % as well, since its
limits are wider, so that `bench compare` says the same of the run later.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mangaops.bench.comparing.comparison import Verdict
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.comparing.sides import sides
from mangaops.bench.measuring.schedule import Call, Schedule
from mangaops.bench.runs.sample import Run, RunHeader, Sample

LOOKS = 3
TAIL = 50
"""Resamples beyond a limit: fewer would not say where a limit of 0.01 % is."""
TIMES = 2 ** (LOOKS - 1)
"""So many times the samples of the first look are taken at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The calls up to one look, which comes after `samples` a side. `look` counts from 1."""

    look: int
    samples: int
    calls: tuple[Call, ...]


def parts(schedule: Schedule, calls: Iterable[Call]) -> Iterator[Part]:
    """The calls that are left, by the look that they come before; parts without any are left out.

    Warm-up calls come with the first.
    """
    ends = [schedule.samples // 2 ** (LOOKS - number) for number in range(1, LOOKS + 1)]
    found: list[list[Call]] = [[] for _ in ends]
    begun = 0
    for call in calls:
        if not call.warm_up:
            sample = schedule.sample_of(call)
            begun = next(index for index, end in enumerate(ends) if sample < end)
        found[begun].append(call)
    for index, end in enumerate(ends):
        if found[index]:
            yield Part(look=index + 1, samples=end, calls=tuple(found[index]))


def verdict_of(
    header: RunHeader, samples: Sequence[Sample], part: Part, rules: Rules, *, at: datetime
) -> Verdict:
    """What the samples say at this look. The last one is at the level that is left."""
    from mangaops.bench.comparing.report import compared  # noqa: PLC0415 - numpy
    from mangaops.bench.statistics.sequential import boundaries  # noqa: PLC0415 - as above

    level = boundaries(LOOKS)[part.look - 1]
    so_far = Run(header=header, samples=tuple(samples), finished_at=at)
    strict = replace(
        rules,
        confidence=max(level.confidence, rules.confidence),
        resamples=max(rules.resamples, math.ceil(TAIL / level.level)),
    )
    return compared(*sides(so_far, None, baseline=None, candidate=None), strict).verdict
