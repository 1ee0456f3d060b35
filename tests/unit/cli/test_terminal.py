from __future__ import annotations

import io
import os
from typing import TextIO

from mangaops.cli.terminal import Terminal


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(*, stdin: TextIO | None = None, **environ: str) -> Terminal:
    return Terminal(stdin=stdin or Tty(), stdout=Tty(), stderr=Tty(), environ=environ)


def test_colour_is_off_for_no_color_and_dumb_terminals_and_files() -> None:
    piped = Terminal(stdin=Tty(), stdout=io.StringIO(), stderr=Tty(), environ={})
    several = [terminal(), terminal(NO_COLOR=""), terminal(TERM="dumb"), piped]
    assert [one.colour for one in several] == [True, False, False, False]


def test_nobody_is_asked_in_ci_or_through_a_pipe() -> None:
    several = [terminal(), terminal(CI="true"), terminal(stdin=io.StringIO())]
    assert [one.interactive for one in several] == [True, False, False]


def test_a_question_is_answered_by_number_or_text_or_not_at_all() -> None:
    answers = [
        terminal(stdin=Tty(typed)).ask("Worth it?", ["yes", "no"])
        for typed in ("2\n", "yes\n", "\n", "", "maybe\n7\nno\n", "a\nb\nc\nd\n")
    ]
    assert answers == ["no", "yes", "", "", "no", ""]


def test_a_question_is_part_of_the_conversation_not_of_the_answer() -> None:
    one = terminal(stdin=Tty("1\n"))
    one.ask("Worth it?", ["yes", "no"])
    assert (one.stdout.getvalue(), "Worth it?" in one.stderr.getvalue()) == ("", True)  # type: ignore[attr-defined]


def test_a_closed_pipe_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        Terminal(stdin=Tty(), stdout=closed, stderr=Tty(), environ={}).emit("text\n")


def test_text_that_the_terminal_cannot_show_is_replaced() -> None:
    raw = io.BytesIO()
    ascii_only = io.TextIOWrapper(raw, encoding="ascii")
    Terminal(stdin=Tty(), stdout=ascii_only, stderr=Tty(), environ={}).emit("鬼滅の刃 1\n")
    assert raw.getvalue() == b"???? 1\n"


def test_the_width_is_that_of_columns() -> None:
    assert [terminal(COLUMNS=c).width for c in ("40", "0", "x")] == [40, 80, 80]
