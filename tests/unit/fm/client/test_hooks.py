"""What the application adds to a call: stored answers, products that exist, summaries."""

from __future__ import annotations

from typing import Any

import pytest

from mangaops import fm
from support.fm import Scripted, ask, desk, said, unavailable

TALK = ({"role": "user", "content": "x" * 9000}, {"role": "assistant", "content": "y" * 9000})


def down() -> Scripted:
    return Scripted(by=lambda *_: unavailable())


def test_a_stored_answer_that_was_checked_comes_before_the_template() -> None:
    checked: list[tuple[str, str]] = []

    def check(request: fm.Request, text: str) -> bool:
        checked.append((request.intent, text))
        return True

    hooks = fm.Hooks(stored=lambda _: '{"title": "Aria"}', check_stored=check)
    here = desk(down(), hooks=hooks)

    answer = here.client.complete(ask(schema={"type": "object"}))

    assert (answer.mode, answer.text) == (3, '{"title": "Aria"}')
    assert (answer.value, answer.model_answered) == ({"title": "Aria"}, None)
    assert checked == [("recommendation", '{"title": "Aria"}')]
    assert here.call["status"] == "retries_exhausted"


def _boom(*_: object) -> bool:
    raise ConnectionError("the cache of customer-4711 is away")


@pytest.mark.parametrize(
    ("hooks", "told"),
    [
        (fm.Hooks(stored=lambda _: None, check_stored=lambda *_: True), "template"),
        (fm.Hooks(stored=lambda _: " ", check_stored=lambda *_: True), "template"),
        (fm.Hooks(stored=lambda _: "old", check_stored=lambda *_: False), "refused it"),
        (fm.Hooks(stored=lambda _: "old", check_stored=_boom), "ConnectionError"),
        (fm.Hooks(stored=_boom, check_stored=lambda *_: True), "ConnectionError"),  # type: ignore[arg-type]
    ],
    ids=["nothing-stored", "stored-empty", "refused", "check-fails", "store-fails"],
)
def test_what_is_not_there_or_not_good_is_not_given(hooks: fm.Hooks, told: str) -> None:
    here = desk(down(), hooks=hooks)

    answer = here.client.complete(ask())

    assert answer.mode is fm.Mode.TEMPLATE
    assert any(told in reason for reason in answer.descended_because)
    assert "4711" not in str(here.records)


def test_nothing_stored_is_given_unchecked() -> None:
    with pytest.raises(ValueError, match="come together"):
        fm.Hooks(stored=lambda _: "old")


PICKS = '{"recommendations": [{"product_id": "B000000001"}, {"product_id": "B000000002"}]}'
SCHEMA = {"type": "object", "required": ["recommendations"]}


def test_products_that_do_not_exist_are_taken_out_and_told() -> None:
    hooks = fm.Hooks(known_products=lambda _: {"B000000002"})
    here = desk(Scripted(said(PICKS)), hooks=hooks)

    answer = here.client.complete(ask(schema=SCHEMA))

    assert answer.value == {"recommendations": [{"product_id": "B000000002"}]}
    assert (answer.mode, answer.attempts) == (2, 1)
    assert "1 product" in answer.descended_because[0]
    assert answer.products is not None
    assert answer.products.ids == ("B000000002",)


def test_an_answer_of_nothing_but_inventions_is_asked_for_again() -> None:
    here = desk(Scripted(last=said(PICKS)), hooks=fm.Hooks(known_products=lambda _: ()))

    answer = here.client.complete(ask(schema=SCHEMA))

    assert (answer.mode, answer.attempts) == (4, 3)
    assert here.call["error_code"] == "unusable_answer"


def test_a_catalogue_that_is_away_vouches_for_nothing() -> None:
    here = desk(Scripted(said(PICKS)), hooks=fm.Hooks(known_products=lambda _: None))

    answer = here.client.complete(ask(schema=SCHEMA))

    assert (answer.value, answer.attempts) == ({"recommendations": []}, 1)


@pytest.mark.parametrize(
    ("hook", "told"),
    [(lambda _: 1 / 0, "ZeroDivisionError"), (lambda _: 5, "TypeError"), (str, "TypeError")],
    ids=["raises", "a-number", "a-text"],
)
def test_a_catalogue_that_fails_vouches_for_nothing_and_is_told(hook: Any, told: str) -> None:
    here = desk(Scripted(said(PICKS)), hooks=fm.Hooks(known_products=hook))

    answer = here.client.complete(ask(schema=SCHEMA))

    assert (answer.value, answer.mode, answer.attempts) == ({"recommendations": []}, 2, 1)
    assert told in answer.descended_because[0]


def test_what_is_stored_is_a_text() -> None:
    wrong: Any = fm.Hooks(stored=lambda _: {"text": "old"}, check_stored=lambda *_: True)  # type: ignore[arg-type, return-value]
    here = desk(down(), hooks=wrong)

    answer = here.client.complete(ask())

    assert answer.mode is fm.Mode.TEMPLATE
    assert any("TypeError" in reason for reason in answer.descended_because)


def test_what_is_left_out_of_a_long_conversation_is_summarised() -> None:
    here = desk(Scripted(), hooks=fm.Hooks(summarise=lambda gone: f"{len(gone)} about x"))

    here.client.complete(fm.Request(intent="faq", messages=(*TALK * 3, fm.user("And now?"))))

    first = here.transport.sent[0].request.messages[0]["content"][0]["text"]
    assert "about x" in first


def test_a_catalogue_says_of_each_product_whether_it_is_there() -> None:
    stock: dict[str, bool] = {"B000000001": False, "B000000002": True}
    here = desk(Scripted(said(PICKS)), hooks=fm.Hooks(known_products=lambda _: stock))

    answer = here.client.complete(ask(schema=SCHEMA))

    assert answer.value == {"recommendations": [{"product_id": "B000000002"}]}


def test_a_shop_says_where_its_answers_name_products() -> None:
    rules = fm.ProductRules(keys=frozenset({"/picks/*/sku"}))
    picks = '{"picks": [{"sku": "B000000001"}, {"sku": "B000000002"}]}'
    hooks = fm.Hooks(known_products=lambda _: {"B000000002"}, product_rules=rules)
    here = desk(Scripted(said(picks)), hooks=hooks)

    answer = here.client.complete(ask(schema={"required": ["picks"]}))

    assert answer.value == {"picks": [{"sku": "B000000002"}]}
    assert answer.products is not None
    assert answer.products.verified


def test_a_schema_that_cannot_be_checked_is_asked_of_no_model() -> None:
    here = desk(Scripted(said(PICKS)))

    answer = here.client.complete(ask(schema={"properties": {"a": {"pattern": "^B0"}}}))

    assert (answer.attempts, answer.value) == (0, None)
    assert "schema.properties.a: 'pattern' is not checked" in answer.descended_because[0]
