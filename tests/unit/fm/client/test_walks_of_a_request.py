"""How often a call looks at the whole of its request: a long conversation costs each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mangaops import fm
from support.fm import Scripted, desk, said

MOST = 8
"""Of validation, adaptation and two estimates: json reads the blocks in its own way."""


class _Counting(list[Any]):
    """The blocks of a message; counts who goes through them."""

    walks = 0

    def __iter__(self) -> Iterator[Any]:
        self.walks += 1
        return super().__iter__()


def test_its_tokens_are_estimated_by_the_validator_and_once_for_all_others() -> None:
    blocks = _Counting([{"text": "When do you open?"}])
    here = desk(Scripted(said("At ten.")))

    messages = ({"role": "user", "content": blocks},)
    answer = here.client.complete(fm.Request(intent="faq", messages=messages))

    assert answer.mode is fm.Mode.PRIMARY
    assert blocks.walks <= MOST
