"""When parameters were written: SSM dates every version with now, a past is set here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from mangaops.sandbox.world import World

AGE = timedelta(days=40)
"""How old the versions are that the normal world was seeded with."""


def date_newest(world: World, name: str, at: datetime) -> None:
    """The newest version of a parameter was written at `at`."""
    parameter_versions(world)[name][-1].last_modified_date = _naive(at)


def date_all(world: World) -> None:
    """All versions of all parameters were written long ago."""
    at = _naive(world.now() - AGE)
    for versions in parameter_versions(world).values():
        for version in versions:
            version.last_modified_date = at


def parameter_versions(world: World) -> Any:
    """Moto's own: name -> versions, oldest first, each with `value` and `parameter_type`."""
    from moto.backends import get_backend  # noqa: PLC0415 - moto loads with the first use

    return get_backend("ssm")[world.account][world.region]._parameters  # noqa: SLF001


def _naive(at: datetime) -> datetime:
    """As moto keeps it: UTC without saying so."""
    return at.astimezone(UTC).replace(tzinfo=None)
