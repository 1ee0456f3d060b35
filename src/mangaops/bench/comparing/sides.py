"""Which samples are the baseline and which the candidate: an arm of a run each."""

from __future__ import annotations

from dataclasses import dataclass

from mangaops.bench.runs.sample import PromptUsed, Run, Sample
from mangaops.errors import InputError, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One arm of a run: `arm` is its position in the header's `arms`."""

    run: Run
    arm: int

    @property
    def version(self) -> str:
        return self.run.header.arms[self.arm]

    @property
    def intents(self) -> tuple[str, ...]:
        return self.run.header.intents

    def samples(self, intent: str) -> tuple[Sample, ...]:
        """Those that count, without warm-up."""
        return self.run.arm(intent, self.arm)

    def prompt(self, intent: str) -> PromptUsed | None:
        """The prompt of an intent, None where the run has no such intent."""
        used = self.run.header.prompts.get(intent, ())
        return used[self.arm] if self.arm < len(used) else None

    def has_prompt_of(self, other: Side, intent: str) -> bool:
        """Whether both are known to have the same prompt: text, and limit of its answers."""
        mine, others = self.prompt(intent), other.prompt(intent)
        if mine is None or others is None or not mine.digest:
            return False
        limits = (mine.max_output_tokens, others.max_output_tokens)
        return mine.digest == others.digest and limits[0] == limits[1]

    def is_twin_of(self, other: Side) -> bool:
        """Whether both are arms of an A/A run: each version against itself."""
        pairs = [(self.prompt(one), other.prompt(one)) for one in self.intents]
        same = all(mine and others and mine.version == others.version for mine, others in pairs)
        return self.has_run(other) and self.arm != other.arm and same

    def has_run(self, other: Side) -> bool:
        """Whether both come from one and the same run."""
        return self.run.header.run == other.run.header.run


def sides(
    first: Run, second: Run | None, *, baseline: str | None, candidate: str | None
) -> tuple[Side, Side]:
    """Baseline and candidate of one run with two versions, or of two runs.

    `baseline` and `candidate` are versions: an arm's label, or that of a prompt in an arm
    whose intents have several. Of two runs the first is the baseline, unless only the
    other order has the versions that were named. InputError says which to name.
    """
    if second is None:
        return _of_one(first, baseline, candidate)
    if first.header.run == second.header.run:
        raise InputError(
            f'the run "{first.header.run}" is compared with itself',
            hint="name another run, or one run alone that has two versions",
        )
    return _of_two(first, second, baseline, candidate)


def _of_one(run: Run, baseline: str | None, candidate: str | None) -> tuple[Side, Side]:
    arms = run.header.arms
    if len(arms) != 2:
        raise InputError(
            f'the run "{run.header.run}" has only one version, {_listed(arms)}',
            hint="name a second run to compare it with",
        )
    old, new = _found(baseline, (run,)), _found(candidate, (run,))
    if old is not None and old == new and arms[0] != arms[1]:
        raise InputError(
            f'"{candidate}" cannot be both the baseline and the candidate',
            hint=f"versions: {_listed(arms)}",
        )
    swapped = arms[0] != arms[1] and (old == 1 or new == 0)
    return Side(run=run, arm=int(swapped)), Side(run=run, arm=int(not swapped))


def _of_two(
    first: Run, second: Run, baseline: str | None, candidate: str | None
) -> tuple[Side, Side]:
    for version in (baseline, candidate):
        _found(version, (first, second))
    for one, other in ((first, second), (second, first)):
        if _has(one, baseline) and _has(other, candidate):
            return _side(one, baseline, "--baseline"), _side(other, candidate, "--candidate")
    raise InputError(
        f"{baseline} and {candidate} are not in one run each",
        hint=f"{_told(first)}; {_told(second)}; or name the run alone that has both",
    )


def _side(run: Run, wanted: str | None, option: str) -> Side:
    arms = run.header.arms
    if wanted is not None:
        return Side(run=run, arm=_position(run, wanted) or 0)
    if len(set(arms)) > 1:
        raise InputError(
            f'the run "{run.header.run}" has several versions: {_listed(arms)}',
            hint=f"say which: {option} {arms[0]}",
        )
    return Side(run=run, arm=0)


def _has(run: Run, version: str | None) -> bool:
    return version is None or _position(run, version) is not None


def _position(run: Run, version: str) -> int | None:
    """The arm of that label, else the first in which a prompt has this version."""
    arms = run.header.arms
    if version in arms:
        return arms.index(version)
    return next((arm for arm in range(len(arms)) if version in _versions(run, arm)), None)


def _versions(run: Run, arm: int) -> tuple[str, ...]:
    """Of the prompts in an arm, by intent."""
    return tuple(used[arm].version for used in run.header.prompts.values() if arm < len(used))


def _found(version: str | None, runs: tuple[Run, ...]) -> int | None:
    """The arm in the first of `runs` that has it; None is none wanted. InputError: unknown."""
    if version is None:
        return None
    positions = (_position(run, version) for run in runs)
    found = next((position for position in positions if position is not None), None)
    if found is None:
        known = tuple(name for run in runs for name in _names(run))
        raise InputError(
            f'no samples of the version "{version}"',
            hint=nearest(version, known) or f"versions: {_listed(known)}",
        )
    return found


def _names(run: Run) -> tuple[str, ...]:
    arms = run.header.arms
    return arms + tuple(name for arm in range(len(arms)) for name in _versions(run, arm))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(names))


def _told(run: Run) -> str:
    return f"{run.header.run} has {_listed(_names(run))}"
