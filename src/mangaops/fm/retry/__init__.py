"""Whether to send again, and after which wait.

Rule: one loop, here, and a budget over all calls. A server's hint is kept or the route is left
at once. It is decided before any wait, so nobody waits after the last attempt.
Reason: retries at two layers multiply, and an outage is made longer by those who ask again.
Known cost: with the budget spent, a call that a retry would have saved is answered from lower
down the ladder.

    hints.py      when the server wants to be asked again, as its headers say it
    deadline.py   the instant by which a caller wants an answer
    budget.py     how many retries all calls together may make
    policy.py     one decision: send again after a wait, go down the ladder, or give up
"""
