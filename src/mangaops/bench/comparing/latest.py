"""Which stored runs say how an intent's newest measurement compares with what was before.

Per intent: the newest run that has samples of it. Where that run measured two versions, its
two arms; else it against the newest earlier run of another version, else against the newest
earlier run of the same one. A run that measured both of these versions at once goes before
two runs, and is not hidden by a later one of the same version. A version is another one as
soon as its text differs. Intents of a run with two versions whose own prompt is the same in
both are compared too: they are its control.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mangaops.bench.comparing.sides import Side
from mangaops.bench.runs.sample import Run, RunHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What is compared for one intent. The two sides may be arms of one run."""

    intent: str
    baseline: Side
    candidate: Side


def latest_pairs(
    headers: Mapping[str, RunHeader], read: Callable[[str], Run | None]
) -> tuple[Pair, ...]:
    """One pair for each intent that can be compared, in alphabetical order.

    `headers` are by the name that `read` takes; it gives None for what is damaged, and is
    called once a name, for no more runs than are needed.
    """
    order = sorted(headers, key=lambda name: (headers[name].started_at, name), reverse=True)
    runs: dict[str, Run | None] = {}

    def usable(name: str) -> Run | None:
        if name not in runs:
            runs[name] = read(name)
        return runs[name]

    def holding(intent: str) -> Iterator[Run]:
        """The runs with samples of it, newest first."""
        for name in order:
            if intent not in headers[name].prompts:
                continue
            run = usable(name)
            if run is not None and _arms(run, intent):
                yield run

    intents = sorted({intent for header in headers.values() for intent in header.intents})
    found = (_pair(intent, holding(intent)) for intent in intents)
    pairs = (pair for pair in found if pair is not None)
    return tuple(_at_once(pair, [(headers[one], one) for one in order], usable) for pair in pairs)


def two_versions(header: RunHeader) -> bool:
    """Whether a run compares anything: not one arm, and not one version under two names."""
    pairs = (used for used in header.prompts.values() if len(used) == 2)
    return any(baseline.digest != candidate.digest for baseline, candidate in pairs)


def _pair(intent: str, newest_first: Iterator[Run]) -> Pair | None:
    newest = next(newest_first, None)
    if newest is None:
        return None
    if two_versions(newest.header):
        one, other = (Side(run=newest, arm=arm) for arm in (0, 1))
        return Pair(intent=intent, baseline=one, candidate=other)
    candidate = _arms(newest, intent)[-1]
    before = _before(candidate, intent, newest_first)
    return Pair(intent=intent, baseline=before, candidate=candidate) if before else None


def _at_once(
    pair: Pair,
    newest_first: Sequence[tuple[RunHeader, str]],
    usable: Callable[[str], Run | None],
) -> Pair:
    """The newest interleaved measurement of the two prompts, else the pair itself."""
    intent = pair.intent
    wanted = [side.prompt(intent) for side in (pair.baseline, pair.candidate)]
    digests = [used.digest for used in wanted if used is not None]
    if pair.baseline.has_run(pair.candidate) or len(set(digests)) < 2 or not all(digests):
        return pair
    for header, name in newest_first:
        measured = [used.digest for used in header.prompts.get(intent, ())]
        if not header.interleaved or sorted(measured) != sorted(digests):
            continue
        run = usable(name)
        if run is not None and len(_arms(run, intent)) == len(digests):
            baseline, candidate = (Side(run=run, arm=measured.index(one)) for one in digests)
            return Pair(intent=intent, baseline=baseline, candidate=candidate)
    return pair


def _before(candidate: Side, intent: str, earlier: Iterator[Run]) -> Side | None:
    """The newest side of another version, else the newest of the same."""
    same: Side | None = None
    for run in earlier:
        for side in reversed(_arms(run, intent)):
            if not side.has_prompt_of(candidate, intent):
                return side
            same = same or side
    return same


def _arms(run: Run, intent: str) -> list[Side]:
    """Its sides that have samples of the intent."""
    sides = (Side(run=run, arm=arm) for arm in range(len(run.header.arms)))
    return [side for side in sides if side.samples(intent)]
