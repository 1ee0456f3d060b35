"""What the operator sees: model -> terminal text, JSON, Markdown. No decisions, no I/O.

    case.py           one run as it is shown and recorded: diagnosis, place, window, evidence
    figures.py        numbers with units, times with ages
    document.py       a case as the JSON of the contract; recorded.py reads it back
    diagnosis.py      a case for a terminal; markdown.py for a ticket
    explanation.py    every check of a run, and what would have changed it
    triage.py, runbook.py, table.py, runs.py, error.py   the other answers
    screen.py         renderables -> text of a given width, with or without colour

Everything here is a function of its arguments: the width, the colour and the present
time are passed in, so that a golden file can hold the result. JSON is made without rich.
"""
