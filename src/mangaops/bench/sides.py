"""Which samples are the baseline and which the candidate: an arm of a run each."""

from __future__ import annotations

from dataclasses import dataclass

from mangaops.bench.sample import PromptUsed, Run, Sample
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

    def has_run(self, other: Side) -> bool:
        """Whether both come from one and the same run."""
        return self.run.header.run == other.run.header.run


def sides(
    first: Run, second: Run | None, *, baseline: str | None, candidate: str | None
) -> tuple[Side, Side]:
    """Baseline and candidate of one run with two versions, or of two runs.

    `baseline` and `candidate` are versions. Of two runs the first is the baseline, unless
    only the other order has the versions that were named. InputError says which to name.
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
    _require(baseline, arms)
    _require(candidate, arms)
    swapped = baseline == arms[1] != arms[0] or candidate == arms[0] != arms[1]
    order = (1, 0) if swapped else (0, 1)
    for wanted, position in zip((baseline, candidate), order, strict=True):
        if wanted is not None and arms[position] != wanted:
            raise InputError(
                f'"{wanted}" cannot be both the baseline and the candidate',
                hint=f"versions: {_listed(arms)}",
            )
    return Side(run=run, arm=order[0]), Side(run=run, arm=order[1])


def _of_two(
    first: Run, second: Run, baseline: str | None, candidate: str | None
) -> tuple[Side, Side]:
    known = first.header.arms + second.header.arms
    _require(baseline, known)
    _require(candidate, known)
    for one, other in ((first, second), (second, first)):
        if _has(one, baseline) and _has(other, candidate):
            return (
                _side(one, baseline, "--baseline"),
                _side(other, candidate, "--candidate"),
            )
    raise InputError(
        f"{baseline} and {candidate} are not in one run each",
        hint=f"{_told(first)}; {_told(second)}; or name the run alone that has both",
    )


def _side(run: Run, wanted: str | None, option: str) -> Side:
    arms = run.header.arms
    if wanted is not None:
        return Side(run=run, arm=arms.index(wanted))
    if len(set(arms)) > 1:
        raise InputError(
            f'the run "{run.header.run}" has several versions: {_listed(arms)}',
            hint=f"say which: {option} {arms[0]}",
        )
    return Side(run=run, arm=0)


def _has(run: Run, version: str | None) -> bool:
    return version is None or version in run.header.arms


def _require(version: str | None, known: tuple[str, ...]) -> None:
    if version is not None and version not in known:
        raise InputError(
            f'no samples of the version "{version}"',
            hint=nearest(version, known) or f"versions: {_listed(known)}",
        )


def _listed(arms: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(arms))


def _told(run: Run) -> str:
    return f"{run.header.run} has {_listed(run.header.arms)}"
