"""What the application adds to a call: stored answers, products that exist, summaries."""

from __future__ import annotations

import pytest

from mangaops import fm
from support.fm import Scripted, ask, desk, unavailable

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
        (fm.Hooks(stored=lambda _: "old", check_stored=lambda *_: False), "refused it"),
        (fm.Hooks(stored=lambda _: "old", check_stored=_boom), "ConnectionError"),
        (fm.Hooks(stored=_boom, check_stored=lambda *_: True), "ConnectionError"),  # type: ignore[arg-type]
    ],
    ids=["nothing-stored", "refused", "check-fails", "store-fails"],
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


def test_what_is_left_out_of_a_long_conversation_is_summarised() -> None:
    here = desk(Scripted(), hooks=fm.Hooks(summarise=lambda gone: f"{len(gone)} about x"))

    here.client.complete(fm.Request(intent="faq", messages=(*TALK * 3, fm.user("And now?"))))

    first = here.transport.sent[0].request.messages[0]["content"][0]["text"]
    assert "about x" in first
