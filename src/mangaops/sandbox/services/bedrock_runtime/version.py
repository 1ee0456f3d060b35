"""Which version of a prompt a request asks with: its text in the prompt table says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.sandbox.services.bedrock_runtime.pace import Version
from mangaops.sandbox.services.bedrock_runtime.text import Prompt
from mangaops.sandbox.world import World

TABLE = DEFAULT_RESOURCES["prompt_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    version: Version
    active: bool


def version_of(world: World, prompt: Prompt) -> Version | None:
    """The version whose template is the system prompt, else the one that the caller names.

    Of several with the same text it is the one that the caller names, else the active one,
    else any. The caller names one by the request metadata `intent` and `prompt_version`.
    """
    named = _named(prompt)
    found = list(_rows(world, prompt.system)) if prompt.system else []
    if not found:
        return named
    if any(row.version == named for row in found):
        return named
    return max(found, key=lambda row: row.active).version


def _named(prompt: Prompt) -> Version | None:
    intent, version = (prompt.metadata.get(key) for key in ("intent", "prompt_version"))
    return None if intent is None or version is None else (intent, version)


def _rows(world: World, template: str) -> Iterator[_Row]:
    """The items of the table that have this text: a table of some tens is read at each call."""
    from moto.backends import get_backend  # noqa: PLC0415 - moto loads with the first use

    table = get_backend("dynamodb")[world.account][world.region].tables.get(TABLE)
    for versions in [] if table is None else table.items.values():
        for item in versions.values():
            text = item.attrs.get("template")
            if text is not None and str(text.value).strip() == template:
                intent, version = (str(item.attrs[key].value) for key in ("intent", "version"))
                active = item.attrs.get("active")
                yield _Row(version=(intent, version), active=bool(active and active.value is True))
