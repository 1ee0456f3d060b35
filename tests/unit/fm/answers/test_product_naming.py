"""A product that is gone is found in a text in whichever way it is spelt."""

from __future__ import annotations

import pytest

from mangaops.fm.answers.naming import (
    Names,
    called,
    is_id_key,
    is_list_of_products,
    names,
    series_of,
)

TITLE = "Attack on Titan"


@pytest.mark.parametrize(
    "text",
    [
        "We love Attack-on-Titan!", "ATTACK ON TITAN", "attack_on_titan", "AttackOnTitan",
        "Attack&nbsp;on Titan", "Attack&#32;on&#x20;Titan", "Attack\u200bon Tit\u00adan",
        "\uff21\uff54tack\u3000on\u3000\uff34itan", "<b>Attack</b> on Titan",
        '<img alt="Attack on Titan">', "/shop/Attack%20on%20Titan", "**Attack** on\nTitan",
        "Attáck on Titan",
    ],
)  # fmt: skip
def test_a_title_is_found_however_it_is_spelt(text: str) -> None:
    assert names(text, [TITLE])


@pytest.mark.parametrize(
    ("text", "title", "found"),
    [
        ("Attack on Titan volume 1 is the best", "Attack on Titan, Vol. 1", True),
        ("ワンピース第3巻", "ワンピース 3", True),
        ("ﾜﾝﾋﾟｰｽ 3", "ワンピース 3", True),
        ("カンダム", "ガンダム", False),
        ("it took on an icon", "K-On!", False),
        ("Watch K-ON!! now", "K-On!", True),
        ("OK, Kind", "K", False),
        ("Kを読む", "K", True),
        ("a ★ b", "★", True),
        ("See B0GONE0001.", "B0GONE0001", True),
        ("anything", "", False),
        ("anything", " ", False),
        ("half \ud800", "\ud800", True),
    ],
)
def test_what_is_and_what_is_not_the_title(text: str, title: str, found: bool) -> None:
    assert names(text, [title]) is found


def test_many_texts_are_asked_for_many_titles() -> None:
    sought = Names([f"Title of book {number}x" for number in range(200)])
    assert sought.stand_in("title-of-book 199X")
    assert not sought.stand_in("title of book 200x")
    assert not Names([]).stand_in("anything")


@pytest.mark.parametrize(
    ("title", "series"),
    [
        ("Attack on Titan, Vol. 1", "attack on titan"),
        ("ワンピース 第3巻", "ワンピース"),
        ("Naruto 2", "naruto"),
        ("Demon Slayer: Kimetsu no Yaiba", "demon slayer"),
        ("Re:Zero", "re:zero"),
        ("1, 2", "1, 2"),
        ("86", "86"),
    ],
)
def test_the_series_is_what_stands_before_the_volume(title: str, series: str) -> None:
    assert series_of(title) == series


def test_a_product_is_called_by_its_ids_and_all_its_titles() -> None:
    product = {"ASIN": "B0", "title": ["a", "b"], "title_ja": "c", "name": {"en": "d"}, "price": 5}
    assert called({**product, "note": "e", "titled": "f"}) == ("B0", "a", "b", "c", "d")
    assert [is_id_key(key) for key in ("product_id", "Product-Id", "productId", "id", 5)] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert is_list_of_products("Recommendations")
    assert not is_list_of_products("items")
