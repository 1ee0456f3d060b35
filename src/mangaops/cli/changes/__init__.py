"""What `plan`, `apply`, `undo` and every remedy do, free of Typer.

workshop.py     wiring: one environment, its account and its remedies
gateways.py     wiring: the name of a remedy -> the remedy with its gateways
reasons.py      the diagnosis that a change is for, from its record
planning.py     what was asked for -> a plan
plan_store.py   plan files, by name and by id
plan_answer.py  the answer of `mangaops plan`: plans made, kept and shown
changing.py     a change from its plan to its answer: what all of them share
applying.py     its middle: checked again, approved, carried out
alarm.py        the alarm of the diagnosis, before a change and after it
telling.py      plans and changes on stdout
record.py       changes read back, for `mangaops history`
"""
