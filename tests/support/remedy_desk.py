"""The executor on a remedy's own actions, for tests of what it does when a call goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mangaops.model.plan import Draft, Plan, Reason
from mangaops.remedy.action import Action
from mangaops.remedy.plans.planner import plan_of
from support.fake_world import NOW, SITE, Desk, World


class Asked(Protocol):
    """A remedy, made anew at each look as another process would, and what is asked of it."""

    @property
    def remedy(self) -> Any: ...

    @property
    def request(self) -> Any: ...


@dataclass
class RemedyDesk(Desk):
    """The executor with the actions of `case`."""

    case: Asked | None = None

    @property
    def actions(self) -> Mapping[str, Action]:  # type: ignore[override]
        assert self.case is not None
        actions: Mapping[str, Action] = self.case.remedy.actions
        return actions


def desk(folder: Path, case: Asked) -> RemedyDesk:
    return RemedyDesk(folder, World({}), case=case)


def planned(case: Asked) -> Plan:
    draft = case.remedy.draft(case.request)
    assert isinstance(draft, Draft), draft
    return plan_of(
        draft,
        plan_id="p-0001",
        remedy="a-remedy",
        arguments="a-remedy",
        site=SITE,
        reason=Reason(text="because"),
        now=NOW,
    )
