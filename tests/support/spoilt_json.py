"""Texts a model never wrote, each the worst for some way of reading JSON, in any size.

The benchmark times them, the tests count steps over them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

Text = Callable[[int], str]
"""About so many characters."""


def products(size: int) -> str:
    """An answer with recommendations, as models write them: 143 characters a product."""
    made = [
        {
            "product_id": "B00ZI7AGUW",
            "title": f"Hunter x Hunter ハンター {number}",
            "price": 1299 + number,
            "in_stock": True,
            "tags": ["shonen", "action"],
            "details": {"volume": number, "series": None},
        }
        for number in range(max(size // 200, 1))
    ]
    return json.dumps(
        {"response_text": "Here is what I found.", "recommendations": made}, ensure_ascii=False
    )


TYPICAL: Mapping[str, Text] = MappingProxyType(
    {
        "whole": products,
        "fenced": lambda size: f"```json\n{products(size)}\n```",
        "in prose": lambda size: f"Here it is:\n{products(size)}\nAnything else?",
        "with trailing commas": lambda size: products(size).replace("null}", "null,}"),
        "cut": lambda size: products(size)[: -size // 20],
    }
)
"""What models do write."""

ADVERSARIAL: Mapping[str, Text] = MappingProxyType(
    {
        "a fence and new lines": lambda size: "```json" + "\n" * size,
        "fences": lambda size: "```\n" * (size // 4),
        "fences and quotes": lambda size: '```\n{"a": "\n```\n' * (size // 16),
        "braces": lambda size: "{" * size,
        "brackets": lambda size: "[" * size,
        "objects in objects": lambda size: '{"a":' * (size // 5),
        "lists in lists": lambda size: '{"a":[' + "[[1]]," * (size // 6),
        "empty lists": lambda size: "[]" * (size // 2),
        "empty objects": lambda size: "{}" * (size // 2),
        "broken objects": lambda size: '{"a"}' * (size // 5),
        "prose in brackets": lambda size: "[n" * (size // 2),
        "brackets far apart": lambda size: "[   " * (size // 4),
        "white space": lambda size: "{" + " " * size + '"a"',
        "quotes": lambda size: '{"a":' + '"' * size,
        "an unclosed quote": lambda size: '{"a":"' + "x" * size,
        "backslashes": lambda size: '{"a":"' + "\\" * size,
        "escaped quotes": lambda size: '{"a":"' + '\\"' * (size // 2),
        "halves of pairs, escaped": lambda size: '{"a":"' + "\\ud83d" * (size // 6),
        "halves of pairs": lambda size: '{"a":[' + '"\ud800",' * (size // 4),
        "control characters": lambda size: '{"a":[' + '"\n",' * (size // 4),
        "single quotes": lambda size: "{'a':[" + "'b'," * (size // 4),
        "Python literals": lambda size: '{"a":[' + "True," * (size // 5),
        "a key again and again": lambda size: "{" + '"a":1,' * (size // 6),
        "a key twice in each": lambda size: '{"a":[' + '{"b":1,"b":2},' * (size // 14),
        "comments": lambda size: "{" + "/**/" * (size // 4),
        "unclosed comments": lambda size: "{/*" * (size // 3),
        "slashes": lambda size: "{" + "/" * size,
        "commas": lambda size: '{"a":[1' + "," * size,
        "trailing commas, deep": lambda size: '{"a":' * 150 + "[" + "[1,]," * (size // 5),
        "trailing commas, long key": lambda size: (
            '{"' + "k" * (size // 2) + '":[' + "[1,]," * (size // 10)
        ),
        "missing closers": lambda size: '{"a":[' + '{"b":[1},' * (size // 9),
        "numbers that are not finite": lambda size: '{"a":[' + "NaN," * (size // 4),
        "digits": lambda size: '{"a":' + "1" * size + "}",
        "numbers": lambda size: '{"a":[' + "1," * (size // 2),
        "numbers, then a doubt": lambda size: '{"a":[[[' + "1," * (size // 2) + "x",
        "a key again and again, deep": lambda size: (
            '{"b":' * 195 + "{" + '"a":1,' * max((size - 1_500) // 6, 0)
        ),
        "objects in wide quotes": lambda size: (
            ("[\u201c\\q " + "x" * max(size // 256 - 6, 0)) * 256 + "\u201d"
        ),
        "wide quotes, each broken": lambda size: "[\u201c\\q " * (size // 5) + "\u201d",
        "quotes in single quotes": lambda size: "{'a':'" + '"' * size + "'}",
        "escapes in single quotes": lambda size: "{'a':'" + "\\'\\n" * (size // 4) + "'}",
        "a key again in single quotes": lambda size: "{" + "'a':'b'," * (size // 8) + "}",
        "keys in single quotes": lambda size: (
            "{" + "".join(f"'k{at}':'v'," for at in range(size // 15)) + "}"
        ),
        "slips in slips": lambda size: "[" + "{'a':'b','c':['d',{'e':1}]}," * (size // 27),
        "long keys to be escaped": lambda size: (
            '{"' + "~" * (size // 2) + '":[' + "[1,]," * (size // 10)
        ),
        "comments between elements": lambda size: "[" + "1,/**/" * (size // 6),
        "wide spaces between elements": lambda size: "[" + "1,\u3000" * (size // 3),
        "comments around the object": lambda size: '{"a":1}' + "/**/" * (size // 4),
        "objects in comments": lambda size: "// {\n" * (size // 5),
        "prose in braces": lambda size: "{see}" * (size // 5),
        "closers": lambda size: '{"a":1}' + "} " * (size // 2),
        "fences in a text": lambda size: '{"a":"' + "\n```\n" * (size // 5) + '"',
        "broken objects in fences": lambda size: '```\n{"a":x\n```\n' * (size // 16),
        "brackets in a text": lambda size: '```\n{"a":"' + "[" * size + '"}\n```',
    }
)
