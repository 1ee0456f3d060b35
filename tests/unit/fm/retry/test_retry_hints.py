"""Server hints: the table of Anthropic's SDK, and AWS's own headers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops.fm.retry.hints import LONGEST, retry_after

NOW = datetime.fromtimestamp(1_696_004_797, UTC)  # Fri, 29 Sep 2023 16:26:37 GMT

# The values are of the test `parse_retry_after_header` of Anthropic's Python SDK (MIT). Where
# that takes its own wait, there is no hint here; 61 s are a hint too, for the deadline to judge.
TABLE = [
    ("20", 20),
    ("0", None),
    ("-10", None),
    ("60", 60),
    ("61", 61),
    ("Fri, 29 Sep 2023 16:26:57 GMT", 20),
    ("Fri, 29 Sep 2023 16:26:37 GMT", None),
    ("Fri, 29 Sep 2023 16:26:27 GMT", None),
    ("Fri, 29 Sep 2023 16:27:37 GMT", 60),
    ("Fri, 29 Sep 2023 16:27:38 GMT", 61),
    ("99999999999999999999999999999999999", None),
    ("Zun, 29 Sep 2023 16:26:27 GMT", None),
    ("", None),
]


@pytest.mark.parametrize(("value", "expected"), TABLE)
def test_retry_after_is_seconds_or_a_date(value: str, expected: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"x-amz-retry-after": "1500"}, 1.5),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250.5"}, 0.2505),
        ({"X-Amz-Retry-After": "1500", "Retry-After": "9"}, 1.5),
        ({"retry-after-ms": "250", "x-amz-retry-after": "1500"}, 1.5),
        ({"x-amz-retry-after": "soon", "retry-after": "9"}, 9),
        ({"x-amz-retry-after": "0", "retry-after-ms": "-1", "retry-after": "9"}, 9),
        ({"retry-after": " 9 "}, 9),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "1e3"}, None),
        ({"retry-after": "1_0"}, None),
        ({"retry-after": "\uff19"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "Fri, 29 Sep 2023 16:26:57 -0000"}, 20),
        ({"retry-after": "Fri, 29 Sep 2023 16:26:57 +999999"}, None),
        ({"retry-after": "Fri, 29 Sep 9999999 16:26:57 GMT"}, None),
    ],
)
def test_the_first_header_that_can_be_believed_counts(
    headers: dict[str, str], expected: float | None
) -> None:
    assert retry_after(headers, NOW) == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(value=st.text(max_size=30) | st.floats().map(str) | st.integers().map(str))
def test_no_header_breaks_it(value: str) -> None:
    for name in ("x-amz-retry-after", "retry-after-ms", "retry-after"):
        hint = retry_after({name: value}, NOW)
        assert hint is None or 0 < hint <= LONGEST
