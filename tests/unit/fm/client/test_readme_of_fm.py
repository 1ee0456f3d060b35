"""The README's example of a call runs as it stands, on a model of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mangaops import fm
from support.fm import Scripted, said, streamed

README = Path(__file__).parents[4] / "README.md"


def test_the_example_of_calling_a_model_runs(capsys: pytest.CaptureFixture[str]) -> None:
    section = README.read_text(encoding="utf-8").partition("### Calling a model")[2]
    block = section.partition("```python\n")[2].partition("```")[0]
    transport = Scripted(said("At nine."), streamed("At ", "ten."))

    def client() -> fm.Client:
        return fm.Client(transport=transport, log_sink=lambda _: None)

    names: dict[str, Any] = {"client_of_the_test": client}
    exec(block.replace("fm.Client()", "client_of_the_test()"), names)  # noqa: S102 - our own README

    assert capsys.readouterr().out.splitlines() == [
        "At nine. 1 jp.anthropic.claude-haiku-4-5-20251001-v1:0 in ap-northeast-1 ()",
        "At ten. Usage(input=20, output=5, cache_read=0, cache_write=0)",
    ]
