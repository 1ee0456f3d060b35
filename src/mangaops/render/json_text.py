"""Documents as JSON text. Kept apart so that a list can be printed without the model."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from mangaops.model.evidence import JSON


def to_json(document: Mapping[str, JSON]) -> str:
    """The one document of a command's answer, in the order of its keys."""
    return json.dumps(_finite(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(value: JSON) -> JSON:
    """JSON has no infinity; what cannot be said is null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return value
