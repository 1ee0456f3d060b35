"""A pre-computed answer never shows what is not known to be in stock, in no field of it."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops import fm
from mangaops.fm.precomputed import NoInventory, validate_precomputed

A, B, C = "B0MANGA001", "B0MANGA002", "4088725093"
TITLES = {A: "Yotsuba&! 1", B: "ワンピース 3", C: "Naruto"}


def entry(*ids: str, text: str = "Our picks.", **more: Any) -> dict[str, Any]:
    items = [{"product_id": one, "title": TITLES[one]} for one in ids]
    return {"response_text": text, "recommendations": items, "generated_at": "t", **more}


def ids(checked: fm.Validated) -> list[str]:
    assert checked.entry is not None
    return [item["product_id"] for item in checked.entry["recommendations"]]


def test_what_is_in_stock_is_unchanged() -> None:
    stored = entry(A, B, inventory_version=7, campaign="spring")
    checked = fm.validate_precomputed(stored, {A: 1, B: 40, C: 0})
    assert checked == fm.Validated(entry=stored)
    assert list(checked.entry or ()) == list(stored)


@pytest.mark.parametrize(
    "quantity",
    [0, -1, None, "5", True, float("nan"), Decimal("NaN"), Decimal("sNaN"), float("inf")],
    ids=["zero", "negative", "null", "text", "true", "nan", "decimal nan", "signal", "inf"],
)
def test_what_is_not_known_to_be_there_is_taken_out(quantity: Any) -> None:
    checked = validate_precomputed(entry(A, B), {A: 3, B: quantity})
    assert (ids(checked), checked.removed) == ([A], (B,))


def test_an_id_that_the_stock_does_not_know_is_sold_out() -> None:
    checked = validate_precomputed(entry(A, B), {A: Decimal(3)})
    assert (ids(checked), checked.removed) == ([A], (B,))
    assert checked.reasons == (f"{B}: the stock does not know it",)


def test_enough_is_what_is_asked_for() -> None:
    assert ids(validate_precomputed(entry(A, B), {A: 1, B: 1})) == [A, B]
    assert ids(validate_precomputed(entry(A, B), {A: 1, B: 2}, minimum=2)) == [B]
    assert ids(validate_precomputed(entry(A, B), {A: 1, B: 2}, minimum={B: 3})) == [A]
    with pytest.raises(ValueError, match="at least 1"):
        validate_precomputed(entry(A), {A: 1}, minimum=0)


@pytest.mark.parametrize(
    "text",
    ["Read ワンピース 3 now!", "Read ワンピース3!", f"See {B}.", "Read ﾜﾝﾋﾟｰｽ 3"],
    ids=["title", "no space", "id", "half width"],
)
def test_a_text_that_names_what_is_gone_is_written_anew(text: str) -> None:
    checked = validate_precomputed(entry(A, B, C, text=text), {A: 1, C: 1})
    assert checked.entry is not None
    assert checked.entry["response_text"] == "Yotsuba&! 1\nNaruto"
    assert "response_text names what is not in stock: written anew" in checked.reasons


TITAN = {"product_id": B, "title": "Attack on Titan, Vol. 1"}


@pytest.mark.parametrize(
    "text",
    [
        "We love Attack-on-Titan", "Attack&nbsp;on Titan", "attack_on_titan",
        "Attack\u200bon Titan", "Attack on Titan volume 1 is the best",
    ],
)  # fmt: skip
def test_however_it_is_spelt(text: str) -> None:
    stored = entry(A, text=text, headline=text)
    stored["recommendations"].append(TITAN)
    checked = validate_precomputed(stored, {A: 1})
    assert checked.entry is not None
    assert checked.entry["response_text"] == "Yotsuba&! 1"
    assert "headline" not in checked.entry


@pytest.mark.parametrize(
    "titles",
    [{"name": "Akira"}, {"title_ja": "Akira"}, {"title": ["Nothing", "Akira"]}, {}],
    ids=["name", "language", "list", "none"],
)
def test_whatever_its_title_is_called(titles: dict[str, Any]) -> None:
    stored = entry(A, text="Akira is here")
    stored["recommendations"].append({"asin": B, **titles})
    checked = validate_precomputed(stored, {A: 1})
    assert checked.removed == (B,)
    assert checked.entry is not None
    assert checked.entry["response_text"] == "Yotsuba&! 1"


def test_products_are_checked_wherever_they_stand() -> None:
    stored = entry(A, B, product_ids=[A, B], count=2)
    stored["sections"] = [{"products": [{"asin": C, "title": "Naruto"}]}]
    stored["more"] = [{"products": [{"asin": A}]}]
    stored["recommendations"][0]["bundle"] = {"asins": [C]}
    checked = validate_precomputed(stored, {A: 1})
    assert checked.removed == (B, C)
    assert checked.entry == {
        "response_text": "Our picks.",
        "recommendations": [{"product_id": A, "title": TITLES[A]}],
        "generated_at": "t",
        "product_ids": [A],
        "count": 1,
        "more": [{"products": [{"asin": A}]}],
    }


@pytest.mark.parametrize(
    "below",
    [{B: {"title": "Akira"}}, B, [[B]], [{"productId": B}]],
    ids=["keys", "id", "deep", "key"],
)
def test_a_product_below_the_name_of_a_list_goes_too(below: Any) -> None:
    checked = validate_precomputed(entry(A, sections={"products": below}), {A: 1})
    assert checked.entry is not None
    assert "sections" not in checked.entry
    assert checked.removed[-1] == B
    assert checked.entry["response_text"] == ("Our picks." if "Akira" in str(below) else TITLES[A])


@pytest.mark.parametrize(
    "rewrite",
    [lambda titles: f"{titles}, and ワンピース3", lambda _: 1 / 0, lambda _: None],
    ids=["names it", "raises", "no text"],
)
def test_what_the_caller_writes_is_looked_at(rewrite: Any) -> None:
    checked = validate_precomputed(entry(A, B, text="ワンピース 3!"), {A: 1}, rewrite=rewrite)
    assert checked.entry is not None
    assert checked.entry["response_text"] == "Yotsuba&! 1"


def test_a_stock_that_was_read_verifies_again() -> None:
    stored = entry(A, availability_verified=False)
    checked = validate_precomputed(stored, {A: 1})
    assert checked.entry == {**stored, "availability_verified": True}


def test_the_caller_may_write_the_text() -> None:
    stored = entry(A, B, text="ワンピース 3!")
    checked = validate_precomputed(
        stored, {A: 1}, rewrite=lambda titles: f"Still here: {', '.join(titles)}"
    )
    assert checked.entry is not None
    assert checked.entry["response_text"] == "Still here: Yotsuba&! 1"


def test_other_fields_that_name_it_are_left_out_and_the_rest_is_kept() -> None:
    stored = entry(A, B, headline="ワンピース 3 is back", campaign={"of": "spring"})
    stored["recommendations"][0]["because"] = f"bought with {B}"
    stored["recommendations"][0]["rank"] = 1
    checked = validate_precomputed(stored, {A: 1})
    assert checked.entry is not None
    assert checked.entry["campaign"] == {"of": "spring"}
    assert "headline" not in checked.entry
    assert checked.entry["recommendations"] == [
        {"product_id": A, "title": TITLES[A], "rank": 1},
    ]


def test_nothing_sound_is_no_entry() -> None:
    assert validate_precomputed(entry(A), {}).entry is None
    assert validate_precomputed({"response_text": "Hello"}, {A: 1}).entry is None
    assert validate_precomputed(entry(), {A: 1}).entry is None
    malformed = {"recommendations": [None, {"title": "X"}, "B0"]}
    checked = validate_precomputed(malformed, {A: 1})
    assert checked.entry is None
    assert checked.removed == ("recommendations[0]", "recommendations[1]", "B0")
    assert validate_precomputed(None, {A: 1}).entry is None  # type: ignore[arg-type]
    cycle = entry(A)
    cycle["self"] = cycle
    assert validate_precomputed(cycle, {A: 1, B: 0}).entry is None


def test_what_is_in_stock_again_is_shown_again() -> None:
    stored = entry(A, B, text="ワンピース 3!")
    before = copy.deepcopy(stored)
    assert ids(validate_precomputed(stored, {A: 1, B: 0})) == [A]
    assert validate_precomputed(stored, {A: 1, B: 9}).entry == before


def test_an_older_reading_of_the_stock_is_none() -> None:
    stored = entry(A, inventory_version=7)
    assert validate_precomputed(stored, {A: 1}, inventory_version=6).entry is None
    newer = validate_precomputed(stored, {A: 1}, inventory_version=8)
    assert newer.entry == {**stored, "inventory_version": 8}


def test_versions_may_be_texts_and_what_cannot_be_compared_is_not_trusted() -> None:
    stored = entry(A, inventory_version="202611211000")
    assert validate_precomputed(stored, {A: 1}, inventory_version="202611211000").entry == stored
    assert validate_precomputed(stored, {A: 1}, inventory_version="202611210959").entry is None
    assert validate_precomputed(stored, {A: 1}, inventory_version=9).entry is None
    assert validate_precomputed(stored, {A: 1}, inventory_version="etag").entry is None
    tenth = entry(A, inventory_version="v10")
    assert validate_precomputed(tenth, {A: 1}, inventory_version="v9").entry is None
    assert validate_precomputed(tenth, {A: 1}, inventory_version="v10").entry == tenth
    assert validate_precomputed(tenth, {A: 1}, inventory_version="w9").entry is None
    for odd in (Decimal("sNaN"), Decimal("NaN"), float("nan"), "9" * 5000):
        assert validate_precomputed(entry(A, inventory_version=7), {A: 1}, inventory_version=odd)


def test_without_the_stock_the_policy_decides() -> None:
    stored = entry(A)
    withheld = validate_precomputed(stored, None)
    assert (withheld.entry, withheld.verified) == (None, False)
    served = validate_precomputed(stored, None, without_inventory=NoInventory.SERVE_UNVERIFIED)
    assert served.entry == {**stored, "availability_verified": False}
    assert not served.verified


IDS = st.sampled_from(["P1", "P2", "P3", "P4"])
NAMES = st.sampled_from(["Ao", "Bi", "Ao Bi", "Kuro", ""])
ITEM = st.fixed_dictionaries({"product_id": IDS, "title": NAMES}, optional={"note": NAMES})
QUANTITY = st.one_of(st.integers(-2, 3), st.none(), st.floats(), st.booleans())


@given(
    stored=st.fixed_dictionaries(
        {"recommendations": st.lists(ITEM | st.none(), max_size=5), "response_text": NAMES},
        optional={"other": st.lists(NAMES)},
    ),
    inventory=st.dictionaries(IDS, QUANTITY),
    minimum=st.integers(1, 3),
)
@settings(max_examples=60, deadline=None)
def test_nothing_of_a_product_that_is_gone_is_left(
    stored: dict[str, Any], inventory: dict[str, Any], minimum: int
) -> None:
    before = copy.deepcopy(stored)
    checked = validate_precomputed(stored, inventory, minimum=minimum)
    assert stored == before
    if checked.entry is None:
        return
    shown = {item["product_id"] for item in checked.entry["recommendations"]}
    assert shown
    for one in shown:
        assert type(inventory[one]) in (int, float)
        assert inventory[one] >= minimum
    assert shown.isdisjoint(checked.removed)
    gone = [item for item in stored["recommendations"] if item and item["product_id"] not in shown]
    free = {key: value for key, value in checked.entry.items() if key == "other"}
    notes = [item.get("note") for item in checked.entry["recommendations"]]
    told = json.dumps([free, notes]).replace(" ", "").casefold()
    assert all(
        item["title"].replace(" ", "").casefold() not in told for item in gone if item["title"]
    )
    if not checked.removed:
        assert checked.entry == stored
