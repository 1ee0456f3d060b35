"""All mutants of a runbook, in the order of its file."""

from __future__ import annotations

from dataclasses import replace

from mangaops.model.runbook import Runbook
from mangaops.testing.mutants.conditions import condition_mutants
from mangaops.testing.mutants.mutant import Mutant, numbered
from mangaops.testing.mutants.parameters import parameter_mutants
from mangaops.testing.mutants.queries import query_mutants
from mangaops.testing.mutants.tree import tree_mutants
from mangaops.testing.mutants.uses import uses


def mutants(runbook: Runbook) -> tuple[Mutant, ...]:
    """Every mutant of a loaded runbook (not of a bound one), with an id of its own each."""
    found = uses(runbook)
    made = [
        *parameter_mutants(runbook, found),
        *query_mutants(runbook, found),
        *condition_mutants(runbook, found),
        *tree_mutants(runbook),
    ]
    ids = numbered([one.id for one in made])
    told = [replace(one, id=name) for one, name in zip(made, ids, strict=True)]
    return tuple(sorted(told, key=lambda one: one.place.line))
