"""The application's own code, asked so that it can break nothing: one that raises, or gives what
it should not, is told in `descended_because` by the kind of its error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from mangaops.fm.answers.products import Known, vouched
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import SoFar

_Given = TypeVar("_Given")
Summarise = Callable[[tuple[Mapping[str, Any], ...]], str | None]


def known_products(parts: Parts, call: SoFar) -> Known | None:
    """A catalogue that cannot be asked vouches for no product."""
    hook = parts.hooks.known_products
    if hook is None:
        return None

    def known(ids: Collection[str]) -> Collection[str] | None:
        return _asked(call, "the catalogue could not be asked", lambda: vouched(hook(ids)))

    return known


def summarise(parts: Parts, call: SoFar) -> Summarise | None:
    """Without a summary the oldest messages are only left out."""
    hook = parts.hooks.summarise
    if hook is None:
        return None

    def summary(gone: tuple[Mapping[str, Any], ...]) -> str | None:
        return _asked(call, "there is no summary", lambda: _text(hook(gone)))

    return summary


def stored(parts: Parts, call: SoFar) -> str | None:
    """An answer that was computed before; an unchecked one is none."""
    find, check = parts.hooks.stored, parts.hooks.check_stored
    if find is None or check is None or call.deadline.left() <= 0:
        return None
    found = _asked(call, "no stored answer", lambda: _text(find(call.request)))
    if found is None or not found.strip():
        return None
    good = _asked(call, "no stored answer was checked", lambda: bool(check(call.request, found)))
    if good:
        call.descend("no model answered, so a stored answer is given")
        return found
    if good is False:
        call.descend("a stored answer was found, and its check refused it")
    return None


def _asked(call: SoFar, without: str, ask: Callable[[], _Given]) -> _Given | None:
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - the application's own code: it is one step less
        call.descend(f"{without}: {type(error).__name__} of its hook")
        return None


def _text(given: object) -> str | None:
    if given is None or isinstance(given, str):
        return given
    raise TypeError(type(given).__name__)
