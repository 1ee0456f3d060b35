"""What the mutants of a runbook say about its tests.

A survivor is a change that no test notices. It is either a test that is lacking, or it
changes nothing; the test file then says so under `equivalent:`, with the reason. Such an
entry must be true: one that names no mutant, or one that a test kills, is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mangaops.errors import nearest
from mangaops.testing.case import Equivalent
from mangaops.testing.mutants.run import Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Justified:
    """A survivor that changes nothing, and why not."""

    fate: Fate
    equivalent: Equivalent


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """An entry of `equivalent:` that is not true. `hint` may be empty."""

    equivalent: Equivalent
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """The mutants of one runbook. `file` is that of the tests, empty where there is none.

    `failing` are tests that fail without any change: no mutant is run then.
    """

    runbook: str
    file: str
    tests: int
    mutants: int = 0
    killed: int = 0
    survivors: tuple[Fate, ...] = ()
    justified: tuple[Justified, ...] = ()
    wrong: tuple[Wrong, ...] = ()
    failing: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """No survivor without a reason, no wrong reason, and tests that pass."""
        return not (self.survivors or self.wrong or self.failing)


def mutation(
    runbook: str,
    file: str,
    tests: int,
    fates: Sequence[Fate],
    equivalents: Sequence[Equivalent],
) -> Mutation:
    """Survivors told apart from what the test file justifies."""
    reasons = {one.mutant: one for one in equivalents}
    survived = [fate for fate in fates if fate.survived]
    return Mutation(
        runbook=runbook,
        file=file,
        tests=tests,
        mutants=len(fates),
        killed=len(fates) - len(survived),
        survivors=tuple(fate for fate in survived if fate.mutant.id not in reasons),
        justified=tuple(
            Justified(fate=fate, equivalent=reasons[fate.mutant.id])
            for fate in survived
            if fate.mutant.id in reasons
        ),
        wrong=tuple(_wrong(fates, equivalents)),
    )


def _wrong(fates: Sequence[Fate], equivalents: Sequence[Equivalent]) -> list[Wrong]:
    known = {fate.mutant.id: fate for fate in fates}
    found: list[Wrong] = []
    seen: set[str] = set()
    for one in equivalents:
        fate = known.get(one.mutant)
        if one.mutant in seen:
            found.append(Wrong(equivalent=one, why="it is listed twice"))
        elif fate is None:
            hint = nearest(one.mutant, known)
            found.append(Wrong(equivalent=one, why="there is no such mutant", hint=hint))
        elif fate.killed_by:
            why = f"it is no equivalent: `{fate.killed_by}` fails with it"
            found.append(Wrong(equivalent=one, why=why, hint="delete the entry"))
        seen.add(one.mutant)
    return found
