from __future__ import annotations

from datetime import timedelta

import pytest

from mangaops.diagnose.slots import FORMATS
from mangaops.model.evidence import Scalar
from mangaops.render import figures
from support.cases import NOW


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1801.2, "ms", "1,801 ms"),
        (10450.0, "ms", "10.4 s"),
        (0.081, "ratio", "8.1 %"),
        (95.0, "percent", "95 %"),
        (600, "duration", "10m"),
        (86400, "s", "86,400 s"),
        (1234567, "count", "1,234,567"),
        (0, "count", "0"),
        (3.14159, "", "3.14"),
        (0.00012, "", "0.00012"),
        (8, "OCU", "8 OCU"),
        (True, "", "yes"),
        (None, "ms", "unknown"),
        (float("nan"), "ms", "unknown"),
        ("ACTIVE", "", "ACTIVE"),
        (1795258800, "time", "2026-11-21 11:00 UTC"),
    ],
)
def test_a_figure_has_its_unit(value: Scalar, unit: str, text: str) -> None:
    assert figures.figure(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.206, "+21 %"), (-0.4587, "-46 %"), (None, ""), (250.0, "far over"), (0.001, "+0.1 %")],
)
def test_a_margin_is_a_signed_percentage(value: float | None, text: str) -> None:
    assert figures.margin(value) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(minutes=19), "19 min ago"),
        (timedelta(hours=5), "5 h ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(minutes=-10), "in 10 min"),
    ],
)
def test_an_age_is_relative(ago: timedelta, text: str) -> None:
    assert figures.age(NOW - ago, NOW) == text


def test_an_account_is_in_groups_of_four() -> None:
    assert figures.account("123456789012") == "1234-5678-9012"
    assert figures.account("") == ""


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (51_200_000, "51.2 MB"), (7_300_000_000_000, "7,300 GB")],
)
def test_scanned_bytes_are_short(size: int, text: str) -> None:
    assert figures.scanned(size) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "$0"), (0.00051, "$0.0005"), (0.00001, "<$0.0001"), (1.5, "$1.50")]
)
def test_dollars_are_short(amount: float, text: str) -> None:
    assert figures.dollars(amount) == text


def test_every_format_of_sentences_is_one_of_figures() -> None:
    assert set(FORMATS) - {""} <= set(figures._FORMS)
