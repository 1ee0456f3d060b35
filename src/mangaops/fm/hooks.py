"""What the application can do for a call that the client cannot: all of it optional.

A hook that raises, or gives what it should not, breaks nothing and is told in
`descended_because`: there is then no stored answer, no summary, and no product that is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mangaops.fm.answers.mentions import ProductRules
    from mangaops.fm.answers.products import Known
    from mangaops.fm.requests.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """`stored` finds an answer that was computed before, `check_stored` says whether it may be
    given now (stock, prices); neither is of use without the other. `known_products` says
    which of some product ids the catalogue has, None when it cannot be asked; the others are
    taken out of the answer's value. `product_rules` say where a value names products and what
    their ids look like, where it is not as usual. `summarise` gets the oldest messages of a
    conversation that is too long and says in short what is in them; without it they are left out.
    """

    stored: Callable[[Request], str | None] | None = None
    check_stored: Callable[[Request, str], bool] | None = None
    known_products: Known | None = None
    product_rules: ProductRules | None = None
    summarise: Callable[[tuple[Mapping[str, Any], ...]], str | None] | None = None

    def __post_init__(self) -> None:
        if (self.stored is None) is not (self.check_stored is None):
            raise ValueError("stored and check_stored come together: nothing is given unchecked")
