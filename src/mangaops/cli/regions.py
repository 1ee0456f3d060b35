"""Which region, who named it, and whether there is such a region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mangaops.cli import embedded
from mangaops.errors import InputError, nearest
from mangaops.model.settings import RegionFrom

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.cli.options import Where


def refuse_unknown(region: str) -> None:
    """Raises InputError with the nearest name."""
    from mangaops.aws.regions import known_regions  # noqa: PLC0415 - only with --region

    known = known_regions()
    if region not in known:
        hint = nearest(region, known) or "for example us-east-1, eu-west-1 or ap-northeast-1"
        raise InputError(f'AWS has no region "{region}"', where="--region", hint=hint)


def region_from(where: Where, aws: Aws) -> RegionFrom:
    """Who named the region that `aws` works in."""
    if where.sandbox is not None or where.env == embedded.NAME:
        return RegionFrom.SANDBOX
    return RegionFrom.OPTION if where.region else aws.region_from
