"""Random trees over random evidence, for laws that hold of every walk."""

from __future__ import annotations

from hypothesis import strategies as st

from mangaops.diagnose.walk import walk
from mangaops.model.diagnosis import Answers, Diagnosis, Needs
from mangaops.model.evidence import EvidenceSet, EvidenceState, Value
from mangaops.model.query import EcsServiceQuery
from mangaops.model.runbook import NEXT, Ask, Node, Runbook, Status
from support.evidence_building import (
    WINDOW,
    ask,
    group,
    logs,
    metric,
    node,
    ok,
    outcome,
    record,
    runbook,
    scope,
    series,
    table,
)

NAMES = scope(
    {
        "a": metric(),
        "b": metric(sparse=True),
        "c": metric(days=2),
        "g": metric(by=["Intent"]),
        "h": metric(by=["Intent"]),
        "t": logs(key="text", n="number"),
        "u": logs(key="text", n="number"),
        "r": EcsServiceQuery(cluster="c", service="s"),
    },
    {"two": 2, "keys": ("x", "y")},
    definitions={
        "most": "max(latest(s) for s in g if known(s))",
        "total": "sum(row.n for row in t)",
        "is_on": "latest(a) > two",
        "listed": "join(s.Intent for s in g if known(s) and latest(s) > two)",
    },
)
ATOMS = [
    "latest(a) > two",
    "is_on",
    "min(a, '3m') > 1",
    "sum(b) > 0",
    "avg(c) > avg(baseline(c))",
    "known(a)",
    "known(b)",
    "known(g)",
    "known(t)",
    "known(r.desired)",
    "any(latest(s) > two for s in g)",
    "all(latest(s) > two for s in g)",
    "any(latest(s) > two for s in g if known(s))",
    "all(latest(s) > two for s in g if known(s))",
    "all(latest(s) > two for s in g if s.Intent in keys)",
    "all(latest(s) > two for s in g if latest(a) > 1)",
    "any(not known(s) for s in g)",
    "all(known(s) for s in h)",
    "share(latest(s) > two for s in g if known(s)) > 0.5",
    "count(s.Intent for s in g if known(s)) > 1",
    "sum(latest(s) for s in h if known(s)) > 3",
    "min(latest(s) for s in h if known(s)) > two",
    "most > two",
    "most < two",
    "any(row.n > two for row in t)",
    "all(row.n > two for row in t)",
    "any(row.n > total / 2 for row in t if known(a))",
    "any(row.key == 'x' and latest(a) > 1 for row in t)",
    "any(any(s.Intent == row.key for s in g if known(s)) for row in t)",
    "lookup(t, 'x', 'n') > two",
    "any(lookup(u, row.key, 'n') > two for row in t)",
    "rows(u) > 1",
    "share(row.n > 1 for row in u) > 0.4",
    "any(i.share > 0.5 and latest(a) > 1 for i in group(t, 'key'))",
    "all(i.rows > 1 or known(b) for i in group(u, 'key'))",
    "total > 3",
    "listed == 'x'",
    "contains(listed, 'x')",
    "label(listed, latest(a)) == 'x (unknown)'",
    "r.desired > two",
    "r.running is None",
    "(latest(a) if known(a) else 9) > two",
    "(1 if is_on else latest(a)) > two",
    "latest(a) / latest(b) > 1",
]
CONDITIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
    ),
    max_leaves=4,
)
OUTCOMES = ("x", "y", "z", "fine", "unclear")


