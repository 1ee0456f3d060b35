"""The regions of AWS that botocore knows, of all partitions."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def known_regions() -> frozenset[str]:
    """Their names; without the `aws-global` of each partition."""
    text = (files("botocore") / "data" / "partitions.json").read_text(encoding="utf-8")
    partitions = json.loads(text)["partitions"]
    names = {name for each in partitions for name in each["regions"]}
    return frozenset(name for name in names if not name.endswith("-global"))
