"""What loads and still looks wrong: every rule with a text that breaks it and one that does not."""

from __future__ import annotations

import pytest

from mangaops.runbook.finding import RULES
from mangaops.runbook.lint import lint
from mangaops.runbook.load import load_text
from support.runbook_texts import FILE, GOOD, place_of, spoiled


def linted(text: str, file: str = FILE) -> list[tuple[str, str, str, tuple[int, int]]]:
    return [
        (each.rule, str(each.severity), each.message, (each.place.line, each.place.column))
        for each in lint(load_text(text, file))
    ]


def test_a_good_runbook_has_no_findings() -> None:
    assert lint(load_text(GOOD, FILE)) == ()


WRONG = [
    (
        '{answer: "yes", goto: kept}',
        '{answer: "yes", goto: one-intent}',
        ("M011", "error", 'no path leads to outcome "kept"'),
        "kept:\n",
    ),
    (
        "start: which\n",
        "start: worth-it\n",
        ("M011", "error", 'no path leads to node "which"'),
        "which:\n",
    ),
    (
        "        otherwise: true\n        goto: one-intent",
        "        otherwise: true\n        goto: which",
        ("M012", "error", "the path comes back: which -> which"),
        "which:\n",
    ),
    (
        "    on_missing: one-intent",
        "    on_missing: which",
        ("M012", "error", "the path comes back: which -> worth-it -> which"),
        "which:\n    question",
    ),
    (
        "define:\n",
        "  idle:\n    kind: cached_answers\n    query: {}\ndefine:\n",
        ("M013", "warning", 'nothing uses evidence "idle"'),
        "idle:\n",
    ),
    (
        "evidence:\n",
        "  spare: {default: 1}\nevidence:\n",
        ("M013", "warning", 'nothing uses parameter "spare"'),
        "spare:",
    ),
    (
        "trigger:\n",
        "  spare: 1 > 0\ntrigger:\n",
        ("M013", "warning", 'nothing uses definition "spare"'),
        "spare:",
    ),
    (
        "        goto: worth-it\n        on_missing: inconclusive\n",
        "        goto: worth-it\n",
        ("M014", "error", "this branch compares evidence and has no on_missing"),
        "answer: all of them",
    ),
    (
        "        goto: one-intent\n  worth-it:",
        """        goto: one-intent
      - {answer: none, when: watch, goto: one-intent}
      - {answer: more, otherwise: true, goto: one-intent}
  worth-it:""",
        ("M015", "error", "`otherwise` comes before it, so it is never taken"),
        "{answer: none",
    ),
    (
        "      - answer: some\n        otherwise: true\n",
        "      - answer: some\n        when: watch\n",
        (
            "M016",
            "warning",
            '"which" has no `otherwise`: when no branch holds, it is inconclusive',
        ),
        "which:\n    question",
    ),
    (
        "\nname: slow-answers",
        "\nname: slower-answers",
        (
            "M017",
            "warning",
            'the file is called "slow-answers" and the runbook "slower-answers"',
        ),
        "name: slower",
    ),
    (
        "      - answer: some\n",
        "      - answer: All of Them\n",
        ("M019", "error", '"which" has the answer "All of Them" twice'),
        "All of Them",
    ),
    (
        '{answer: "no", goto: one-intent}',
        '{answer: "yes", goto: one-intent}',
        ("M019", "error", '"worth-it" has the answer "yes" twice'),
        'yes", goto: one-intent',
    ),
    (
        '"${streaming_namespace}"',
        '"${streaming_namespaces}"',
        ("M009", "error", "${streaming_namespaces} is neither a resource nor a parameter"),
        "${streaming_namespaces}",
    ),
    (
        "        command: scale-out",
        "        command: scale-oot --to 5",
        ("M021", "error", 'there is no remedy "scale-oot"'),
        "scale-oot",
    ),
    (
        "        command: scale-out",
        '        command: "scale-out --two {busy:count}"',
        ("M021", "error", 'scale-out has no option "--two"'),
        "--two",
    ),
    (
        "sustained: {default: 10m,",
        "sustained: {default: 2h,",
        ("M022", "warning", "min() looks back 2h, and of answer 30m are read"),
        "watch and min",
    ),
    (
        "all(latest(s) > limit_ms",
        'all(latest(s, "15m") > limit_ms',
        ("M022", "warning", "latest() looks back 15m, and of by_intent 10m are read"),
        "all(latest",
    ),
    (
        "name: answer_ms, stat: p95}",
        "name: answer_ms, stat: p95, window: 5m}",
        ("M022", "warning", "min() looks back 10m, and of answer 5m are read"),
        "watch and min",
    ),
]


@pytest.mark.parametrize(("before", "after", "finding", "at"), WRONG)
def test_one_flaw_is_one_finding_at_its_place(
    before: str, after: str, finding: tuple[str, str, str], at: str
) -> None:
    text = spoiled(before, after)
    assert linted(text) == [(*finding, place_of(text, at))]


def test_a_branch_that_asks_only_parameters_needs_no_on_missing() -> None:
    before = "      - answer: some\n        otherwise: true\n"
    after = "      - {answer: unwatched, when: not watch, goto: kept}\n" + before
    assert linted(spoiled(before, after)) == []


def test_next_is_a_way_to_handle_missing_evidence() -> None:
    before = "        goto: worth-it\n        on_missing: inconclusive\n"
    assert linted(spoiled(before, before.replace("inconclusive", "next"))) == []


def test_a_placeholder_counts_as_a_use_and_a_parameter_may_hold_one() -> None:
    text = spoiled("{default: haiku}", '{default: "${haiku_parameter}"}')
    assert linted(text) == []


def test_a_long_row_of_nodes_exhausts_no_stack() -> None:
    ask = "  n{}: {{ask: On?, options: [{{answer: x, goto: {}}}], on_missing: kept}}\n"
    names = [f"n{number}" for number in range(1, 1500)]
    chain = "".join(ask.format(number, name) for number, name in enumerate([*names, "which"]))
    text = spoiled("nodes:\n", f"nodes:\n{chain}")
    assert linted(text.replace("start: which\n", "start: n0\n")) == []


def test_every_finding_has_a_rule_that_is_explained() -> None:
    named = {finding[0] for _, _, finding, _ in WRONG}
    assert named <= set(RULES)
    assert all(RULES.values())


def test_a_branch_that_cannot_be_unknown_need_not_say_where_missing_data_leads() -> None:
    before = "        otherwise: true\n        goto: one-intent\n  worth-it:"
    settled = """        when: busy > 5
        goto: kept
        on_missing: inconclusive
      - answer: few
        when: busy > 1
        goto: kept
      - answer: none
"""
    assert linted(spoiled(before, settled + before)) == []
    unsettled = settled.replace("        on_missing: inconclusive", "        on_missing: next")
    found = linted(spoiled(before, unsettled + before))
    assert [rule for rule, _, _, _ in found] == ["M014"]
