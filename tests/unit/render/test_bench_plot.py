"""A picture of a comparison: deterministic, small, and indifferent to odd names."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mangaops.bench.comparing.comparison import Report
from mangaops.render.bench_plot import plotted
from mangaops.render.ecdf import curve
from support.bench_reports import SAME

ODD = replace(SAME, intent="推薦 $x_1$ <b>")
REPORT = Report(comparisons=(ODD,))


def test_an_svg_has_no_date_and_the_same_bytes() -> None:
    curves = {ODD.intent: (curve("v$2$", [1, 2, 3]), curve("版", [2, math.inf]))}
    one = plotted(REPORT, curves, "svg")
    assert one == plotted(REPORT, curves, "svg")
    assert b"<dc:date>" not in one
    assert "v$2$ (3 calls)" in one.decode()


@pytest.mark.parametrize("values", [[], [math.inf], [5.0], [float(n) for n in range(20_000)]])
def test_a_png_of_any_number_of_calls(values: list[float]) -> None:
    curves = {ODD.intent: (curve("a", values), curve("b", [1.0, 2.0]))}
    picture = plotted(REPORT, curves, "png")
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000


def test_nothing_to_draw_is_an_empty_picture() -> None:
    assert plotted(REPORT, {}, "png").startswith(b"\x89PNG")
