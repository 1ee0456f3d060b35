"""What the application can do for a call that the client cannot: all of it optional.

A hook that raises is as one that is not there; the reason is told by `descended_because`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mangaops.fm.requests.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """`stored` finds an answer that was computed before, `check_stored` says whether it may be
    given now (stock, prices); neither is of use without the other. `known_products` says
    which of some product ids the catalogue has. `summarise` makes a request shorter that
    does not fit into a model's context, instead of leaving out its oldest turns.
    """

    stored: Callable[[Request], str | None] | None = None
    check_stored: Callable[[Request, str], bool] | None = None
    known_products: Callable[[Collection[str]], Collection[str]] | None = None
    summarise: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        if (self.stored is None) is not (self.check_stored is None):
            raise ValueError("stored and check_stored come together: nothing is given unchecked")
