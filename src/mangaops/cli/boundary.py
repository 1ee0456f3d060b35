"""Where every error ends: three lines for a person, or one document for a script."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mangaops.cli.terminal import Terminal
from mangaops.errors import AwsError, ExitCode, Interrupted, MangaopsError
from mangaops.render.error import error_document, error_lines

if TYPE_CHECKING:
    from mangaops.cli.context import AppContext
    from mangaops.cli.options import Show


class System(MangaopsError):
    """The operating system refused something: a folder that is gone, no descriptors left."""

    kind = "system"


class Bug(MangaopsError):
    """Anything that is not a MangaopsError: ours to mend."""

    kind = "bug"


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether `--output json` was typed, also when the line could not be parsed."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=False)  # without a word: no pair
    return any(pair == ("--output", "json") or pair[0] == "--output=json" for pair in pairs)


def as_operator_error(error: BaseException) -> MangaopsError:
    """The error in an operator's terms."""
    if isinstance(error, MangaopsError):
        return error
    if "KeyboardInterrupt" in str(error):  # how pydantic's compiled part tells of Ctrl-C
        return Interrupted("interrupted before there was anything to show", hint="run it again")
    if isinstance(error, OSError) and error.strerror:
        return System(
            f"the operating system refused: {error.strerror}",
            where=str(error.filename or ""),
            hint="check that the place exists, is yours and has room",
        )
    from mangaops.model.redaction import redacted  # noqa: PLC0415 - only for a bug

    frame = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    place = f"{frame.name}, line {frame.lineno}" if frame else ""
    return Bug(
        f"a bug in mangaops: {type(error).__name__}: {redacted(str(error))}",
        where=place,
        hint="run it again with --debug and report what it prints",
    )


@contextmanager
def after_the_answer(context: AppContext, show: Show, what: str) -> Iterator[None]:
    """What fails or is interrupted now is a note: the answer is out, and stays the only one."""
    try:
        yield
    except KeyboardInterrupt:
        context.note(show, f"note: {what}: interrupted")
    except Exception as error:  # noqa: BLE001 - as at the process boundary
        context.note(show, f"note: {what}: {as_operator_error(error).what}")


def tell(error: BaseException, terminal: Terminal, arguments: Sequence[str]) -> ExitCode:
    """Tell the operator about `error`; returns the code to leave with."""
    told = as_operator_error(error)
    if isinstance(told, AwsError):
        from mangaops.model.redaction import redacted  # noqa: PLC0415 - only for AWS's words

        told.what = redacted(told.what)
    if "--debug" in arguments:
        from mangaops.model.redaction import redacted  # noqa: PLC0415 - only for --debug

        terminal.say(redacted("".join(traceback.format_exception(error))))
    where = told.where or _command(arguments)
    if wants_json(arguments):
        _emit(terminal, error_document(told, where))
    if not wants_json(arguments) or terminal.stderr.isatty():
        for line in error_lines(told, where, colour=terminal.colour_on_stderr):
            terminal.say(line)
    return told.exit_code


def _emit(terminal: Terminal, document: str) -> None:
    """When not even this can be written, stderr is all there is."""
    try:
        terminal.emit(document)
    except MangaopsError as error:
        terminal.say(f"error  {error.what}")


def _command(arguments: Sequence[str]) -> str:
    words = []
    for argument in arguments:
        if argument.startswith("-"):
            break
        words.append(argument)
    return " ".join(["mangaops", *words[:3]])


def leave(code: int) -> None:
    """Flush, then end the process for good.

    The interpreter's own teardown frees every module and joins idle threads of the
    HTTP clients, 20 to 60 ms that nobody gets anything for.
    """
    import os  # noqa: PLC0415 - only the real process ends here, not a test's

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(code)
