"""From two sides of runs to a report: is one prompt slower than another, and why.

    rules.py        the margin, the certainty and the budgets by which is judged
    latest.py       which stored runs tell how an intent's newest measurement compares
    sides.py        which arms of which runs are the baseline and the candidate
    columns.py      their calls as arrays
    compare.py      two samples of one intent, but for the verdict; figures.py has the numbers
    shift.py        what of the distribution moved; cause.py, why
    budget.py       a prompt against its budget, before any call and as measured
    doubts.py       reasons to distrust; control.py, other intents that moved as well
    verdict.py      PASS, FAIL or INCONCLUSIVE, over all intents at once
    report.py       all of that, for all intents of two sides
    comparison.py   what comes out: plain values without numpy

Rule: everything is drafted by intent, and judged together: the verdict of one depends on how
many there are.
"""
