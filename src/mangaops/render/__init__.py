"""What the operator sees: model -> terminal text, JSON, Markdown. No decisions, no I/O.

    case.py           one run as it is shown and recorded: diagnosis, place, window, evidence
    figures.py        numbers with units, times with ages
    document.py       a case as the JSON of the contract; recorded.py reads it back
    json_text.py      a document as text
    diagnosis.py      a case for a terminal; markdown.py for a ticket
    checks.py, mark.py  its path, check by check, and the word in front of each
    explanation.py    every check of a run, and what would have changed it
    triage.py, runbook.py, logs.py, runs.py, finding.py, error.py   the other answers
    grid.py           rows as an aligned table, Markdown or JSON
    screen.py         renderables -> text of a given width, with or without colour
    escaping.py       text that Markdown must show as it is

Everything here is a function of its arguments: the width, the colour and the present
time are passed in, so that a golden file can hold the result. JSON is made without rich.
"""
