from __future__ import annotations

import pytest

from mangaops.aws.cache import CacheGateway, next_count
from mangaops.errors import ConfigError


@pytest.mark.parametrize(
    ("count", "cost", "following"),
    [
        (1000, 0.0005, 2000),
        (4000, 0.0005, 5000),
        (2000, 0.0015, 2000),
        (2000, 0.004, 1000),
        (150, 0.5, 100),
    ],
)
def test_count_adapts_so_that_a_call_holds_the_server_for_a_millisecond_or_two(
    count: int, cost: float, following: int
) -> None:
    assert next_count(count, cost) == following


@pytest.mark.parametrize("url", ["http://cache", "redis://cache:many/0", ""])
def test_a_url_of_another_kind_is_a_wrong_setting(url: str) -> None:
    cache = CacheGateway(url, monotonic=lambda: 0.0)
    with pytest.raises(ConfigError, match="the cache URL cannot be used"):
        cache.entries("*", most=1, check=lambda: None)
