from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from mangaops.fm.answers.mentions import ProductRules
from mangaops.fm.answers.product_ids import ids_in, is_isbn10, is_product_id
from mangaops.fm.answers.products import Doubt, check_products

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
        ({"asin": "x", "b": 1}, {}, [""]),
        ({"asin": None, "b": 1}, {"asin": None, "b": 1}, []),
        ({"products": "B0x"}, {"products": "B0x"}, []),
        ({"products": [["B0x"], [OTHER]]}, {"products": [[], [OTHER]]}, ["/products/0/0"]),
        ({"Recommendations": [{"ASIN": "x"}]}, {"Recommendations": []}, ["/Recommendations/0"]),
        ({"card": {"productId": "x"}}, {}, ["/card"]),
        (
            {"products": {"total": 1, "note": ["a"], "items": [{"title": "X"}]}},
            {"products": {"total": 1, "note": ["a"], "items": []}},
            ["/products/items/0"],
        ),
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


def test_a_shop_says_where_its_products_are_and_what_their_ids_look_like() -> None:
    rules = ProductRules(
        keys=frozenset({"sku", "/hero/code"}),
        lists=frozenset({"/rows/*/picks"}),
        well_formed=lambda text: text[:6] == "manga-",
    )
    value = {
        "hero": {"code": "x", "more": {"code": "kept"}},
        "cards": [{"SKU": "manga-0001"}, {"sku": "B0AAAAAAAA"}],
        "rows": [{"picks": ["manga-0002", "y"]}],
        "asin": "kept",
        "text": "or manga-0003.",
    }
    checked = check_products(value, rules=rules)

    assert checked.ids == ("manga-0001", "manga-0002")
    assert checked.in_texts == ("manga-0003",)
    assert [one.pointer for one in checked.removed] == ["/hero", "/cards/1", "/rows/0/picks/1"]
    assert checked.value["asin"] == "kept"


GONE = "B0GONE0001"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"products": GONE}, {}),
        ({"products": {GONE: {"title": "Naruto"}}}, {"products": {}}),
        ({"products": [[GONE]]}, {"products": [[]]}),
        ({"Recommendations": [{"ASIN": GONE}]}, {"Recommendations": []}),
        ({"asin": GONE, "title": "Naruto", "price": 5}, {}),
        ({"product_ids": {"items": [{"asin": GONE}]}}, {"product_ids": {"items": []}}),
    ],
)
def test_a_product_by_any_other_shape_is_one(value: Any, kept: Any) -> None:
    known, asked = _catalogue()
    checked = check_products(value, known=known)

    assert (checked.value, asked) == (kept, [{GONE}])
    assert [(one.doubt, one.product_id) for one in checked.removed] == [(Doubt.UNKNOWN, GONE)]
    assert checked.ids == ()


def test_ids_in_texts_and_keys_are_asked_about_and_an_unknown_one_is_told() -> None:
    value = {"reply": f"{GONE}か{OTHER}", "more": {GONE: 1}, "products": [{"asin": BOOK}]}
    known, asked = _catalogue(BOOK, OTHER)
    checked = check_products(value, known=known)

    assert asked == [{BOOK, OTHER, GONE}]
    assert (checked.value, checked.removed) == (value, ())
    assert checked.still_named == ("/reply", f"/more/{GONE}")
    assert (checked.ids, checked.in_texts, checked.verified) == ((BOOK,), (OTHER,), False)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({"products": [{"product_id": OTHER, "asin": GONE}]}, {"products": []}),
        ({"products": [{"asin": GONE, "also": [{"asin": OTHER}]}]}, {"products": []}),
    ],
)
def test_an_id_within_what_was_taken_out_is_not_told_as_there(value: Any, kept: Any) -> None:
    checked = check_products(value, known=_catalogue(OTHER)[0])

    assert (checked.value, checked.ids, checked.verified) == (kept, (), False)


@pytest.mark.parametrize(
    ("value", "verified"),
    [
        ({"reply": "Hello"}, False),
        ({"products": [{"asin": "B0x"}]}, False),
        ({"reply": f"Try {OTHER}."}, True),
        ({"reply": f"Try {GONE}."}, False),
        ({"products": [OTHER, GONE]}, True),
    ],
)
def test_verified_is_what_the_catalogue_was_asked_about(value: Any, verified: bool) -> None:
    assert check_products(value, known=_catalogue(OTHER)[0]).verified is verified


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (f"{OTHER}, {BOOK}; {OTHER}", (OTHER, BOOK)),
        (f"https://example.com/dp/{OTHER}?x=1", (OTHER,)),
        (f"\uff22\uff10{OTHER[2:]}を", (OTHER,)),
        (OTHER.lower(), (OTHER,)),
        (f"x{OTHER} {OTHER}0 4088725094", ()),
    ],
)
def test_ids_are_found_in_a_text(text: str, ids: tuple[str, ...]) -> None:
    assert ids_in(text) == ids


def test_a_removed_title_is_found_in_any_spelling() -> None:
    value = {
        "reply": "Buy NARUTO or \uff4earuto",
        "list": ["see naruto", "nothing"],
        "products": [{"asin": GONE, "name": "Naruto"}],
    }
    checked = check_products(value, known=_catalogue()[0])

    assert checked.still_named == ("/reply", "/list/0")


@pytest.mark.parametrize("count", [60, 300])
def test_all_that_was_removed_is_looked_for(count: int) -> None:
    """Beyond some hundreds every text counts as one that names a product."""
    products = [{"asin": f"B0{number:08}", "title": f"Title {number}x"} for number in range(count)]
    value = {"reply": "I like title 55X", "products": products}

    assert "/reply" in check_products(value, known=_catalogue()[0]).still_named


@pytest.mark.parametrize("given", [5, True, [["x"]], OTHER, OTHER.encode(), [None], object()])
def test_a_catalogue_that_answers_oddly_vouches_for_nothing(given: Any) -> None:
    checked = check_products({"products": [OTHER]}, known=lambda _: given)

    assert [one.doubt for one in checked.removed] == [Doubt.UNCHECKED]
    assert not checked.verified


def test_a_catalogue_may_answer_with_a_mapping() -> None:
    stock: Any = {OTHER: True, BOOK: False}

    assert check_products({"products": [OTHER, BOOK]}, known=lambda _: stock).ids == (OTHER,)


def test_a_rule_that_fails_makes_no_id() -> None:
    rules = ProductRules(well_formed=lambda text: bool(1 / (len(text) - len(OTHER))))
    checked = check_products({"products": [OTHER]}, rules=rules)

    assert [one.doubt for one in checked.removed] == [Doubt.ILL_FORMED]
    assert not any(map(is_product_id, [None, 5, ["x"]]))
    assert not is_isbn10(4088725093)
