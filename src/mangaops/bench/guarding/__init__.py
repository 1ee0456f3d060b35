"""What follows from a report: who may pass, what is taken back, what goes on. Deciding alone.

    gate.py        whether a prompt may pass: its budgets and its comparison
    safeguard.py   whether a slower prompt is taken back without a person
    origin.py      whether what was measured is what is here: place and texts
    rounds.py      the rounds of a watch, judged together: no more false alarms than one has
    watching.py    which activations are measured, when, and how a watch ends
    rollout.py     the stages of a prompt: promote, hold, or roll back

Rule: these decide and say why. What they decide is done by `cli.bench`, through the remedies
with their journal.
"""
