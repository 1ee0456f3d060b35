"""What is said when no model answers, in the language of who asked.

Rule: the language is seen in the last message alone: one kana or kanji makes it Japanese.
Reason: a call carries no language, and a wrong guess is still readable.
"""

from __future__ import annotations

from mangaops.fm.config import Text
from mangaops.fm.requests.conversation import blocks_of
from mangaops.fm.requests.request import Request

_JAPANESE = (("\u3040", "\u30ff"), ("\u3400", "\u9fff"), ("\uff66", "\uff9f"))


def say(text: Text, request: Request, *, human: str) -> str:
    """The text for this request, with the link to a human where it has `{human}`."""
    return _for(text, request).replace("{human}", human)


def _for(text: Text, request: Request) -> str:
    if isinstance(text, str):
        return text
    return text.get(language_of(request)) or next(iter(text.values()), "")


def language_of(request: Request) -> str:
    """`ja` or `en`."""
    return "ja" if any(map(_japanese, _last_message(request))) else "en"


def _japanese(character: str) -> bool:
    return any(low <= character <= high for low, high in _JAPANESE)


def _last_message(request: Request) -> str:
    """Of a request that was not validated: what has no last message has no text."""
    messages: object = request.messages
    last = messages[-1] if isinstance(messages, list | tuple) and messages else {}
    return "".join(str(one.get("text", "")) for one in blocks_of(last))
