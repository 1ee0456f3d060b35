"""`iam`: what runbooks and remedies declare -> least-privilege policy documents.

    names.py      which resources a query reads, and which a remedy reads and changes
    actions.py    an IAM action and those names -> ARNs and a condition: the one table
    needs.py      a bound runbook, or a remedy -> the calls that it makes on which names
    document.py   many needs -> one policy document, the smallest that allows them all
    notes.py      what a document cannot say

All of it is pure. An action that the table lacks is an error, never a `*`.
"""
