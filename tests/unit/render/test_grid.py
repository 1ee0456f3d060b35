from __future__ import annotations

from mangaops.model.evidence import Row
from mangaops.render.grid import grid_markdown, grid_text

ROWS: list[Row] = [
    {"intent": "faq", "p95": 812.4, "calls": 1200, "title": "鬼滅の刃"},
    {"intent": "order|tracking", "p95": None, "calls": 7, "title": "x"},
]
COLUMNS = ("intent", "title", "p95", "calls")


def test_columns_are_aligned_by_what_is_seen() -> None:
    assert grid_text(COLUMNS, ROWS, {"p95": "ms"}) == (
        "intent          title        p95  calls\n"
        "faq             鬼滅の刃  812 ms  1,200\n"
        "order|tracking  x              -      7\n"
    )


def test_markdown_is_escaped() -> None:
    assert grid_markdown(("intent",), ROWS, {}) == (
        "| intent |\n| --- |\n| faq |\n| order\\|tracking |\n"
    )
