"""Index settings as OpenSearch takes and gives them: flat, nested, always text.

OpenSearch cannot nest a setting under one that has a value itself, and `index.knn` has
one; so the nested form of `index.knn.algo_param.ef_search` is
`{"index": {"knn": "true", "knn.algo_param": {"ef_search": "256"}}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DYNAMIC = (
    "index.knn.algo_param.ef_search",
    "index.refresh_interval",
    "index.number_of_replicas",
    "index.max_result_window",
)
STATIC = ("index.knn", "index.number_of_shards", "index.codec")
EF_SEARCH_RANGE = (2, 2_147_483_647)


class SettingError(Exception):
    """A setting that OpenSearch refuses, in its own words."""


def flatten(body: Mapping[str, Any], prefix: str = "") -> dict[str, str | None]:
    """Settings of a request by full name, `index.` added; null means back to the default."""
    flat: dict[str, str | None] = {}
    for key, value in body.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{name}.")
        else:
            flat[name] = None if value is None else _text(value)
    if prefix:
        return flat
    return {
        name if name.startswith("index.") else f"index.{name}": value
        for name, value in flat.items()
    }


def check_update(flat: Mapping[str, str | None]) -> None:
    """Raises SettingError for what is unknown, fixed at creation, or out of range."""
    for name, value in flat.items():
        if name in STATIC:
            raise SettingError(f"Can't update non dynamic settings [[{name}]] for open indices")
        if name not in DYNAMIC:
            raise SettingError(
                f"unknown setting [{name}] please check that any required plugins are installed, "
                "or check the breaking changes documentation for removed settings"
            )
        if name == DYNAMIC[0] and value is not None:
            _check_ef_search(name, value)


def nested(flat: Mapping[str, str]) -> dict[str, Any]:
    """The nested form; a name under one that has a value keeps its dots."""
    tree: dict[str, Any] = {}
    for name in sorted(flat):
        _place(tree, name.split("."), flat[name])
    return tree


def _place(tree: dict[str, Any], parts: list[str], value: str) -> None:
    for length in range(1, len(parts)):
        head = ".".join(parts[:length])
        if isinstance(tree.get(head), str):
            continue
        inner = tree.setdefault(head, {})
        _place(inner, parts[length:], value)
        return
    tree[".".join(parts)] = value


def _check_ef_search(name: str, value: str) -> None:
    lowest, highest = EF_SEARCH_RANGE
    if not value.lstrip("-").isdecimal():
        raise SettingError(f"Failed to parse value [{value}] for setting [{name}]")
    if int(value) < lowest:
        raise SettingError(
            f"Failed to parse value [{value}] for setting [{name}] must be >= {lowest}"
        )
    if int(value) > highest:
        raise SettingError(f"Failed to parse value [{value}] for setting [{name}]")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
