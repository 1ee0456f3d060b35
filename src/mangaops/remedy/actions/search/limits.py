"""The actions that set what search may use: a collection group's limits, or the account's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mangaops.model.evidence import JSON
from mangaops.model.plan import State, Step, differences
from mangaops.model.resources import AccountLimits, Collection, CollectionGroup, GroupLimits
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.actions.step_fields import as_whole, number, text

GROUP = "search.group_limits"
ACCOUNT = "search.account_limits"
ACCOUNT_TARGET = "account"
UPDATE_GROUP = "aoss:UpdateCollectionGroup"
UPDATE_ACCOUNT = "aoss:UpdateAccountSettings"


class SearchLimits(Protocol):
    """OpenSearch Serverless as far as its capacity goes.

    `ungrouped_search_ocu` is what collections without a group used at most within the
    last minutes, None when nobody knows. Both setters give back what they set.
    """

    def collection(self, name: str) -> Collection: ...
    def collections(self) -> tuple[Collection, ...]: ...
    def group(self, name: str) -> CollectionGroup: ...
    def account_limits(self) -> AccountLimits: ...
    def ungrouped_search_ocu(self) -> float | None: ...
    def set_group_limits(self, group_id: str, limits: GroupLimits, token: str) -> GroupLimits: ...
    def set_account_limits(self, limits: AccountLimits) -> AccountLimits: ...


def group_state(group: CollectionGroup) -> dict[str, JSON]:
    """All four limits: one that an update leaves out would go back to AWS's default."""
    return {
        "min_search": _plain(group.min_search),
        "max_search": _plain(group.max_search),
        "min_indexing": _plain(group.min_indexing),
        "max_indexing": _plain(group.max_indexing),
    }


def account_state(limits: AccountLimits) -> dict[str, JSON]:
    return {"max_search": _plain(limits.max_search), "max_indexing": _plain(limits.max_indexing)}


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLimitsAction:
    """The four limits of the group that the step's target names; its `id` is an argument."""

    search: SearchLimits

    def read(self, step: Step) -> State:
        return group_state(self.search.group(step.target))

    def write(self, step: Step, pen: Pen) -> None:
        limits = GroupLimits(
            min_search=number(step, "after", "min_search"),
            max_search=number(step, "after", "max_search"),
            min_indexing=number(step, "after", "min_indexing"),
            max_indexing=number(step, "after", "max_indexing"),
        )
        group_id, token = text(step, "arguments", "id"), pen.token(UPDATE_GROUP)

        def landed() -> GroupLimits | None:
            return None if differences(step.after, self.read(step)) else limits

        pen.call(
            UPDATE_GROUP,
            lambda: self.search.set_group_limits(group_id, limits, token),
            about={"group": step.target, "id": group_id, **step.after},
            landed=landed,
        )

    def settled(self, step: Step) -> Settled:
        """The limits are as wanted, and what is in use lies within them: that takes minutes."""
        group = self.search.group(step.target)
        amiss = _unsettled(step, group_state(group))
        if amiss is not None:
            return amiss
        least, most = number(step, "after", "min_search"), number(step, "after", "max_search")
        if group.current_search is None:
            what = "the limits are set; AWS does not tell the capacity in use"
            return Settled(progress=Progress.WAITING, detail=what)
        what = f"{group.current_search:g} search OCU in use, limits {least:g} to {most:g}"
        reached = least <= group.current_search <= most
        return Settled(progress=Progress.REACHED if reached else Progress.WAITING, detail=what)

    def touches(self, step: Step) -> Touches:
        return _largest(step)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLimitsAction:
    """The maximum of all collections without a group. There is no minimum for an account."""

    search: SearchLimits

    def read(self, step: Step) -> State:
        del step  # there is one account
        return account_state(self.search.account_limits())

    def write(self, step: Step, pen: Pen) -> None:
        indexing = "max_indexing" in step.after
        limits = AccountLimits(
            max_search=number(step, "after", "max_search"),
            max_indexing=number(step, "after", "max_indexing") if indexing else None,
        )

        def landed() -> AccountLimits | None:
            return None if differences(step.after, self.read(step)) else limits

        pen.call(
            UPDATE_ACCOUNT,
            lambda: self.search.set_account_limits(limits),
            about={"target": step.target, **step.after},
            landed=landed,
        )

    def settled(self, step: Step) -> Settled:
        """A maximum holds at once; how much of it is used is up to the load."""
        limits = self.search.account_limits()
        amiss = _unsettled(step, account_state(limits))
        if amiss is not None:
            return amiss
        what = f"collections without a group may use {limits.max_search:g} search OCU"
        return Settled(progress=Progress.REACHED, detail=what)

    def touches(self, step: Step) -> Touches:
        return _largest(step)


def _unsettled(step: Step, found: State) -> Settled | None:
    """What keeps the limits from being the wanted ones; None when they are.

    One that is still at its `before` may be an answer from before the write.
    """
    wrong = differences(step.after, found)
    if not wrong:
        return None
    late = all(one.found == step.before.get(one.field) for one in wrong)
    what = ", ".join(f"{one.field} is {one.found}, not {one.wanted}" for one in wrong)
    return Settled(progress=Progress.WAITING if late else Progress.FAILED, detail=what)


def _largest(step: Step) -> Touches:
    """Of the limits that change: those that are only sent again are not set by us."""
    changed = [name for name, ocu in step.after.items() if ocu != step.before.get(name)]
    return Touches(ocu=max((number(step, "after", name) for name in changed), default=None))


def _plain(ocu: float | None) -> float | None:
    return None if ocu is None else as_whole(ocu)
