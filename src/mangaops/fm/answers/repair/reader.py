"""One object or list, read token by token with a stack of its own.

Each character is looked at a bounded number of times, whatever the text is: no part of it is
read again for what comes behind it. What JSON's grammar does not have and `Mend` does not
name ends the reading: the rest is not guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from mangaops.fm.answers.repair import patterns
from mangaops.fm.answers.repair.gaps import BEGINS, SKIPPED, SPACE, gap, whole_gap
from mangaops.fm.answers.repair.notes import Mend, Notes, at, pointer
from mangaops.fm.answers.repair.quoted import Quoted, read_quoted
from mangaops.fm.answers.repair.runs import Run, Runs
from mangaops.fm.answers.repair.signs import CLOSERS, WIDE_COLON, WIDE_COMMA
from mangaops.fm.answers.repair.stack import DEEPEST, Stack
from mangaops.fm.answers.repair.words import BARE, word_of
from mangaops.fm.answers.schema import allows_null, schema_at


class Outcome(Enum):
    CLOSED = "closed"
    OPEN = "open"
    """The text ends behind a whole value: only closers are missing."""
    CUT = "cut"
    """The text ends inside a value, or where one must follow."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """`value` is what was seen, whatever the outcome; `end` is where reading ended.

    `containers` were open there, the outermost first, and `path` leads to what was being
    read. `unfinished`: a value was announced or begun, and is not whole; `cut_text` is what
    was seen of it, if it is a text, and `cut_mends` the slips in that.
    """

    outcome: Outcome
    value: Any
    start: int
    end: int
    notes: Notes
    containers: tuple[Any, ...] = ()
    path: tuple[str | int, ...] = ()
    unfinished: bool = False
    cut_text: str | None = None
    cut_mends: tuple[Mend, ...] = ()


class _Broken(Exception):
    """Here ends what can be read. `keyless`: no key was read yet that could be named."""

    def __init__(self, reason: str, *, keyless: bool = False) -> None:
        super().__init__(reason)
        self.keyless = keyless


class _Cut(Exception):
    """Here ends the text."""

    def __init__(self, *, unfinished: bool, text: Quoted | None = None) -> None:
        super().__init__()
        self.unfinished = unfinished
        self.text = text


class Reader:
    """`schema` only tells where a number that is not finite may be null."""

    def __init__(self, text: str, start: int, schema: Mapping[str, Any] | None) -> None:
        self._text = text
        self._start = start
        self._pos = start
        self._schemas: list[Mapping[str, Any] | None] = [schema]
        self._stack = Stack()
        self._comma = False
        self._runs = Runs(text, self._stack.notes)
        self._step: Callable[[str], None] = self._element

    def read(self) -> Read:
        open_ones = self._stack.containers
        try:
            self._open(self._text[self._start])
            while open_ones:
                char = self._text[self._pos : self._pos + 1]
                if char in SKIPPED:
                    char = self._skip()
                    if not char:
                        return self._ended()
                self._step(char)
        except _Broken as broken:
            self._told_broken(broken)
            return self._read(Outcome.BROKEN)
        except _Cut as cut:
            return self._read(Outcome.CUT, unfinished=cut.unfinished, cut_text=cut.text)
        return self._read(Outcome.CLOSED)

    def _told_broken(self, broken: _Broken) -> None:
        path = self._stack.around() if broken.keyless else self._stack.path()
        self._stack.notes.wrong(lambda: f"{broken} at {at(pointer(path))}")

    def _ended(self) -> Read:
        if self._step == self._after:
            return self._read(Outcome.OPEN)
        return self._read(Outcome.CUT, unfinished=self._step == self._value)

    def _read(
        self, outcome: Outcome, *, unfinished: bool = False, cut_text: Quoted | None = None
    ) -> Read:
        return Read(
            outcome=outcome,
            value=self._stack.root,
            start=self._start,
            end=self._pos,
            notes=self._stack.notes,
            containers=tuple(self._stack.containers),
            path=tuple(self._stack.path()),
            unfinished=unfinished,
            cut_text=cut_text.value if cut_text else None,
            cut_mends=cut_text.mends if cut_text else (),
        )

    # The steps: each is given the character behind the white space, and takes what it begins.

    def _key(self, char: str) -> None:
        """The name of a member and its colon, or the end of the object."""
        if char in "}]":
            self._close(char)
        elif not self._run(self._runs.members, char):
            self._name(char)

    def _element(self, char: str) -> None:
        """An element, or the end of the list."""
        if char in "}]":
            self._close(char)
        elif not self._run(self._runs.elements, char):
            self._value(char)

    def _value(self, char: str) -> None:
        if char in "{[":
            self._open(char)
        elif char in CLOSERS:
            quoted = self._quoted()
            if not quoted.closed:
                raise _Cut(unfinished=True, text=quoted)
            self._told(quoted.mends)
            self._put(quoted.value)
        else:
            self._put(self._word())

    def _after(self, char: str) -> None:
        """A comma or a closer."""
        if char in "}]":
            self._close(char)
        elif self._sign(",", WIDE_COMMA):
            self._comma = True
            self._step = self._next()
        else:
            raise _Broken("no comma")

    # What the steps are made of.

    def _name(self, char: str) -> None:
        if char not in CLOSERS:
            raise _Broken("a key without quotes", keyless=True)
        quoted = self._quoted()
        if not quoted.closed:
            raise _Cut(unfinished=False)  # nobody knows which key it was
        self._stack.name(quoted.value or "")
        self._told(quoted.mends)
        self._step = self._value
        if not self._skip():
            raise _Cut(unfinished=True)
        if not self._sign(":", WIDE_COLON):
            raise _Broken("a key without a colon")
        self._comma = False

    def _open(self, char: str) -> None:
        if len(self._stack.containers) >= DEEPEST:
            raise _Broken(f"nested deeper than {DEEPEST}")
        self._stack.open({} if char == "{" else [])
        self._comma = False
        self._pos += 1
        self._step = self._next()

    def _put(self, value: Any) -> None:
        self._stack.put(value)
        self._comma = False
        self._step = self._after

    def _close(self, char: str) -> None:
        kind = dict if char == "}" else list
        if not self._stack.closes(kind):
            raise _Broken("a closer without its opener")
        if self._comma:
            self._stack.notes.mended(Mend.COMMA, self._stack.around)
            self._comma = False
        self._stack.close(kind)
        del self._schemas[max(len(self._stack.containers), 1) :]
        self._pos += 1
        self._step = self._after

    def _run(self, read: Callable[[int, str], Run | None], char: str) -> bool:
        """Whether many values at once were taken, the comma behind the last included."""
        if len(self._stack.containers) > DEEPEST - patterns.LEVELS:
            return False
        run = read(self._pos, char)
        if run is None:
            return False
        self._stack.put_all(run.value)
        self._stack.name(run.name)
        self._pos = run.end
        self._comma = True
        return True

    def _next(self) -> Callable[[str], None]:
        return self._element if self._stack.in_list else self._key

    def _quoted(self) -> Quoted:
        quoted = read_quoted(self._text, self._pos)
        if quoted.closed and quoted.value is None:
            raise _Broken("a text with an unknown escape, or quotes of two kinds")
        self._pos = quoted.end
        return quoted

    def _word(self) -> Any:
        found = BARE.match(self._text, self._pos)
        bare = "" if found is None else found[0]
        end = self._pos + len(bare)
        if bare and end == len(self._text):
            self._pos = end
            raise _Cut(unfinished=True)
        word = word_of(bare)
        if word is None:
            raise _Broken("neither a value nor a closer")
        if word.endless:
            self._endless()
        elif word.mended:
            self._told((Mend.LITERAL,))
        self._pos = end
        return word.value

    def _endless(self) -> None:
        if not allows_null(self._schema()):
            raise _Broken("a number that is not finite")
        self._told((Mend.NOT_FINITE,))

    def _schema(self) -> Mapping[str, Any] | None:
        """That of what is being read. Those of the open containers are kept, so no path is
        walked twice.
        """
        for depth in range(len(self._schemas), len(self._stack.containers)):
            self._schemas.append(schema_at(self._schemas[-1], (self._stack.part(depth),)))
        return schema_at(self._schemas[-1], (self._stack.next_part(),))

    def _told(self, mends: tuple[Mend, ...]) -> None:
        for mend in mends:
            self._stack.notes.mended(mend, self._stack.path)

    def _sign(self, plain: str, wide: str) -> bool:
        char = self._text[self._pos]
        if char == wide:
            self._told((Mend.WIDE_SIGN,))
        elif char != plain:
            return False
        self._pos += 1
        return True

    def _skip(self) -> str:
        """White space and comments. Returns the character behind them, nothing at the end."""
        while True:
            space = SPACE.match(self._text, self._pos)
            self._pos = self._pos if space is None else space.end()
            char = self._text[self._pos : self._pos + 1]
            if char not in BEGINS:
                return char
            if self._stack.notes.full and self._skip_many():
                continue
            found = gap(self._text, self._pos)
            if found is None:
                raise _Broken("a slash that begins no comment")
            self._pos, mend = found
            self._stack.notes.mended(mend, self._stack.around)

    def _skip_many(self) -> bool:
        """Comments that are only counted; False for one that does not end."""
        end, times = whole_gap(self._text, self._pos)
        self._stack.notes.more += times
        self._pos = end
        return times > 0
