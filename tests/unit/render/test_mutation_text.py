"""What an author reads of the mutants of a runbook."""

from __future__ import annotations

from mangaops.model.condition import Place
from mangaops.model.runbook import Runbook
from mangaops.render.json_text import to_json
from mangaops.render.mutants import mutation_document, mutation_lines
from mangaops.testing.case import Equivalent
from mangaops.testing.mutants.mutant import Mutant, MutantKind
from mangaops.testing.mutants.run import Fate
from mangaops.testing.mutants.verdict import Mutation, mutation


def unchanged(runbook: Runbook) -> Runbook:
    return runbook


def fate(name: str, *walked: str, killed_by: str = "") -> Fate:
    mutant = Mutant(
        id=name,
        kind=MutantKind.COMPARISON,
        place=Place(file="runbooks/book.yaml", line=30, column=1),
        seen_at=frozenset({"slow"}),
        hint="add a test with a value that is exactly the limit",
        change=unchanged,
        shown="latest(p95) >= limit",
    )
    return Fate(mutant=mutant, walked=walked, killed_by=killed_by)


def equivalent(name: str) -> Equivalent:
    place = Place(file="runbooks/book.test.yaml", line=90, column=5)
    return Equivalent(mutant=name, because="a count is never below 0", place=place)


FATES = [
    fate("nodes/slow/0: > becomes >=", "one", "two", "three", "four", "five"),
    fate("nodes/slow/0: > becomes <=", "one", killed_by="one"),
    fate("nodes/lonely/0: > becomes >="),
    fate("define/count: 0 becomes -1", "one"),
]
SAID = mutation(
    "book",
    "runbooks/book.test.yaml",
    5,
    FATES,
    [equivalent("define/count: 0 becomes -1"), equivalent("nodes/slow/0: > becomes <=")],
)


def test_a_survivor_is_told_with_its_place_its_tests_and_what_is_lacking() -> None:
    assert list(mutation_lines([SAID])) == [
        "book                   4 mutants, 1 killed, 1 equivalent, 2 survived",
        "  SURVIVED  nodes/slow/0: > becomes >=   (runbooks/book.yaml:30)",
        "            latest(p95) >= limit",
        "            walked past by: one; two; three; 2 more",
        "            add a test with a value that is exactly the limit",
        "  SURVIVED  nodes/lonely/0: > becomes >=   (runbooks/book.yaml:30)",
        "            latest(p95) >= limit",
        "            no test walks there: add one that does",
        "  WRONG     nodes/slow/0: > becomes <=   (runbooks/book.test.yaml:90:5)",
        "            under `equivalent`: it is no equivalent: `one` fails with it",
        "            delete the entry",
        "4 mutants, 1 killed, 1 equivalent, 2 survived. Wrong under `equivalent`: 1.",
    ]


def test_with_v_the_equivalents_are_told_with_their_reason() -> None:
    lines = list(mutation_lines([SAID], verbose=True))
    assert lines[-3:-1] == [
        "  EQUIVALENT  define/count: 0 becomes -1",
        "            a count is never below 0",
    ]


def test_tests_that_fail_without_a_mutant_are_told_instead() -> None:
    failing = Mutation(runbook="book", file="book.test.yaml", tests=5, failing=("one",))
    assert list(mutation_lines([failing])) == [
        "book                   no mutant was run: 1 test failed",
        "  FAILS WITHOUT A MUTANT  one",
        "0 mutants, 0 killed, 0 equivalent, 0 survived.",
    ]


def test_a_line_fits_eighty_columns() -> None:
    long = fate("define/" + "count " * 20 + ": 0 becomes -1", *["a name of a test " * 5] * 4)
    lines = mutation_lines([mutation("book", "file", 1, [long], [])])
    assert max(map(len, lines)) <= 80


def test_the_document_names_each_survivor() -> None:
    document = mutation_document([SAID])
    assert document["schema"] == "mangaops.mutation/1"
    (book,) = document["runbooks"]  # type: ignore[misc, union-attr] - JSON
    assert {key: book[key] for key in ("mutants", "killed", "sound", "tests")} == {
        "mutants": 4,
        "killed": 1,
        "sound": False,
        "tests": 5,
    }
    assert book["survivors"][1] == {
        "mutant": "nodes/lonely/0: > becomes >=",
        "kind": "comparison",
        "file": "runbooks/book.yaml",
        "line": 30,
        "shown": "latest(p95) >= limit",
        "walked": (),
        "hint": "add a test with a value that is exactly the limit",
    }
    assert [one["because"] for one in book["equivalent"]] == ["a count is never below 0"]
    assert [(one["line"], one["hint"]) for one in book["wrong"]] == [(90, "delete the entry")]
    assert to_json(document)
