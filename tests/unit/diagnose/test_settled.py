"""Which branches cannot be unknown behind those that were not taken."""

from __future__ import annotations

import pytest

from mangaops.diagnose.settled import decidable
from mangaops.model.runbook import NEXT
from support.evidence_building import logs, metric, node, runbook, scope

NAMES = scope(
    {"calls": logs(status="text", calls="number"), "p95": metric()},
    {"limit": 20, "unset": None},
    definitions={
        "slow": "sum(r.calls for r in calls if r.status == 'slow')",
        "denied": "sum(r.calls for r in calls if r.status == 'denied')",
        "other": "sum(r.calls for r in calls if r.status == 'other')",
        "most": "max(slow, denied)",
        "now": "max(p95, '10m')",
    },
)
BOOK = runbook(NAMES)


def certain(*conditions: str, on_missing: str = "inconclusive") -> frozenset[int]:
    branches = ((one, one, "inconclusive", on_missing) for one in conditions)
    return decidable(node("which", NAMES, *branches), BOOK)


def test_the_parts_of_a_largest_are_known_where_it_is() -> None:
    assert certain("most <= 0", "slow >= most", "denied + 1 > limit or not slow > 2") == {1, 2}


def test_each_side_of_an_or_was_asked_before_it_was_false() -> None:
    assert certain("slow > 5 or other > limit", "other < 2 * slow") == {1}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("slow > 5 and other > 5", "other > 2"),  # one side is enough for a no
        ("not slow > 5", "slow > 9"),
        ("slow > 5", "denied > 5"),
        ("slow > 5", "slow / denied > 5"),
        ("slow > 5 or denied > 5", "slow / denied > 5"),  # nothing divided by nothing
        ("slow > 5", "slow > unset"),
        ("now > 5", "max(p95, '5m') > 5"),  # another figure of the same series
        ("sum(r.calls for r in calls) > 5", "slow > 5"),
    ],
)
def test_whatever_else_can_be_unknown(first: str, second: str) -> None:
    assert certain(first, second) == frozenset()


def test_next_says_that_it_may_not_have_been_known() -> None:
    assert certain("most <= 0", "slow >= most", on_missing=NEXT) == frozenset()
