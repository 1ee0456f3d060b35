from __future__ import annotations

import pytest

from mangaops.sandbox.insights.patterns import InvalidPattern, compile_pattern

EVENT = '{"a": "x", "b": 4, "c": {"d": [1, "two"]}, "n": null, "t": true}'


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR Code", "Code of an ERROR", True),
        ("ERROR -retry", "ERROR, retry", False),
        ('"out of stock"', "it is out of stock", True),
        ("?A ?B", "only B", True),
        ("?A ?B", "none", False),
        (r"%5\d\d%", "status 503", True),
        ('{ $.a = "x" && $.b > 3 }', EVENT, True),
        ('{ $.a = "x" && $.b > 4 }', EVENT, False),
        ('{ $.a = "y" || ($.b >= 4 && $.b != 5) }', EVENT, True),
        ('{ $.a != "x" }', EVENT, False),
        ('{ $.zz != "x" }', EVENT, False),
        ("{ $.c.d[1] = two }", EVENT, True),
        ('{ $.c.d[1] = "t*" }', EVENT, True),
        ("{ $.c.d[1] = %^t% }", EVENT, True),
        ("{ $.n IS NULL }", EVENT, True),
        ("{ $.t IS TRUE }", EVENT, True),
        ("{ $.z NOT EXISTS }", EVENT, True),
        ("{ $.b = 4 }", EVENT, True),
        ('{ $.b = "4" }', EVENT, False),
        ("{ $.a = x }", "prefix " + EVENT, False),
    ],
)
def test_a_pattern_matches(pattern: str, message: str, matches: bool) -> None:
    assert compile_pattern(pattern)(message) is matches


@pytest.mark.parametrize("pattern", ["{ $.a = }", "{ a = 1 }", "{ $.a > x }", "[ip, user]", "%(%"])
def test_a_pattern_that_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidPattern):
        compile_pattern(pattern)
