"""Why a change is made: the diagnosis that it is for, read from the records of runs."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from mangaops.cli.case import case_of
from mangaops.cli.context import AppContext
from mangaops.errors import InputError, MangaopsError
from mangaops.model.diagnosis import Recommendation
from mangaops.model.plan import Reason
from mangaops.model.site import Site
from mangaops.render.case import Case
from mangaops.render.document import executable, is_outcome

RECENT = timedelta(hours=2)
"""How old the last diagnosis may be to say what a prompt's intent is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosed:
    """A recorded diagnosis. `evidence` is the SHA-256 of what was read for it."""

    case: Case
    evidence: str

    @property
    def remedies(self) -> list[Recommendation]:
        """Those that mangaops can carry out, the most urgent first."""
        return executable(self.case.diagnosis)

    def words_for(self, remedy: str) -> tuple[str, ...]:
        """The remedy as the diagnosis names it, with its arguments; empty if it does not."""
        lines = (tuple(shlex.split(one.arguments)) for one in self.remedies)
        return next((words for words in lines if words[:1] == (remedy,)), ())

    def reason(self, text: str | None) -> Reason:
        diagnosis = self.case.diagnosis
        return Reason(
            text=text or diagnosis.title,
            run=self.case.run,
            runbook=diagnosis.runbook,
            diagnosis=diagnosis.id if is_outcome(diagnosis) else "",
            verdict=diagnosis.verdict.value,
            evidence=self.evidence,
        )


def diagnosed(app: AppContext, run: str) -> Diagnosed:
    """The diagnosis that `--run` names; raises InputError where there is none."""
    recorded = app.runs.find(run)
    case = case_of(app, recorded.run)
    return Diagnosed(case=case, evidence=_digest(recorded.document))


def diagnosed_here(app: AppContext, run: str, site: Site) -> Diagnosed:
    """As `diagnosed`; raises InputError when it was made elsewhere."""
    found = diagnosed(app, run)
    there = found.case.site
    known = (there.account or site.account, there.region or site.region)
    if known != (site.account, site.region):
        raise InputError(
            f"run {found.case.run} is about account {there.account} in {there.region}, "
            f"and this is account {site.account} in {site.region}",
            where="--run",
            hint=f"--env {there.name}, or diagnose here",
        )
    return found


def recent(app: AppContext, site: Site, remedy: str) -> Diagnosed | None:
    """The last diagnosis, if it is of this place, not old, and names this remedy."""
    names = app.runs.names()
    try:
        found = diagnosed_here(app, names[0], site) if names else None
    except MangaopsError:
        return None  # a record that cannot be read, or of elsewhere, says nothing here
    if found is None or app.clock() - found.case.window.end > RECENT:
        return None
    return found if found.words_for(remedy) else None


def _digest(document: Mapping[str, Any]) -> str:
    """The same for the same evidence: how long each reading took is left out."""
    read = {
        key: {name: value for name, value in item.items() if name != "seconds"}
        for key, item in document["evidence"].items()
    }
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()
