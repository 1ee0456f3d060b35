"""What the mutants of runbooks say about their tests: text, JSON, and lines for GitHub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from mangaops.model.evidence import JSON
from mangaops.render.figures import counted
from mangaops.testing.mutants.run import Fate
from mangaops.testing.mutants.verdict import Justified, Mutation, Wrong

SCHEMA = "mangaops.mutation/1"
_WIDTH = 80
_MOST_NAMES = 3


def mutation_lines(mutations: Sequence[Mutation], *, verbose: bool = False) -> Iterator[str]:
    """A line for each runbook, then what is wrong with it; the equivalents too if `verbose`."""
    for one in mutations:
        yield _summary(one)
        for name in one.failing:
            yield f"  FAILS WITHOUT A MUTANT  {name}"
        for survivor in one.survivors:
            yield from _survivor(survivor)
        for wrong in one.wrong:
            yield from _wrong(wrong)
        for justified in one.justified if verbose else ():
            yield from _justified(justified)
    yield _total(mutations)


def _summary(one: Mutation) -> str:
    name = f"{one.runbook:<22}"
    if one.failing:
        return f"{name} no mutant was run: {counted(len(one.failing), 'test')} failed"
    parts = [counted(one.mutants, "mutant"), f"{one.killed} killed"]
    if one.justified:
        parts.append(f"{len(one.justified)} equivalent")
    parts.append(f"{len(one.survivors)} survived")
    return f"{name} {', '.join(parts)}"


def _survivor(fate: Fate) -> Iterator[str]:
    mutant = fate.mutant
    yield from _indented(f"SURVIVED  {mutant.id}   ({place_of(fate)})", 2)
    if mutant.shown:
        yield from _indented(mutant.shown, 12)
    if not fate.walked:
        yield from _indented("no test walks there: add one that does", 12)
        return
    yield from _indented(f"walked past by: {_names(fate.walked)}", 12)
    yield from _indented(mutant.hint, 12)


def _wrong(wrong: Wrong) -> Iterator[str]:
    entry = wrong.equivalent
    yield from _indented(f"WRONG     {entry.mutant}   ({entry.place})", 2)
    yield from _indented(f"under `equivalent`: {wrong.why}", 12)
    if wrong.hint:
        yield from _indented(wrong.hint, 12)


def _justified(justified: Justified) -> Iterator[str]:
    yield from _indented(f"EQUIVALENT  {justified.equivalent.mutant}", 2)
    yield from _indented(justified.equivalent.because, 12)


def _total(mutations: Sequence[Mutation]) -> str:
    mutants = sum(one.mutants for one in mutations)
    killed = sum(one.killed for one in mutations)
    accepted = sum(len(one.justified) for one in mutations)
    survived = sum(len(one.survivors) for one in mutations)
    told = f"{counted(mutants, 'mutant')}, {killed} killed, {accepted} equivalent"
    told += f", {survived} survived."
    wrong = sum(len(one.wrong) for one in mutations)
    if wrong:
        told += f" Wrong under `equivalent`: {wrong}."
    return told


def place_of(fate: Fate) -> str:
    """`runbooks/first-token.yaml:30`; a survivor has no exact column."""
    place = fate.mutant.place
    return f"{place.file}:{place.line}"


def _names(names: Sequence[str]) -> str:
    told = "; ".join(names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    return f"{told}; {more} more" if more > 0 else told


def _indented(text: str, indent: int) -> Iterator[str]:
    blank = " " * indent
    yield from wrap(
        text,
        _WIDTH,
        initial_indent=blank,
        subsequent_indent=" " * max(indent, 12),
        break_long_words=False,
        break_on_hyphens=False,
    )


def mutation_document(mutations: Sequence[Mutation]) -> Mapping[str, JSON]:
    return {"schema": SCHEMA, "runbooks": [_document(one) for one in mutations]}


def _document(one: Mutation) -> Mapping[str, JSON]:
    return {
        "runbook": one.runbook,
        "file": one.file,
        "tests": one.tests,
        "sound": one.sound,
        "mutants": one.mutants,
        "killed": one.killed,
        "failing": one.failing,
        "survivors": [_fate_document(fate) for fate in one.survivors],
        "equivalent": [
            {**_fate_document(each.fate), "because": each.equivalent.because}
            for each in one.justified
        ],
        "wrong": [
            {
                "mutant": each.equivalent.mutant,
                "file": each.equivalent.place.file,
                "line": each.equivalent.place.line,
                "why": each.why,
                "hint": each.hint,
            }
            for each in one.wrong
        ],
    }


def _fate_document(fate: Fate) -> dict[str, JSON]:
    mutant = fate.mutant
    return {
        "mutant": mutant.id,
        "kind": str(mutant.kind),
        "file": mutant.place.file,
        "line": mutant.place.line,
        "shown": mutant.shown,
        "walked": fate.walked,
        "hint": mutant.hint,
    }
