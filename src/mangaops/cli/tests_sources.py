"""Evidence that a test names and does not hold: sandbox scenarios and capsules."""

from __future__ import annotations

from pathlib import Path

from mangaops.cli import embedded
from mangaops.cli.context import AppContext
from mangaops.cli.options import Budget, Show
from mangaops.errors import InputError, nearest
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.model.diagnosis import Needs
from mangaops.model.evidence import EvidenceSet
from mangaops.model.runbook import Runbook
from mangaops.model.settings import Environment
from mangaops.model.time import Window, floor_minute
from mangaops.testing.case import Case


class TestSources:
    """Satisfies `testing.given.Sources`. A scenario is started once for each runbook and
    its parameters, and read whole: all that the runbook declares.
    """

    __test__ = False  # pytest would collect it

    def __init__(self, context: AppContext, show: Show) -> None:
        self._context = context
        self._show = show
        self._read: dict[tuple[object, ...], tuple[EvidenceSet, Window]] = {}
        self._capsules: dict[Path, Capsule] = {}

    def scenario(self, name: str, runbook: Runbook, case: Case) -> tuple[EvidenceSet, Window]:
        """What a sandbox of its own answers, up to the present minute of the real clock."""
        known = embedded.scenario_names()
        if name not in known:
            hint = nearest(name, known) or "mangaops sandbox scenarios"
            raise InputError(f"no scenario is named `{name}`", hint=hint)
        key = (name, runbook.name, *sorted(case.sets.items()))
        if key not in self._read:
            self._read[key] = self._read_scenario(name, runbook)
        return self._read[key]

    def capsule(self, path: Path) -> Capsule:
        from mangaops.evidence.capsule.file import read  # noqa: PLC0415 - only for a capsule

        if path not in self._capsules:
            if not path.is_file():
                what = "there is no such capsule"
                hint = "the path is relative to the test file"
                raise InputError(what, where=str(path), hint=hint)
            self._capsules[path] = read(path)
        return self._capsules[path]

    def _read_scenario(self, name: str, runbook: Runbook) -> tuple[EvidenceSet, Window]:
        from mangaops.cli.progress import one_line, progress  # noqa: PLC0415 - only for a sandbox
        from mangaops.cli.reading import reading  # noqa: PLC0415 - as above

        wanted = frozenset(runbook.evidence)

        def everything(read: EvidenceSet) -> EvidenceSet | Needs:
            return read if wanted <= read.items.keys() else Needs(evidence=wanted)

        context = self._context
        with one_line(context, self._show) as told:
            told(f"starting scenario {name}")
        with (
            embedded.one_command(name) as running,
            progress(context, self._show) as tell,
            reading(embedded.environment(running, Environment()), Budget(), context, tell) as (
                collector,
                _,
            ),
        ):
            end = floor_minute(context.clock())
            window = Window(start=end - runbook.window, end=end)
            return collector.collect(runbook, window, everything).evidence, window
