"""How MangaAssist calls its models: five intents, two models, Tokyo with Osaka beside it.

Simple intents (greeting, faq, order_tracking) are served by Haiku, complex ones
(recommendation, comparison, and any that is not known) by Sonnet with Haiku as its backup.
Both are asked by Japan's inference profiles, so prompts do not leave the country.
"""

from __future__ import annotations

from mangaops.fm.config import OTHERS, Config, IntentPolicy, Text
from mangaops.fm.target import Target
from mangaops.fm.transport.raw import Limits

SONNET = "jp.anthropic.claude-sonnet-4-6"
HAIKU = "jp.anthropic.claude-haiku-4-5-20251001-v1:0"
TOKYO, OSAKA = "ap-northeast-1", "ap-northeast-3"

TEMPLATES: dict[str, Text] = {
    "greeting": {
        "en": "Hello, this is MangaAssist. What are you looking for today?",
        "ja": "こんにちは、MangaAssistです。今日はどんな作品をお探しですか?",
    },
    "faq": {
        "en": "I can't look that up right now. Answers to frequent questions are here: {human}",
        "ja": "ただいまお調べできません。よくあるご質問はこちらをご覧ください: {human}",
    },
    "order_tracking": {
        "en": "I can't look up your order right now. You find its status under Your Orders, "
        "and our staff here: {human}",
        "ja": "ただいまご注文の状況をお調べできません。注文履歴でご確認いただくか、"
        "担当者にお問い合わせください: {human}",
    },
    "recommendation": {
        "en": "I can't put together a personal recommendation right now. Our bestsellers and "
        "new releases are on the home page.",
        "ja": "ただいまお客様に合わせたおすすめをご用意できません。ベストセラーと新刊は"
        "トップページでご覧いただけます。",
    },
    "comparison": {
        "en": "I can't compare these titles right now. Their pages show volumes, prices and "
        "reviews side by side.",
        "ja": "ただいま作品の比較ができません。各作品のページで巻数、価格、レビューを"
        "ご確認いただけます。",
    },
}
"""They state nothing that could be wrong: no price, no stock, no date."""


def manga_assist(*, sonnet: str = SONNET, haiku: str = HAIKU, region: str = TOKYO) -> Config:
    """With other ids for the two models (from Parameter Store), or in another region."""
    intents = {name: _simple(name, haiku, region) for name in ("greeting", "faq", "order_tracking")}
    intents |= {
        name: _complex(name, sonnet, haiku, region)
        for name in ("recommendation", "comparison", OTHERS)
    }
    return Config(intents=intents)


def elsewhere(model_id: str, region: str) -> tuple[Target, ...]:
    """The other ways to a model: Japan's profiles can be asked in Osaka as well."""
    others = {TOKYO: OSAKA, OSAKA: TOKYO}
    if not model_id.startswith("jp.") or region not in others:
        return ()
    return (Target(model_id=model_id, region=others[region]),)


def _simple(name: str, haiku: str, region: str) -> IntentPolicy:
    return IntentPolicy(
        route=Target(model_id=haiku, region=region),
        alternates=elsewhere(haiku, region),
        max_tokens=300,
        deadline=10.0,
        limits=Limits(first_token=4.0, idle=2.0, total=6.0),
        first_token=0.4,
        p50=0.6,
        template=TEMPLATES.get(name),
    )


def _complex(name: str, sonnet: str, haiku: str, region: str) -> IntentPolicy:
    return IntentPolicy(
        route=Target(model_id=sonnet, region=region),
        alternates=elsewhere(sonnet, region),
        backups=(Target(model_id=haiku, region=region),),
        max_tokens=1000,
        template=TEMPLATES.get(name),
    )
