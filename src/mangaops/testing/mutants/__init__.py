"""Small changes of a runbook that its tests must notice: a test of the tests.

    mutant.py       what a mutant is: its id, its place, the change, where it can be seen
    uses.py         what conclusions rest on, and which parts of a tree mention it
    expressions.py  one condition -> each condition that is a little different
    figures.py      numbers and lengths of time beside the given one
    conditions.py   mutants of the trigger, definitions, branches, confirmations, severities
    parameters.py   mutants of thresholds, lengths and what remedies are given
    queries.py      mutants of statistics and windows of metrics, and evidence that is gone
    tree.py         mutants of the order of branches, and of where missing data leads
    listing.py      all mutants of a runbook
    run.py          which of them the tests notice
    verdict.py      survivors, those that were justified, and justifications that are wrong
    session.py      all of it, for one test file

Rules, with their reasons:

- A mutant changes the loaded runbook, never the file: what cannot be loaded proves nothing.
- Sentences are not mutated, nor what only sentences mention: they conclude nothing. What
  remedies are given is mutated, since somebody will type it.
- Queries of logs are not mutated: a test gives the rows that a query returns.
- A test that walks past nothing that mentions the change cannot notice it and is not run.

Known cost: one walk for each mutant and each test that walks there, until one fails.
"""
