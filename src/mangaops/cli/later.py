"""Commands that the contract names and this version does not have yet.

Typing one of them during an incident must lead to what can be done instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mangaops.errors import InputError

BY_HAND: Mapping[str, str] = MappingProxyType(
    {
        "drill": "mangaops diagnose RUNBOOK --sandbox SCENARIO",
    }
)


def not_in_this_version(command: str) -> InputError:
    return InputError(
        f"`mangaops {command}` is not in this version",
        where=f"mangaops {command}",
        hint=f"by hand: {BY_HAND[command]}",
    )
