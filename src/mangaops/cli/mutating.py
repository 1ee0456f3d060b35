"""`mangaops runbook test --mutate`: which small changes of runbooks no test notices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mangaops.cli.progress import one_line

if TYPE_CHECKING:
    from mangaops.cli.context import AppContext
    from mangaops.cli.options import Show
    from mangaops.model.runbook import Runbook
    from mangaops.testing.case import TestFile
    from mangaops.testing.given import Sources
    from mangaops.testing.mutants.verdict import Mutation

_OFTEN = 10


def mutated(
    files: Sequence[tuple[TestFile, Runbook]], sources: Sources, context: AppContext, show: Show
) -> tuple[Mutation, ...]:
    """The mutants of each runbook against its tests; exit 3 unless all are `sound`.

    Raises InputError for a test that cannot be prepared.
    """
    from mangaops.testing.mutants.session import mutate  # noqa: PLC0415 - pydantic

    with one_line(context, replace(show, verbose=False)) as tell:
        return tuple(
            mutate(file, runbook, sources, _telling(runbook.name, tell)) for file, runbook in files
        )


def _telling(name: str, tell: Callable[[str], None]) -> Callable[[int, int], None]:
    """Every tenth mutant is told, since most take a few milliseconds."""

    def told(done: int, total: int) -> None:
        if done % _OFTEN == 0 or done == total:
            tell(f"{name}: {done} of {total} mutants")

    return told
