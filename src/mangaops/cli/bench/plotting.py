"""`--plot FILE`: a picture of the comparison, checked before any work and never overwritten."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops.cli.new_file import refuse_existing, write_new
from mangaops.errors import InputError

if TYPE_CHECKING:
    from mangaops.cli.bench.comparing import Compared

_OPTION = "--plot"
_FORMATS = ("png", "svg")


def refuse_plot(file: Path, *, find: Callable[[str], object] = find_spec) -> None:
    """Raises InputError for a file that cannot or must not be written, or without matplotlib.

    `find` looks for a module by name; None is not installed.
    """
    if _form(file) not in _FORMATS:
        what = f"`{file.name}` ends neither in .png nor in .svg"
        raise InputError(what, where=_OPTION, hint=f"{_OPTION} {file.stem or 'latency'}.png")
    refuse_existing(file, hint=f"name another file with {_OPTION}")
    if not file.parent.is_dir():
        raise InputError("there is no such folder", where=str(file.parent), hint="make it first")
    if find("matplotlib") is None:
        what = "a picture needs matplotlib, which is not installed"
        raise InputError(what, where=_OPTION, hint="pip install 'mangaops[plot]'")


def write_plot(found: Compared, file: Path) -> None:
    """Raises InputError where it cannot be written."""
    from mangaops.render.bench_plot import plotted  # noqa: PLC0415 - an extra, and slow

    picture = plotted(found.report, found.curves, _form(file))
    try:
        write_new(file, picture)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise InputError(what, where=str(file), hint=_OPTION) from None


def _form(file: Path) -> str:
    return file.suffix.lower().removeprefix(".")
