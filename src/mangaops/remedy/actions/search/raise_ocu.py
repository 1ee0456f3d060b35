"""`raise-ocu`: more search capacity, by whichever limit there is.

    in a group       the group's minimum is raised, and its maximum where it is lower
    in no group      there is no minimum; the account's maximum, if all of it is in use
    below it         nothing to set: pre-warm

A collection's group is decided when it is created, so nothing is ever moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mangaops.errors import Refused
from mangaops.model.evidence import JSON
from mangaops.model.plan import Draft, NothingToDo, Risk, Step, UndoKind
from mangaops.model.request import RaiseOcu
from mangaops.model.resources import AccountLimits, CollectionGroup
from mangaops.model.settings import Environment
from mangaops.remedy.action import Action
from mangaops.remedy.actions.aws_line import aws_line, json_word
from mangaops.remedy.actions.search.limits import (
    ACCOUNT,
    ACCOUNT_TARGET,
    GROUP,
    UPDATE_ACCOUNT,
    UPDATE_GROUP,
    AccountLimitsAction,
    GroupLimitsAction,
    SearchLimits,
    account_state,
    group_state,
)
from mangaops.remedy.actions.search.ocu import above, checked

PREWARM = "mangaops prewarm-search"
_AWS_NAMES = {
    "min_search": "minSearchCapacityInOCU",
    "max_search": "maxSearchCapacityInOCU",
    "min_indexing": "minIndexingCapacityInOCU",
    "max_indexing": "maxIndexingCapacityInOCU",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseOcuRemedy:
    reads: ClassVar[tuple[str, ...]] = (
        "aoss:BatchGetCollection",
        "aoss:BatchGetCollectionGroup",
        "aoss:GetAccountSettings",
        "aoss:ListCollections",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListMetrics",
    )
    writes: ClassVar[tuple[str, ...]] = (UPDATE_GROUP, UPDATE_ACCOUNT)

    search: SearchLimits
    environment: Environment

    @property
    def actions(self) -> Mapping[str, Action]:
        return {
            GROUP: GroupLimitsAction(search=self.search),
            ACCOUNT: AccountLimitsAction(search=self.search),
        }

    def draft(self, request: RaiseOcu) -> Draft | NothingToDo:
        """Raises InputError for a value that AWS does not take, and Refused when it is not
        known whether a collection without a group is at the account's maximum.
        """
        asked = None if request.minimum is None else checked(request.minimum)
        collection = self.search.collection(self.environment.resources["collection"])
        if collection.group is None:
            return self._for_account(collection.name, asked)
        return self._for_group(self.search.group(collection.group), collection.name, asked)

    def _for_group(
        self, group: CollectionGroup, collection: str, asked: int | None
    ) -> Draft | NothingToDo:
        before = group_state(group)
        untold = [name for name, ocu in before.items() if ocu is None]
        if untold or group.min_search is None or group.max_search is None:
            raise Refused(
                f"AWS does not tell {', '.join(untold)} of collection group {group.name}",
                hint="an update resets what it does not send: set all four limits in the console",
            )
        minimum = above(group.min_search) if asked is None else asked
        if minimum is None or minimum <= group.min_search:
            return NothingToDo(
                reason=f"the search minimum of group {group.name} is {group.min_search:g} OCU",
                hint=_higher(group.min_search),
            )
        step = _group_step(group, before, minimum)
        return Draft(
            title=f"Raise the search minimum of collection group {group.name}",
            confirm=group.name,
            risk=Risk.MODERATE,
            steps=(step,),
            reach=self._in_group(group.name, collection),
            conflicts=_against(group, minimum),
            permissions=(UPDATE_GROUP,),
            aws_cli=(self._group_line(group.id, step.after),),
            cost_per_hour=self._cost(minimum - group.min_search),
            notes=self._notes(group, minimum),
        )

    def _for_account(self, collection: str, asked: int | None) -> Draft | NothingToDo:
        limits = self.search.account_limits()
        used, most = self.search.ungrouped_search_ocu(), limits.max_search
        if most is None or used is None:
            raise Refused(_unseen(collection, most), hint=f"without that: {PREWARM}")
        if used < most:
            reason = (
                f"nothing to set here: collection {collection} is in no group, so it has no "
                f"minimum, and {used:g} of the account's {most:g} search OCU are in use"
            )
            return NothingToDo(reason=reason, hint=f"warm the index up: {PREWARM}")
        wanted = asked if asked is not None and asked > most else above(most)
        if wanted is None:
            return NothingToDo(
                reason=f"the account's maximum is {most:g} OCU, the highest there is"
            )
        return self._account_draft(collection, limits, wanted, asked)

    def _account_draft(
        self, collection: str, limits: AccountLimits, wanted: int, asked: int | None
    ) -> Draft:
        before = {name: ocu for name, ocu in account_state(limits).items() if ocu is not None}
        most = limits.max_search or 0
        after = {**before, "max_search": wanted}
        step = Step(
            number=1,
            action=ACCOUNT,
            target=ACCOUNT_TARGET,
            before=before,
            after=after,
            undo=UndoKind.EXACT,
            summary=f"search maximum of the account: {most:g} -> {wanted} OCU",
        )
        notes = ["a maximum costs only what is used of it: the cost is the most it can be"]
        if asked is not None and asked != wanted:
            notes.append(
                f"an account has no minimum, and its maximum of {most:g} OCU is above {asked} "
                f"already: {wanted} is the next value"
            )
        return Draft(
            title="Raise the account's maximum of search OCU",
            confirm=ACCOUNT_TARGET,
            risk=Risk.SEVERE,
            steps=(step,),
            reach=self._ungrouped(collection),
            permissions=(UPDATE_ACCOUNT,),
            aws_cli=(self._account_line(after),),
            cost_per_hour=self._cost(wanted - most),
            notes=tuple(notes),
        )

    def _in_group(self, group: str, collection: str) -> tuple[str, ...]:
        return tuple(
            f"collection {each.name} shares the capacity of group {group}"
            for each in self.search.collections()
            if each.group == group and each.name != collection
        )

    def _ungrouped(self, collection: str) -> tuple[str, ...]:
        return tuple(
            f"collection {each.name} is in no group and shares the account's maximum"
            for each in self.search.collections()
            if each.group is None and each.name != collection
        )

    def _notes(self, group: CollectionGroup, minimum: int) -> tuple[str, ...]:
        notes = ["a minimum is paid all the time, used or not, until it is lowered again"]
        if group.max_search is not None and minimum > group.max_search:
            notes.append(f"the maximum goes up as well, from {group.max_search:g}: it was lower")
        configured = self.environment.resources.get("collection_group")
        if configured and configured != group.name:
            notes.append(f"the collection belongs to group {group.name}, not to {configured}")
        return tuple(notes)

    def _cost(self, ocu: float) -> float | None:
        price = self.environment.ocu_price_per_hour
        return None if price is None else ocu * price

    def _group_line(self, group_id: str, limits: Mapping[str, JSON]) -> str:
        words = ("update-collection-group", "--id", group_id, "--capacity-limits", _sent(limits))
        return aws_line(self.environment, "opensearchserverless", *words)

    def _account_line(self, limits: Mapping[str, JSON]) -> str:
        words = ("update-account-settings", "--capacity-limits", _sent(limits))
        return aws_line(self.environment, "opensearchserverless", *words)


def _group_step(group: CollectionGroup, before: Mapping[str, JSON], minimum: int) -> Step:
    after = {**before, "min_search": minimum}
    if group.max_search is not None and minimum > group.max_search:
        after["max_search"] = minimum
    return Step(
        number=1,
        action=GROUP,
        target=group.name,
        before=before,
        after=after,
        undo=UndoKind.EXACT,
        summary=f"search minimum of {group.name}: {group.min_search:g} -> {minimum} OCU",
        arguments={"id": group.id},
    )


def _sent(limits: Mapping[str, JSON]) -> str:
    return json_word({_AWS_NAMES[name]: ocu for name, ocu in limits.items()})


def _higher(ocu: float) -> str:
    more = above(ocu)
    return f"more would be: mangaops raise-ocu --min {more}" if more else "it is the highest"


def _against(group: CollectionGroup, minimum: int) -> tuple[str, ...]:
    """What works against a higher minimum: more is in use already, or a stack owns the group."""
    found: list[str] = []
    used, most = group.current_search, group.max_search
    if used is not None and used >= minimum:
        what = f"{used:g} search OCU are in use already: a minimum of {minimum} adds none now"
        more = above(most) if most is not None and used >= most else None
        hint = f"; they are the maximum, which --min {more} raises, too" if more else ""
        found.append(what + hint)
    if group.stack is not None:
        found.append(
            f"CloudFormation stack {group.stack} made the group: its next update sets the old "
            "limits again"
        )
    return tuple(found)


def _unseen(collection: str, most: float | None) -> str:
    unknown = (
        "AWS does not tell the account's maximum"
        if most is None
        else "CloudWatch has no SearchOCU of collections without a group (last 10 minutes)"
    )
    return (
        f"collection {collection} is in no group, and whether the account's maximum holds it "
        f"back is not known: {unknown}"
    )
