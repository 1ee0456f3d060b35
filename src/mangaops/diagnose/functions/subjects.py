"""Which member of a group a check is about."""

from __future__ import annotations

from collections.abc import Mapping

from mangaops.diagnose.plain import plain_text
from mangaops.diagnose.tables import Share
from mangaops.model.evidence import Series


def subject_of(labels: Mapping[str, str]) -> str:
    """`Intent=faq`: the dimensions of a series."""
    return ", ".join(f"{name}={value}" for name, value in labels.items())


def labelled(around: str, member: Series | Share | object) -> str:
    """The member's name, behind that of a member it is looked at within."""
    match member:
        case Series():
            own = subject_of(member.labels)
        case Share():
            own = f"{member.column}={plain_text(member.key)}"
        case _:
            own = ""
    return ", ".join(part for part in (around, own) if part)
