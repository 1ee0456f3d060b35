"""System prompts of the normal world: as long as the prompt table says that they are.

Their length is by the estimate of 3.5 characters a token, so that what is declared, what
is estimated of the text and what the sandbox's models count agree to within 15 %.
"""

from __future__ import annotations

from itertools import product

from mangaops.model.tokens import PER_OTHER

_OPENING = "You are MangaAssist, who helps the customers of a manga shop with {intent}."
_RULES = (
    "Tell of {topic} only what the shop's own data say.",
    "If you do not know about {topic}, say so and ask one question.",
    "Keep what you say on {topic} to two lines, the best one first.",
    "Never guess at {topic}, and never make up a title or an id.",
    "Do not bring up {topic} unless the customer asked for it.",
    "Say it in the customer's own language when it is about {topic}.",
    "Take back what you said on {topic} at once if it was wrong.",
    "When {topic} changed since the last visit, say what is new.",
)
_TOPICS = (
    "prices",
    "stock",
    "release dates",
    "volumes of a series",
    "authors and artists",
    "age ratings",
    "delivery",
    "returns",
    "gift wrapping",
    "pre-orders",
    "editions",
    "translations",
)


def template(intent: str, tokens: int, *, closing: str = "") -> str:
    """An opening, numbered rules until it is `tokens` long, and a closing line."""
    opening = _OPENING.format(intent=intent.replace("_", " "))
    room = int(tokens / PER_OTHER) - len(opening) - len(closing) - 2
    rules = "\n".join(
        f"{number}. {rule.format(topic=topic)}"
        for number, (topic, rule) in enumerate(product(_TOPICS, _RULES), start=1)
    )
    fitting = rules if len(rules) <= room else rules[: rules.rindex(" ", 0, room)]
    return "\n".join(line for line in (opening, fitting, closing) if line)