def values_read() -> st.SearchStrategy[dict[str, Value]]:
    point = st.one_of(st.none(), st.integers(0, 4).map(float))
    points = st.lists(point, min_size=1, max_size=8).map(lambda values: series(*values))
    counted = st.lists(point, min_size=1, max_size=8).map(lambda v: series(*v, sparse=True))
    daily = st.builds(
        lambda now, days: series(*now, earlier=[series(*day) for day in days]),
        st.lists(point, min_size=2, max_size=4),
        st.lists(st.lists(point, min_size=2, max_size=4), max_size=2),
    )
    members = st.dictionaries(
        st.sampled_from("xyz"), st.lists(point, min_size=1, max_size=2), max_size=3
    ).map(lambda found: group("Intent", found))
    rows = st.lists(
        st.fixed_dictionaries(
            {
                "key": st.one_of(st.none(), st.sampled_from("xyz")),
                "n": st.one_of(st.none(), st.integers(0, 4)),
            }
        ),
        max_size=4,
    ).map(lambda found: table(*found, columns=("key", "n")))
    desired = st.one_of(
        st.just(record()), st.builds(lambda n: record(desired=n, running=None), st.integers(0, 4))
    )
    return st.fixed_dictionaries(
        {
            "a": points,
            "b": counted,
            "c": daily,
            "g": members,
            "h": members,
            "t": rows,
            "u": rows,
            "r": desired,
        }
    )


@st.composite
def _nodes(draw: st.DrawFn) -> list[Node | Ask]:
    """Each node leads to later ones only, so there is no cycle."""
    count = draw(st.integers(1, 4))
    found: list[Node | Ask] = []
    for position in range(count):
        later = [f"n{i}" for i in range(position + 1, count)]
        target = st.sampled_from([*later, *OUTCOMES, "inconclusive"])
        if draw(st.integers(0, 5)) == 0:
            found.append(ask(f"n{position}", draw(target), yes=draw(target), no=draw(target)))
            continue
        branches = [
            (
                f"b{i}",
                draw(CONDITIONS),
                draw(target),
                draw(st.one_of(st.just("inconclusive"), st.just(NEXT), target)),
            )
            for i in range(draw(st.integers(1, 3)))
        ]
        if draw(st.booleans()):
            branches.append(("else", None, draw(target), None))  # type: ignore[arg-type]
        found.append(node(f"n{position}", NAMES, *branches))
    return found


@st.composite
def runbooks(draw: st.DrawFn) -> Runbook:
    confirm = draw(st.dictionaries(CONDITIONS, st.just("Not seen: {latest(a)}."), max_size=1))
    return runbook(
        NAMES,
        when=draw(CONDITIONS),
        on_missing=draw(st.sampled_from(["inconclusive", "n0", "x"])),
        healthy="{most:ms} {listed}",
        nodes=draw(_nodes()),
        outcomes=[
            outcome("x", NAMES, cause="{latest(a):ms}", confirm=confirm),
            outcome("y", NAMES, cause="{total:count} {most}", report=["{latest(c):%}"]),
            outcome("z", NAMES, at_most_likely="{latest(b)}"),
            outcome("fine", NAMES, status=Status.HEALTHY),
            outcome("unclear", NAMES, status=Status.INCONCLUSIVE),
        ],
        report=["{rows(u):count}"] if draw(st.booleans()) else [],
    )


def diagnosed(book: Runbook, full: EvidenceSet, answers: Answers) -> Diagnosis:
    """Reads what is needed, one round after the other, as a collector does."""
    known = EvidenceSet()
    for _ in range(len(NAMES.evidence) + 2):
        found = walk(book, known, WINDOW, answers=answers)
        if isinstance(found, Diagnosis):
            assert walk(book, known, WINDOW, answers=answers) == found
            return found
        assert isinstance(found, Needs)
        if found.question is not None:
            answers = Answers(given={**answers.given, found.question: ""})
        else:
            assert found.evidence
            assert not any(i in known for i in found.evidence)
        known = known.with_items(*(full.items[i] for i in found.evidence))
    raise AssertionError("the walk asks for ever")


def read_all(values: dict[str, Value]) -> EvidenceSet:
    return EvidenceSet(items={name: ok(name, value) for name, value in values.items()})


LOST = st.sampled_from(
    [
        EvidenceState.DENIED,
        EvidenceState.FAILED,
        EvidenceState.NO_DATA,
        EvidenceState.TIMEOUT,
        EvidenceState.STALE,
    ]
)
