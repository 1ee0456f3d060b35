"""What `fm:` says that has the right form and cannot be meant: found with its place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from mangaops.errors import nearest
from mangaops.model.model_ids import (
    SHORT_NAMES,
    base_id_of,
    could_name_a_model,
    is_opaque,
)

if TYPE_CHECKING:
    from mangaops.config.model_client import IntentPart, ModelClientPart, PlacePart
    from mangaops.runbook.finding import Finding
    from mangaops.runbook.strict_yaml import Document, Path

LONGEST = timedelta(hours=1)
"""Bedrock itself ends a call after it."""
MOST_TOKENS = 1_000_000
"""More than any model writes; `probe` compares with the model's own limit."""
LANGUAGES = ("en", "ja")
"""Those that the client tells apart in a question."""


def senseless(document: Document, at: Path, part: ModelClientPart) -> Iterator[Finding]:
    """`at` is where the section stands."""
    for name, intent in part.intents.items():
        here = (*at, "intents", name)
        yield from _figures(document, here, intent)
        yield from _languages(document, here, intent)
        yield from _models(document, here, intent)


def _figures(document: Document, at: Path, part: IntentPart) -> Iterator[Finding]:
    if part.max_tokens is not None and part.max_tokens > MOST_TOKENS:
        what = f"{_name(at)}.max_tokens is more than any model writes"
        yield _wrong(document, (*at, "max_tokens"), what)
    for key in ("deadline", "first_token", "idle"):
        length: timedelta | None = getattr(part, key)
        if length is not None and length > LONGEST:
            yield _wrong(document, (*at, key), f"{_name(at)}.{key} must be at most an hour")
        elif key != "deadline" and length and part.deadline and length > part.deadline:
            what = f"{_name(at)}.{key} is longer than the deadline of the whole answer"
            yield _wrong(document, (*at, key), what, "shorten it, or lengthen `deadline`")


def _languages(document: Document, at: Path, part: IntentPart) -> Iterator[Finding]:
    for language in part.template if isinstance(part.template, dict) else ():
        if language not in LANGUAGES:
            what = f"{_name(at)}.template has a language that is never told: `{language}`"
            place = document.key_place((*at, "template", language))
            hint = "en or ja; one text for everybody needs no language"
            yield document.finding("M002", what, place, hint=hint)


def _models(document: Document, at: Path, part: IntentPart) -> Iterator[Finding]:
    if part.model is not None:
        yield from _no_model(document, (*at, "model"), part.model)
    for key, ways in (("alternates", part.alternates), ("backups", part.backups)):
        seen: list[tuple[str, str | None]] = []
        for number, way in enumerate(ways or ()):
            here = (*at, key, number)
            yield from _no_model(document, here, way)
            if (way.model, way.region) in seen:
                what = f"{_name(at)}.{key} has {way.model} twice"
                yield document.finding("M018", what, document.place(here), hint="leave one out")
            elif part.model is not None:
                yield from _against_first(document, here, way, part.model)
            seen.append((way.model, way.region))


def _no_model(document: Document, at: Path, part: PlacePart) -> Iterator[Finding]:
    if not could_name_a_model(part.model):
        hint = nearest(part.model, SHORT_NAMES) or "sonnet, haiku, an id, a profile or an ARN"
        yield _wrong(document, at, f"`{part.model}` is no model", hint)


def _against_first(
    document: Document, at: Path, way: PlacePart, first: PlacePart
) -> Iterator[Finding]:
    same = _same(way.model, first.model)
    if way == first:
        yield _wrong(document, at, f"{way.model} is the first choice itself", "leave it out")
    elif at[-2] == "alternates" and same is False:
        what = f"{way.model} is another model than the first choice"
        yield _wrong(document, at, what, "alternates reach the same model: put it in `backups`")
    elif at[-2] == "backups" and same:
        what = f"{way.model} is the same model as the first choice"
        yield _wrong(document, at, what, "backups are other models: put it in `alternates`")


def _same(one: str, other: str) -> bool | None:
    """None where the names do not say it: a parameter may give any model."""
    if one in SHORT_NAMES and other in SHORT_NAMES:
        return one == other
    if {one, other} & set(SHORT_NAMES) or is_opaque(one) or is_opaque(other):
        return None
    return base_id_of(one) == base_id_of(other)


def _wrong(document: Document, at: Path, what: str, hint: str = "") -> Finding:
    return document.finding("M004", what, document.place(at), hint=hint)


def _name(at: Path) -> str:
    return ".".join(map(str, at))
