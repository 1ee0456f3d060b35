from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from mangaops.fm.answers.products import Doubt, check_products, is_isbn10, is_product_id

BOOK, OTHER = "4088725093", "B00ZI7AGUW"


@pytest.mark.parametrize("text", ["B00ZI7AGUW", "4088725093", "155404295X", "0306406152"])
def test_a_product_id_is_an_asin_or_an_isbn(text: str) -> None:
    assert is_product_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "B00ZI7AGUW\n",
        " B00ZI7AGUW",
        "xB00ZI7AGUWx",
        "B00ZI7AGU",
        "B00ZI7AGUWW",
        "b00zi7aguw",
        "A00ZI7AGUW",
        "B00ZI7AGU\u0661",
        "4088725094",
        "4088725093\n",
        "408872509",
        "4-08-872509-3",
        "155404295x",
        "X554042950",
        "\u0664088725093",
        "manga-0001",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_product_id(text)


def test_a_single_wrong_digit_of_an_isbn_is_found() -> None:
    wrong = {
        BOOK[:place] + digit + BOOK[place + 1 :]
        for place in range(10)
        for digit in "0123456789"
        if digit != BOOK[place]
    }

    assert not any(map(is_isbn10, wrong))


def _catalogue(*ids: str) -> Any:
    asked: list[Collection[str]] = []

    def known(some: Collection[str]) -> Collection[str]:
        asked.append(some)
        return [one for one in some if one in ids]

    return known, asked


def test_a_product_that_does_not_exist_is_taken_out_and_told() -> None:
    value = {
        "response_text": "Try Naruto, or Berserk.",
        "recommendations": [
            {"product_id": BOOK, "title": "Naruto"},
            {"product_id": "B0AAAAAAAA", "title": "Berserk"},
            {"product_id": "B0 wrong", "title": "Bleach"},
            {"title": "One Piece"},
            {"product_id": 4088725093, "title": "As a number"},
        ],
    }
    before = repr(value)
    known, asked = _catalogue(BOOK)
    checked = check_products(value, known=known)

    assert checked.value["recommendations"] == [{"product_id": BOOK, "title": "Naruto"}]
    assert [(one.pointer, one.doubt, one.product_id) for one in checked.removed] == [
        ("/recommendations/1", Doubt.UNKNOWN, "B0AAAAAAAA"),
        ("/recommendations/2", Doubt.ILL_FORMED, None),
        ("/recommendations/3", Doubt.NO_ID, None),
        ("/recommendations/4", Doubt.ILL_FORMED, None),
    ]
    assert checked.still_named == ("/response_text",)
    assert (checked.ids, checked.verified) == ((BOOK,), True)
    assert [set(ids) for ids in asked] == [{BOOK, "B0AAAAAAAA"}]
    assert repr(value) == before


@pytest.mark.parametrize(
    ("value", "kept", "pointers"),
    [
        ({"products": None}, {"products": None}, []),
        ({"products": [OTHER, "B0x", None]}, {"products": [OTHER]}, ["/products/1", "/products/2"]),
        ({"asins": ["x", "y"]}, {"asins": []}, ["/asins/0", "/asins/1"]),
        ({"cart": {"asin": "x", "count": 2}, "b": 1}, {"b": 1}, ["/cart"]),
        ({"asin": "x", "b": 1}, {"b": 1}, ["/asin"]),
        ({"a": [{"b": [{"asin": "x"}], "asin": "y"}]}, {"a": []}, ["/a/0", "/a/0/b/0"]),
        ({"tags": ["x", "y"]}, {"tags": ["x", "y"]}, []),
        ([{"asin": "x"}, {"asin": OTHER}], [{"asin": OTHER}], ["/0"]),
    ],
)
def test_products_are_found_wherever_they_stand(value: Any, kept: Any, pointers: list[str]) -> None:
    checked = check_products(value)

    assert checked.value == kept
    assert [one.pointer for one in checked.removed] == pointers


def _raises(_: Collection[str]) -> Collection[str]:
    raise ConnectionError


@pytest.mark.parametrize("known", [_raises, lambda _: None])
def test_a_catalogue_that_cannot_be_asked_vouches_for_nothing(known: Any) -> None:
    checked = check_products({"products": [{"asin": OTHER}]}, known=known)

    assert checked.value == {"products": []}
    assert [one.doubt for one in checked.removed] == [Doubt.UNCHECKED]
    assert not checked.verified


def test_without_a_catalogue_only_the_form_is_looked_at() -> None:
    checked = check_products({"products": [{"asin": OTHER}]})

    assert (checked.ids, checked.verified, checked.removed) == ((OTHER,), False, ())


def test_a_shop_with_ids_of_its_own_says_what_they_look_like() -> None:
    checked = check_products(
        {"products": [{"product_id": "manga-0001"}]}, well_formed=lambda text: text[:6] == "manga-"
    )

    assert checked.ids == ("manga-0001",)
