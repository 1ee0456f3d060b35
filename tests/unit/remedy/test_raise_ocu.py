"""`raise-ocu` against an account that is a few values in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from mangaops.errors import AwsFault, InputError, Refused
from mangaops.model.plan import Draft, NothingToDo, Risk, Standing, Step, UndoKind, compare
from mangaops.model.request import RaiseOcu
from mangaops.model.resources import AccountLimits, Collection, CollectionGroup, GroupLimits
from mangaops.model.settings import Environment
from mangaops.remedy.action import Progress, Settled, Touches
from mangaops.remedy.actions.search.raise_ocu import RaiseOcuRemedy
from support.plain_pen import PlainPen

GROUP = CollectionGroup(
    id="grp1",
    name="mangaassist-search",
    min_search=2.0,
    max_search=16.0,
    min_indexing=2.0,
    max_indexing=16.0,
    current_search=2.0,
    generation="CLASSIC",
)

GROUP_LINE = (
    "aws opensearchserverless update-collection-group --id grp1 --capacity-limits "
    '\'{"minSearchCapacityInOCU":8,"maxSearchCapacityInOCU":16,'
    '"minIndexingCapacityInOCU":2,"maxIndexingCapacityInOCU":16}\' '
    "--region ap-northeast-1"
)
LIMITS = AccountLimits(max_search=10, max_indexing=10)


def collection(name: str, group: str | None) -> Collection:
    return Collection(id=f"id-{name}", name=name, status="ACTIVE", endpoint=None, group=group)


@dataclass(slots=True, kw_only=True)
class Account:
    """In memory. `faulty` does nothing and breaks; `lost` breaks after the write has landed."""

    group_now: CollectionGroup = GROUP
    members: tuple[Collection, ...] = (collection("manga-products", "mangaassist-search"),)
    limits: AccountLimits = LIMITS
    in_use: float | None = None
    lost: bool = False
    faulty: bool = False
    sent: list[object] = field(default_factory=list)

    def collection(self, name: str) -> Collection:
        return next(each for each in self.members if each.name == name)

    def collections(self) -> tuple[Collection, ...]:
        return self.members

    def group(self, name: str) -> CollectionGroup:
        assert name == self.group_now.name
        return self.group_now

    def account_limits(self) -> AccountLimits:
        return self.limits

    def ungrouped_search_ocu(self) -> float | None:
        return self.in_use

    def set_group_limits(self, group_id: str, limits: GroupLimits, token: str) -> GroupLimits:
        if self.faulty:
            raise AwsFault("nothing happened")
        self.sent.append((group_id, limits, token))
        self.group_now = replace(
            self.group_now,
            min_search=limits.min_search,
            max_search=limits.max_search,
            min_indexing=limits.min_indexing,
            max_indexing=limits.max_indexing,
        )
        self._lose()
        return limits

    def set_account_limits(self, limits: AccountLimits) -> AccountLimits:
        self.sent.append(limits)
        self.limits = limits
        self._lose()
        return limits

    def _lose(self) -> None:
        if self.lost:
            raise AwsFault("the answer was lost")


def remedy(account: Account, **environment: object) -> RaiseOcuRemedy:
    settings = replace(Environment(region="ap-northeast-1"), **environment)
    return RaiseOcuRemedy(search=account, environment=settings)


def drafted(account: Account, minimum: float | None = None, **environment: object) -> Draft:
    draft = remedy(account, **environment).draft(RaiseOcu(minimum=minimum))
    assert isinstance(draft, Draft)
    return draft


def ungrouped(**values: object) -> Account:
    members = (collection("manga-products", None), collection("covers", None))
    return Account(members=members, **values)


def test_a_group_s_minimum_goes_up_and_all_four_limits_are_sent() -> None:
    account = Account(
        members=(
            collection("covers", None),
            collection("manga-products", "mangaassist-search"),
            collection("reviews", "mangaassist-search"),
        )
    )
    assert drafted(account, 8, ocu_price_per_hour=0.25) == Draft(
        title="Raise the search minimum of collection group mangaassist-search",
        confirm="mangaassist-search",
        risk=Risk.MODERATE,
        steps=(
            Step(
                number=1,
                action="search.group_limits",
                target="mangaassist-search",
                before={"min_search": 2, "max_search": 16, "min_indexing": 2, "max_indexing": 16},
                after={"min_search": 8, "max_search": 16, "min_indexing": 2, "max_indexing": 16},
                undo=UndoKind.EXACT,
                summary="search minimum of mangaassist-search: 2 -> 8 OCU",
                arguments={"id": "grp1"},
            ),
        ),
        reach=("collection reviews shares the capacity of group mangaassist-search",),
        permissions=("aoss:UpdateCollectionGroup",),
        aws_cli=(GROUP_LINE,),
        cost_per_hour=1.5,
        notes=("a minimum is paid all the time, used or not, until it is lowered again",),
    )


@pytest.mark.parametrize(
    ("present", "wanted"), [(0.0, 2), (1.0, 2), (2.0, 4), (8.0, 16), (16.0, 32)]
)
def test_without_a_value_the_next_legal_one_is_taken(present: float, wanted: int) -> None:
    account = Account(group_now=replace(GROUP, min_search=present, current_search=present))
    (step,) = drafted(account).steps
    assert step.after["min_search"] == wanted


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (6, "use 4 or 8;"),
        (0, "use 2;"),
        (-1, "use 2;"),
        (24, "use 16 or 32;"),
        (2.5, "use 2 or 4;"),
        (1700, "use 1696;"),
        (float("nan"), "legal are"),
    ],
)
def test_a_value_that_aws_does_not_take_is_wrong_input(value: float, hint: str) -> None:
    with pytest.raises(InputError) as refused:
        remedy(Account()).draft(RaiseOcu(minimum=value))
    assert refused.value.hint.startswith(hint)


def test_a_minimum_above_the_maximum_takes_the_maximum_along() -> None:
    draft = drafted(Account(), 32)
    assert draft.steps[0].after == {
        "min_search": 32,
        "max_search": 32,
        "min_indexing": 2,
        "max_indexing": 16,
    }
    assert "the maximum goes up as well, from 16: it was lower" in draft.notes


@pytest.mark.parametrize("asked", [2, 4])
def test_a_minimum_that_is_there_already_is_nothing_to_do(asked: int) -> None:
    account = Account(group_now=replace(GROUP, min_search=4.0))
    assert remedy(account).draft(RaiseOcu(minimum=asked)) == NothingToDo(
        reason="the search minimum of group mangaassist-search is 4 OCU",
        hint="more would be: mangaops raise-ocu --min 8",
    )


def test_a_group_at_its_maximum_is_told_that_a_minimum_adds_nothing() -> None:
    account = Account(group_now=replace(GROUP, current_search=16.0, stack="mangaassist"))
    used, stack = drafted(account, 8).conflicts
    assert used == (
        "16 search OCU are in use already: a minimum of 8 adds none now; they are the maximum, "
        "which --min 32 raises, too"
    )
    assert stack == (
        "CloudFormation stack mangaassist made the group: its next update sets the old limits again"
    )


def test_a_limit_that_aws_does_not_tell_would_be_reset_so_it_is_refused() -> None:
    account = Account(group_now=replace(GROUP, max_indexing=None))
    with pytest.raises(Refused, match="max_indexing of collection group mangaassist-search"):
        remedy(account).draft(RaiseOcu())


@pytest.mark.parametrize("lost", [False, True])
def test_a_group_s_limits_are_written_once_and_restored(lost: bool) -> None:
    account = Account(lost=lost)
    made = remedy(account)
    (step,) = drafted(account, 8).steps
    action = made.actions[step.action]
    assert compare(step, action.read(step)).standing is Standing.BEFORE
    action.write(step, PlainPen())
    limits = GroupLimits(min_search=8, max_search=16, min_indexing=2, max_indexing=16)
    assert account.sent == [("grp1", limits, "r-test-1-UpdateCollectionGroup")]
    assert compare(step, action.read(step)).standing is Standing.AFTER
    action.write(step.inverse(1), PlainPen())
    assert account.group_now == GROUP


def test_a_write_that_did_not_land_is_not_taken_for_done() -> None:
    account = Account(faulty=True)
    (step,) = drafted(account, 8).steps
    with pytest.raises(AwsFault, match="nothing happened"):
        remedy(account).actions[step.action].write(step, PlainPen())


@pytest.mark.parametrize(
    ("now", "settled"),
    [
        ({}, Settled(progress=Progress.WAITING, detail="min_search is 2, not 8")),
        (
            {"min_search": 4.0},
            Settled(progress=Progress.FAILED, detail="min_search is 4, not 8"),
        ),
        (
            {"min_search": 8.0},
            Settled(progress=Progress.WAITING, detail="2 search OCU in use, limits 8 to 16"),
        ),
        (
            {"min_search": 8.0, "current_search": 8.0},
            Settled(progress=Progress.REACHED, detail="8 search OCU in use, limits 8 to 16"),
        ),
        (
            {"min_search": 8.0, "current_search": None},
            Settled(
                progress=Progress.WAITING,
                detail="the limits are set; AWS does not tell the capacity in use",
            ),
        ),
    ],
)
def test_capacity_is_reached_when_it_is_in_use(now: dict[str, float], settled: Settled) -> None:
    account = Account()
    (step,) = drafted(account, 8).steps
    account.group_now = replace(GROUP, **now)
    assert remedy(account).actions[step.action].settled(step) == settled


def test_a_plan_without_a_limit_is_wrong_input() -> None:
    account = Account()
    (step,) = drafted(account, 8).steps
    action = remedy(account).actions[step.action]
    with pytest.raises(InputError, match="after: `max_indexing` must be a number"):
        action.write(replace(step, after={**step.after, "max_indexing": None}), PlainPen())
    assert account.sent == []


def test_guardrails_are_told_the_largest_limit_that_changes() -> None:
    account = Account(group_now=replace(GROUP, max_search=96.0))
    made = remedy(account)
    (step,) = drafted(account, 8).steps
    assert made.actions[step.action].touches(step) == Touches(ocu=8)
    (step,) = drafted(account, 112).steps
    assert made.actions[step.action].touches(step) == Touches(ocu=112)


@pytest.mark.parametrize(("asked", "wanted"), [(None, 16), (8, 16), (32, 32)])
def test_outside_a_group_the_account_s_maximum_goes_up(asked: int | None, wanted: int) -> None:
    account = ungrouped(in_use=10.0)
    draft = drafted(account, asked, ocu_price_per_hour=0.25)
    (step,) = draft.steps
    assert (step.target, draft.confirm, draft.risk) == ("account", "account", Risk.SEVERE)
    assert step.before == {"max_search": 10, "max_indexing": 10}
    assert step.after == {"max_search": wanted, "max_indexing": 10}
    assert draft.reach == ("collection covers is in no group and shares the account's maximum",)
    assert draft.cost_per_hour == (wanted - 10) * 0.25
    (line,) = draft.aws_cli
    assert line == (
        "aws opensearchserverless update-account-settings --capacity-limits "
        f'\'{{"maxSearchCapacityInOCU":{wanted},"maxIndexingCapacityInOCU":10}}\' '
        "--region ap-northeast-1"
    )


def test_a_value_below_the_account_s_maximum_is_told_to_be_no_minimum() -> None:
    assert drafted(ungrouped(in_use=10.0), 8).notes[1] == (
        "an account has no minimum, and its maximum of 10 OCU is above 8 already: 16 is the next "
        "value"
    )


@pytest.mark.parametrize("lost", [False, True])
def test_the_account_s_limits_are_written_once_and_restored(lost: bool) -> None:
    account = ungrouped(in_use=10.0, lost=lost)
    made = remedy(account)
    (step,) = drafted(account).steps
    action = made.actions[step.action]
    action.write(step, PlainPen())
    assert account.sent == [AccountLimits(max_search=16, max_indexing=10)]
    assert action.settled(step) == Settled(
        progress=Progress.REACHED, detail="collections without a group may use 16 search OCU"
    )
    action.write(step.inverse(1), PlainPen())
    assert account.limits == AccountLimits(max_search=10, max_indexing=10)


def test_below_the_account_s_maximum_there_is_nothing_to_set() -> None:
    assert remedy(ungrouped(in_use=9.0)).draft(RaiseOcu(minimum=8)) == NothingToDo(
        reason="nothing to set here: collection manga-products is in no group, so it has no "
        "minimum, and 9 of the account's 10 search OCU are in use",
        hint="warm the index up: mangaops prewarm-search",
    )


@pytest.mark.parametrize(
    ("account", "unseen"),
    [
        (ungrouped(), "CloudWatch has no SearchOCU of collections without a group"),
        (
            ungrouped(in_use=4.0, limits=AccountLimits(max_search=None, max_indexing=None)),
            "AWS does not tell the account's maximum",
        ),
    ],
)
def test_not_knowing_whether_the_maximum_is_reached_is_refused(
    account: Account, unseen: str
) -> None:
    with pytest.raises(Refused, match=unseen):
        remedy(account).draft(RaiseOcu())
