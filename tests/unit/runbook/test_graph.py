"""A runbook as a Mermaid flow chart."""

from __future__ import annotations

from mangaops.runbook.graph import mermaid
from mangaops.runbook.load import load_text
from support.runbook_texts import FILE, GOOD, spoiled


def test_every_edge_is_drawn_and_missing_ones_are_dotted() -> None:
    assert mermaid(load_text(GOOD, FILE)) == (
        "flowchart TD\n"
        '    trigger(["Is it slow?"])\n'
        '    n0{"Which intents?"}\n'
        '    n1{{"Is the quality worth it?"}}\n'
        '    n2(["It is meant to be so"])\n'
        '    n3["One intent is slow"]\n'
        '    trigger_healthy(["healthy"])\n'
        '    n4(["inconclusive"])\n'
        '    trigger -->|"yes"| n0\n'
        '    trigger -->|"no"| trigger_healthy\n'
        '    trigger -.->|"missing"| n4\n'
        '    n0 -->|"all of them"| n1\n'
        '    n0 -->|"some"| n3\n'
        '    n0 -.->|"missing"| n4\n'
        '    n1 -->|"yes"| n2\n'
        '    n1 -->|"no"| n3\n'
        '    n1 -.->|"missing"| n3\n'
    )


def test_a_label_cannot_break_the_chart() -> None:
    text = spoiled("title: One intent is slow", "title: 'a \"b\"] --> <i> #35; 5 %'")
    assert '["a #34;b#34;#93; --#62; #60;i#62; #35;35#59; 5 %"]' in mermaid(load_text(text, FILE))
