from __future__ import annotations

from mangaops.cli.progress import Line
from mangaops.evidence.progress import Finished, Started, Waiting
from mangaops.model.evidence import Evidence, EvidenceState


def test_only_what_takes_long_says_what_it_waits_for() -> None:
    written: list[str] = []
    line = Line(written.append, width=40)
    line.tell(Started(id="a", kind="logs", title="error classes"))
    line.tell(Waiting(ids=("a",), seconds=1.0))
    line.tell(Waiting(ids=("a",), seconds=2.4))
    line.tell(Finished(evidence=Evidence(id="a", kind="logs", state=EvidenceState.OK)))
    line.clear()
    clear = "\r\x1b[2K"
    assert written == [
        f"{clear}reading error classes",
        f"{clear}waiting for error classes (2 s)",
        f"{clear}1 of 1 read",
        clear,
    ]


def test_a_line_is_never_longer_than_the_terminal() -> None:
    written: list[str] = []
    line = Line(written.append, width=20)
    line.tell(Started(id="a", kind="logs", title="something with a long title"))
    assert [text.removeprefix("\r\x1b[2K") for text in written] == ["reading something w"]
