"""What is being read, on one line of stderr that goes away again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mangaops.cli.context import AppContext
from mangaops.cli.options import Show
from mangaops.evidence.progress import Finished, Progress, Started, Waiting

_CLEAR = "\r\x1b[2K"
_PATIENCE = 2.0
"""Only what takes longer than this says what it waits for."""
_MOST_NAMES = 3


class Line:
    """Shows the present state; every call comes from the collecting thread."""

    def __init__(self, write: Callable[[str], None], *, width: int) -> None:
        self._write = write
        self._width = width
        self._titles: dict[str, str] = {}
        self._read = 0

    def tell(self, event: Progress) -> None:
        match event:
            case Started():
                self._titles[event.id] = event.title
                self.show(f"reading {event.title}")
            case Finished():
                self._read += 1
                self.show(f"{self._read} of {len(self._titles)} read")
            case Waiting():
                self._wait(event)

    def _wait(self, event: Waiting) -> None:
        if event.seconds < _PATIENCE or not event.ids:
            return
        names = [self._titles.get(i, i) for i in event.ids]
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        told = ", ".join(names[:_MOST_NAMES])
        self.show(f"waiting for {told}{more} ({event.seconds:.0f} s)")

    def show(self, text: str) -> None:
        self._write(_CLEAR + text[: max(self._width - 1, 1)])

    def clear(self) -> None:
        self._write(_CLEAR)


@contextmanager
def one_line(app: AppContext, show: Show) -> Iterator[Callable[[str], None]]:
    """How to tell what is going on: a line on a terminal, lines with -v, else nothing.

    Told nothing (`""`), the line is cleared: before a question, say.
    """
    if show.verbose:
        yield lambda text: app.terminal.say(text) if text else None
        return
    if show.quiet or not app.terminal.shows_progress:
        yield lambda _: None
        return
    line = Line(app.terminal.say_raw, width=app.terminal.width)
    try:
        yield line.show
    finally:
        line.clear()


@contextmanager
def progress(app: AppContext, show: Show) -> Iterator[Callable[[Progress], None]]:
    """How to tell progress: a line on a terminal, lines with -v, else nothing."""
    if show.verbose:
        yield lambda event: _say(app, event)
        return
    if show.quiet or not app.terminal.shows_progress:
        yield lambda _: None
        return
    line = Line(app.terminal.say_raw, width=app.terminal.width)
    try:
        yield line.tell
    finally:
        line.clear()


def _say(app: AppContext, event: Progress) -> None:
    match event:
        case Finished(evidence=found):
            detail = f": {found.detail}" if found.detail else ""
            state = found.state.value.replace("_", " ")
            app.terminal.say(f"{found.seconds:6.2f} s  {found.id}: {state}{detail}")
        case Waiting(ids=ids, seconds=seconds) if seconds >= _PATIENCE:
            app.terminal.say(f"waiting for {', '.join(ids)} ({seconds:.0f} s)")
        case _:
            return
