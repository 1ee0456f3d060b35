"""Incident capsules: one run's evidence, runbook and circumstances in one file.

    capsule.py   what a capsule holds
    document.py  capsule <-> plain data
    values.py    the four shapes of evidence <-> plain data
    fields.py    plain data of a file, read with its types checked
    file.py      plain data <-> a compressed, versioned file with a digest
    redacting.py no secret gets in; equal secrets stay equal
    walking.py   the same diagnosis again, from the runbook's text on
    differing.py two capsules, by what changed most
    measuring.py how much one piece of evidence has changed

A capsule is replayed by walking its runbook over its evidence: nothing is read again.
"""
