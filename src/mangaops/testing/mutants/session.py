"""One test file -> what the mutants of its runbook say about it."""

from __future__ import annotations

from collections.abc import Callable

from mangaops.model.runbook import Runbook
from mangaops.testing.case import Case, Prepared, TestFile
from mangaops.testing.given import Memory, Preparing, Sources
from mangaops.testing.mutants.listing import mutants
from mangaops.testing.mutants.run import Trial, as_it_is
from mangaops.testing.mutants.verdict import Mutation, mutation
from mangaops.testing.run import judge


def mutate(
    file: TestFile,
    runbook: Runbook,
    sources: Sources,
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> Mutation:
    """All mutants of a loaded runbook. `tell` hears how many of how many are done.

    Tests that fail on the runbook as it is are told, and no mutant is run. Raises
    InputError for a test that cannot be prepared.
    """
    memory = Memory()

    def prepare(case: Case, changed: Runbook) -> Prepared:
        return Preparing(file, changed, sources, memory).prepare(case)

    preparing = Preparing(file, runbook, sources, memory)
    tests = as_it_is([preparing.prepare(case) for case in file.cases], judge)
    failing = tuple(one.name for one in tests if not one.outcome.passed)
    if failing:
        return Mutation(
            runbook=runbook.name, file=file.file, tests=len(file.cases), failing=failing
        )
    found = mutants(runbook)
    fates = []
    trial = Trial(loaded=runbook, tests=tests, prepare=prepare, judge=judge)
    for number, fate in enumerate(trial.fates(found), start=1):
        fates.append(fate)
        tell(number, len(found))
    return mutation(runbook.name, file.file, len(file.cases), fates, file.equivalents)
