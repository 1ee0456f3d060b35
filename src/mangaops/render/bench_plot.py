"""The curves of a comparison as a PNG or SVG, by matplotlib (extra `plot`).

The same curves give the same SVG: its ids come from a fixed salt, and it has no date.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mangaops.bench.comparing.comparison import Report
from mangaops.render.bench_words import headline
from mangaops.render.ecdf import Curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = ("png", "svg")
_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "mangaops",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.titlesize": 9,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_COLOURS = ("#1f77b4", "#d95f02")
"""Blue and orange, which all kinds of sight tell apart; the candidate is dashed as well."""
_STYLES = ("-", "--")
_P95 = 0.95
_DOTS = 150
_MOST = 5000
"""Steps of a curve: more of them cannot be seen, and make a large file."""


def plotted(report: Report, curves: Mapping[str, tuple[Curve, Curve]], form: str) -> bytes:
    """One panel an intent, one below the other; `form` is one of FORMATS.

    Raises ImportError without matplotlib.
    """
    import matplotlib as mpl  # noqa: PLC0415 - an extra, and slow
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - as above
    from matplotlib.figure import Figure  # noqa: PLC0415 - as above

    shown = [one for one in report.comparisons if one.intent in curves]
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its font cache is, for one
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name in letters that the font does not have
        figure = Figure(figsize=(7, 0.6 + 2.9 * max(1, len(shown))), layout="constrained")
        FigureCanvasAgg(figure)
        panels = figure.subplots(max(1, len(shown)), 1, squeeze=False)
        for one, (panel,) in zip(shown, panels, strict=False):
            _panel(panel, curves[one.intent])
            panel.set_title(
                f"{one.verdict.value} {one.intent}   {'  '.join(headline(one))}", loc="left"
            )
        out = io.BytesIO()
        extra: dict[str, Any] = {"Date": None} if form == "svg" else {"Software": None}
        figure.savefig(out, format=form, dpi=_DOTS, metadata=extra)
    return out.getvalue()


def _panel(panel: Axes, both: tuple[Curve, Curve]) -> None:
    for one, colour, style in zip(both, _COLOURS, _STYLES, strict=True):
        failed = f", {one.failed:,} failed" if one.failed else ""
        numbers = range(0, len(one.answered), max(1, len(one.answered) // _MOST))
        places = [one.answered[number] for number in numbers] + [*one.answered[-1:]]
        panel.step(
            places,
            [one.share(ms) for ms in places],
            where="post",
            color=colour,
            linestyle=style,
            label=f"{one.label} ({one.calls:,} calls{failed})",
        )
    panel.axhline(_P95, color="#888888", linewidth=0.7, linestyle=":")
    panel.set_ylim(0, 1.02)
    panel.set_xlabel("ms until the whole answer")
    panel.set_ylabel("share of all calls")
    panel.legend(loc="lower right", frameon=False)
