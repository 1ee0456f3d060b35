"""Which row of Service Quotas limits the tokens per minute of a model id or profile id.

Codes are not stable across models, so a row is found by its name:
`Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.6`. A profile
of a geography counts against the cross-region row, `global.` against the global one,
a bare model id against the on-demand one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mangaops.errors import Refused
from mangaops.model.resources import Quota

_WAYS = (
    ("global cross-region ", "global"),
    ("cross-region ", "geography"),
    ("on-demand ", "on-demand"),
)
_TPM = re.compile(r".* tokens per minute for (?P<model>.+)", re.IGNORECASE)
_DATE_OR_REVISION = re.compile(r"\d{6,}|v1|\d+k", re.IGNORECASE)
"""What an id has and a row's name may lack; from the second version on the name has it."""


def row_of(model: str, rows: Iterable[Quota]) -> Quota:
    """Raises Refused with the candidates when there is not exactly one."""
    rows = tuple(rows)
    way, words = _way(model), _words_of_id(model)
    of_model = [row for row in rows if _model_words(row) == words]
    found = [row for row in of_model if _way_of_row(row) == way]
    if len(found) == 1:
        return found[0]
    candidates = found or of_model
    listed = "; ".join(f"{row.name} ({row.code})" for row in candidates)
    count = f"{len(found)} rows limit" if found else "no row is known to limit"
    raise Refused(
        f"{count} the tokens per minute of {model}" + (f": {listed}" if listed else ""),
        where="Service Quotas of bedrock",
        hint="look at `aws service-quotas list-service-quotas --service-code bedrock`, and "
        "request the right row with `aws service-quotas request-service-quota-increase`",
    )


def _way(model: str) -> str:
    parts = _name(model).split(".")
    if len(parts) < 3:
        return "on-demand"
    return "global" if parts[0] == "global" else "geography"


def _name(model: str) -> str:
    """`jp.anthropic.claude-sonnet-4-6` of that, or of an ARN that ends with it."""
    return model.rpartition("/")[2].lower()


def _words_of_id(model: str) -> frozenset[str]:
    """`claude`, `sonnet`, `4.6` of `jp.anthropic.claude-sonnet-4-6-20260101-v1:0`."""
    base = _name(model).rpartition(".")[2].partition(":")[0]
    words: list[str] = []
    for word in base.split("-"):
        number = word.isdigit() and len(word) < 6
        if number and words and words[-1].isdigit():
            words[-1] += f".{word}"
        elif not _DATE_OR_REVISION.fullmatch(word):
            words.append(word)
    return frozenset(words)


def _model_words(row: Quota) -> frozenset[str]:
    """The model of a row without its vendor; empty for rows of another kind."""
    match = _TPM.fullmatch(row.name)
    if match is None:
        return frozenset()
    words = match["model"].lower().split()[1:]
    return frozenset(word for word in words if not _DATE_OR_REVISION.fullmatch(word))


def _way_of_row(row: Quota) -> str:
    name = row.name.lower()
    return next((way for start, way in _WAYS if name.startswith(start)), "")
