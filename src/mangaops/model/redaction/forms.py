"""What is a secret by its form, wherever it stands: keys, tokens, headers, passwords in URLs.

Any 40 characters may be a hash: they are taken for the secret of an AWS key only where the
text speaks of one. Each pattern takes a time in proportion to the text: runs are bounded,
or begin where no other run does.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_QUOTE = r"\\*[\"']?"

_AWS_SIGNING = (
    r"((?:(?i:secret|access.?key)|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b)[^\n]{0,40}?)"
    r"(?<![A-Za-z0-9/+])(?=[A-Za-z0-9/+]{0,39}[a-z])(?=[A-Za-z0-9/+]{0,39}[A-Z])"
    r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
)
_AWS_KEY = r"()\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"
_PRIVATE_KEY = (
    r"()-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)
_JWT = (
    r"(?<![\w-])(?=[\w-]++\.[\w-]{8,})([\w-]*?)(?<![A-Za-z0-9_])eyJ[\w-]{8,}\.[\w-]{8,}+"
    r"(?:\.[\w-]*+)?"
)
_AUTHORIZATION = (
    rf"((?i:authorization){_QUOTE}\s{{0,9}}[:=]\s{{0,9}}{_QUOTE}"
    r"(?i:token|apikey|api-key|key|bearer|basic|bot|oauth|negotiate|splunk|ssws)[ \t]+)"
    r"(?!(?:is|was|has|not|expired|missing|required|invalid|failed)\b)[^\s\"'\\,;]+"
)
_BARE_AUTHORIZATION = (
    rf"((?i:authorization){_QUOTE}\s{{0,9}}[:=]\s{{0,9}}{_QUOTE})"
    r"(?!AWS4-)(?=[\w.~+/-]{0,200}\d)[\w.~+/-]{8,}=*(?![\w.~+/=-])"
)
_URL = r"(://[^\s:/@]*+:)(?!\d{1,5}[?#])[^\s/\"'<>\\]+(?=@)"
_URL_WITH_SLASHES = (
    r"(://[^\s:/@\[]*+:)(?!\d{1,5}[/?#])[^\s\"'<>@/]{1,100}/[^\s\"'<>@]{0,100}(?=@[\w.\[-])"
)

_FORMS = tuple(
    (mark, re.compile(pattern))
    for marks, pattern in (
        (("secret", "access", "akia", "asia"), _AWS_SIGNING),
        (("private key",), _PRIVATE_KEY),
        (("akia", "asia", "abia", "acca"), _AWS_KEY),
        (("eyj",), _JWT),
        (("authorization",), _AUTHORIZATION),
        (("authorization",), _BARE_AUTHORIZATION),
        (
            ("bearer",),
            r"((?i:bearer)(?: |%20|\+))(?!(?:auth[a-z]*|required|credentials?)\b)[\w.~+/=-]{8,}",
        ),
        (
            ("basic ",),
            r"((?i:\bbasic) )(?=[A-Za-z0-9+/]{0,200}?(?:[0-9=]|[a-z][A-Z]))[A-Za-z0-9+/]{8,}+=*",
        ),
        (("signature=",), r"((?i:signature)=)[0-9a-fA-F]{16,}"),
        (("sk-",), r"()\bsk-(?=[\w-]{0,64}\d)[\w-]{16,}"),
        (("_live_", "_test_"), r"()\b[sr]k_(?:live|test)_[A-Za-z0-9]{6,}"),
        (("whsec_",), r"()\bwhsec_[A-Za-z0-9+/=]{16,}"),
        (
            ("ghp_", "gho_", "ghr_", "ghs_", "ghu_", "github_pat_", "glpat-"),
            r"()\b(?:gh[opusr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|glpat-[\w-]{16,})",
        ),
        (("xox",), r"()\bxox[a-z]-[A-Za-z0-9-]{10,}"),
        (("xapp-",), r"()\bxapp-[A-Za-z0-9-]{10,}"),
        (("aiza",), r"()\bAIza[\w-]{20,}"),
        (("ya29.",), r"()\bya29\.[\w-]{10,}"),
        (("npm_",), r"()\bnpm_[A-Za-z0-9]{16,}"),
        (("hf_",), r"()\bhf_[A-Za-z0-9]{16,}"),
        (("sg.",), r"()\bSG\.[\w-]{8,64}\.[\w-]{8,}"),
        (
            ("hooks.slack.com/", "/api/webhooks/"),
            r"((?:hooks\.slack\.com/(?:services|workflows|triggers)|/api/webhooks)/)[\w/-]{6,}",
        ),
        (("://",), _URL),
        (("://",), _URL_WITH_SLASHES),
    )
    for mark in marks
)
"""Each with a mark, in lower case, without which it cannot be in a text; group 1 is kept."""

_COOKIE = re.compile(
    rf"((?i:cookie){_QUOTE}\s{{0,9}}[:=]\s{{0,9}}{_QUOTE})((?:[^\s;\"'\\]++(?:;[ \t]*+)?+)+)"
)
_PAIR = re.compile(r"(?<![^\s;])([^\s;=]++)=([^\s;]++)")
_ATTRIBUTES = frozenset({"path", "domain", "expires", "max-age", "samesite", "version"})


def redacted_forms(text: str, hide: Callable[[str], str]) -> str:
    """The text without what is a secret by its form; names before a value tell nothing."""
    low = text.lower()
    for mark, form in _FORMS:
        if mark in low:
            text = form.sub(lambda match: match[1] + hide(match[0][len(match[1]) :]), text)
    if "cookie" in low:
        text = _COOKIE.sub(lambda match: match[1] + _without_values(match[2], hide), text)
    return text


def _without_values(cookies: str, hide: Callable[[str], str]) -> str:
    """`session=x; Path=/` keeps its names, and what is told of a cookie."""
    return _PAIR.sub(
        lambda match: (
            match[0] if match[1].lower() in _ATTRIBUTES else f"{match[1]}={hide(match[2])}"
        ),
        cookies,
    )
