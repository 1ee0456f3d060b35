"""How models are called, intent by intent: values only, which a file or a test can write.

Durations are seconds, budgets tokens. `defaults.py` has MangaAssist's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mangaops.fm.breaker.config import BreakerConfig
from mangaops.fm.rate import RateConfig
from mangaops.fm.requests.parameters import Budget
from mangaops.fm.requests.registry import Registry
from mangaops.fm.retry.policy import RetryConfig
from mangaops.fm.target import Target
from mangaops.fm.transport.raw import Limits

OTHERS = "*"
"""The entry of intents that have none of their own."""

Text: TypeAlias = str | Mapping[str, str]
"""A text for everybody, or one by language (`en`, `ja`); the first is for other languages."""

APOLOGY: Text = {
    "en": "I'm sorry, I can't answer that right now. Our staff can help you here: {human}",
    "ja": "申し訳ございません。ただいまお答えできません。担当者がこちらでご案内します: {human}",
}
REFUSAL: Text = {
    "en": "I'm sorry, I can't help with that. For anything else, our staff is here: {human}",
    "ja": "申し訳ございませんが、そのご質問にはお答えできません。担当者はこちらです: {human}",
}
HUMAN_LINK = "https://www.example.com/help/contact"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentPolicy:
    """How calls of one intent are made, from the best answer down to the last.

    `alternates` lead to the same model by another inference profile or region, `backups` to
    other models. `p50` is what a call to the model takes at the median, `backup_p50` one to
    a backup: no step starts with less left on the deadline. `first_token` is the target of
    the time to the first token (a call is slow beyond three times as much), `limits` are
    where an attempt is given up, earlier where a backup needs the time. Without streaming
    nothing is seen of a model before it has ended: its whole answer has to come within
    `limits.first_token` (and `limits.total`). `template` is what is said when no model answers;
    where it is None, the apology is. `{human}` in a text becomes the link to a human.
    """

    route: Target
    alternates: tuple[Target, ...] = ()
    backups: tuple[Target, ...] = ()
    max_tokens: int = 512
    input_tokens: int = 5000
    deadline: float = 15.0
    limits: Limits = field(default_factory=lambda: Limits(first_token=6.0, idle=3.0, total=10.0))
    first_token: float = 1.1
    p50: float = 1.2
    backup_p50: float = 0.6
    template: Text | None = None
    cached: bool = False
    re_ask: bool = True
    human_link: str | None = None

    @property
    def budget(self) -> Budget:
        return Budget(max_tokens=self.max_tokens, input_tokens=self.input_tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """`intents` has an entry `*`, for those without one of their own.

    `retry.budget` is shared by all calls of a client. `apology` and `refusal` (of what a
    model or a guardrail blocked) are for every intent; `human_link` for those without one.
    `unusable_rate` is the share of answers a model may spoil in a minute before it is passed
    over for another. With `count_tokens` a question that seems too long is counted by its
    model before it is shortened: a call that is free, and needs `bedrock:CountTokens`.
    """

    intents: Mapping[str, IntentPolicy]
    models: Registry = field(default_factory=Registry)
    breaker: BreakerConfig = field(default_factory=BreakerConfig)
    retry: RetryConfig = field(default_factory=RetryConfig)
    rate: RateConfig = field(default_factory=RateConfig)
    apology: Text = field(default_factory=lambda: APOLOGY)
    refusal: Text = field(default_factory=lambda: REFUSAL)
    human_link: str = HUMAN_LINK
    unusable_rate: float = 0.5
    count_tokens: bool = True

    def __post_init__(self) -> None:
        if OTHERS not in self.intents:
            raise ValueError(f"intents have no entry {OTHERS!r}, for those without their own")

    def policy(self, intent: str) -> IntentPolicy:
        return self.intents.get(intent) or self.intents[OTHERS]
