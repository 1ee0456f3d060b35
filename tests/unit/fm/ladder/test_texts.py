"""What is said without a model: the default texts, and in which language."""

from __future__ import annotations

import pytest

from mangaops import fm
from mangaops.fm.ladder.texts import language_of, say

OURS = fm.manga_assist()


def of(content: object) -> fm.Request:
    return fm.Request(intent="faq", messages=({"role": "user", "content": content},))


@pytest.mark.parametrize(
    ("content", "language"),
    [
        ("Where is my order?", "en"),
        ("注文はどこ?", "ja"),
        ("ONE PIECEの新刊", "ja"),
        ([{"text": "ﾜﾝﾋﾟｰｽ"}], "ja"),
        ([{"image": {}}, {"text": "this one?"}], "en"),
        (None, "en"),
        (17, "en"),
    ],
)
def test_the_last_message_tells_the_language(content: object, language: str) -> None:
    assert language_of(of(content)) == language


def test_a_request_without_messages_is_answered_in_english() -> None:
    assert language_of(fm.Request(intent="faq", messages=())) == "en"


def test_one_text_is_for_everybody_and_the_first_for_other_languages() -> None:
    assert say("Ask {human}", of("注文"), human="us") == "Ask us"
    assert say({"de": "Fragen Sie {human}"}, of("Hi"), human="uns") == "Fragen Sie uns"


@pytest.mark.parametrize(
    "intent", ["greeting", "faq", "order_tracking", "recommendation", "comparison"]
)
def test_each_known_intent_has_a_template_in_both_languages(intent: str) -> None:
    template = OURS.policy(intent).template

    assert template is not None
    assert say(template, of("Hello"), human="X").isascii()
    assert not say(template, of("こんにちは"), human="X").isascii()


def test_simple_intents_are_haikus_and_others_sonnets_with_haiku_behind() -> None:
    simple = {name for name, one in OURS.intents.items() if "haiku" in one.route.model_id}

    assert simple == {"greeting", "faq", "order_tracking"}
    for policy in OURS.intents.values():
        ids = [one.model_id for one in (policy.route, *policy.alternates, *policy.backups)]
        assert all(OURS.models.of(one) for one in ids)
        assert [one.region for one in policy.alternates] == ["ap-northeast-3"]


def test_a_model_that_is_no_japanese_profile_has_no_other_way() -> None:
    other = fm.manga_assist(sonnet="anthropic.claude-sonnet-4-6", region="us-east-1")

    assert other.policy("comparison").alternates == ()
