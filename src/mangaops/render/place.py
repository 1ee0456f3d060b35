"""The first line of anything that can write: which environment, which AWS, as whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from mangaops.model.site import Site
from mangaops.render import figures

PROTECTED = "PROTECTED"


def place_lines(site: Site, *, width: int, more: Sequence[str] = ()) -> Iterator[Text]:
    """Pieces that are never broken, on as few lines as they fit; `more` comes last."""
    line = Text()
    for piece, style in [*_pieces(site), *((one, "strong") for one in more)]:
        if line and len(line) + 2 + len(piece) > width:
            yield line
            line = Text()
        line.append("  " if line else "").append(piece, style=style)
    yield line


def place_words(site: Site) -> str:
    """The same in one line, for Markdown."""
    return ", ".join(piece for piece, _ in _pieces(site))


def _pieces(site: Site) -> Iterator[tuple[str, str]]:
    yield site.name, "strong"
    if site.protected:
        yield PROTECTED, "fail"
    yield figures.account(site.account) or "account unknown", "strong"
    if site.region:
        yield site.region, "strong"
    if site.caller:
        yield f"as {figures.caller(site.caller)}", "strong"
