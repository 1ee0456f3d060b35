"""Equality: known of all values but those that were redacted, whose equality nobody saw.

`[redacted]` stands for any secret, and `[redacted-1]` of a capsule for one of which the
run itself saw no more. Order and `contains` need no rule: a redacted text is no number, and
what stands around a redacted piece was seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from mangaops.diagnose.values import UNKNOWN, Missing, Result, Value, bare, lift
from mangaops.model.redaction import REDACTED

WHY = "redacted: its equality was not seen"
_TOKEN = re.compile(rf"{re.escape(REDACTED[:-1])}(?:-\d+)?\]")
_NOBODYS = Missing(evidence="", why=WHY)
_OF_PLAIN = Result(value=UNKNOWN, missing=frozenset({_NOBODYS}))
"""Between two cells of rows, which do not know their table; `attributed` tells it later."""


def is_redacted(value: object) -> bool:
    """Whether nothing of it was left."""
    return type(value) is str and value[:1] == "[" and _TOKEN.fullmatch(value) is not None


def equal(left: object, right: object) -> object:
    return UNKNOWN if is_redacted(left) or is_redacted(right) else left == right


def unequal(left: object, right: object) -> object:
    found = equal(left, right)
    return found if found is UNKNOWN else not found


def among(left: object, right: object) -> object:
    """Seen among the others, it is; else a redacted one may be it."""
    if not isinstance(right, tuple) or is_redacted(left):
        return UNKNOWN if right != () else False
    return left in right or (UNKNOWN if any(map(is_redacted, right)) else False)


def not_among(left: object, right: object) -> object:
    found = among(left, right)
    return found if found is UNKNOWN else not found


def unseen_of(*sides: Value) -> Result | None:
    """What an unknown comparison lacks where a side was redacted; None where none was."""
    if not any(_has_redacted(bare(side)) for side in sides):
        return None
    found = frozenset(i for side in sides if _has_redacted(bare(side)) for i in lift(side).evidence)
    return _lost(found) if found else _OF_PLAIN


def _has_redacted(value: object) -> bool:
    return is_redacted(value) or (isinstance(value, tuple) and any(map(is_redacted, value)))


def _lost(evidence: Iterable[str]) -> Result:
    missing = frozenset(Missing(evidence=i, why=WHY) for i in evidence)
    return Result(value=UNKNOWN, evidence=frozenset(evidence), missing=missing)


def of_keys(evidence: Iterable[str]) -> Result:
    """Where rows cannot be told apart by a column, since several of its values are redacted."""
    return _lost(evidence)


def attributed(value: Value, whole: Value) -> Value:
    """`value` of one row, where what it lacks is said of the evidence that `whole` is from."""
    if not isinstance(value, Result) or _NOBODYS not in value.missing | value.unseen:
        return value
    evidence = lift(whole).evidence
    if not evidence:
        return value
    named = frozenset(Missing(evidence=i, why=WHY) for i in evidence)

    def told(lost: frozenset[Missing]) -> frozenset[Missing]:
        return (lost - {_NOBODYS}) | named if _NOBODYS in lost else lost

    return replace(value, missing=told(value.missing), unseen=told(value.unseen))


def attributable(missing: frozenset[Missing]) -> frozenset[Missing]:
    """Without what can be said of no evidence: two parameters were compared."""
    return missing - {_NOBODYS}
