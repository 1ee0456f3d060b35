"""From evidence to a diagnosis: pure functions, the standard library, no I/O.

    parse, check, signatures, slots     text -> checked Condition or Template, at load
    values, series, functions, evaluate Condition + Facts -> Evaluation, three-valued
    template                            Template + Facts -> a sentence
    walk, verdict, triage, explain      Runbook + Evidence -> Diagnosis, or what it needs

Rules, and why:

Unknown is a value. Evidence that was denied, is stale or has holes never counts as
false, nor as zero; only `known()` turns it into a yes or no, and what rests on such
a no is never confirmed. So evidence that goes missing can make a verdict weaker or
inconclusive, but cannot turn it into another confirmed one.

Pending is not unknown. What nobody has read yet stops the walk with `Needs`, unless
the rest of the condition decides without it; the collector reads it and walks again.
The walk holds no state between these calls, so a replay of the same evidence takes
the same path.

Known cost: the walk starts again from the trigger after each reading, which is
microseconds against a network call.
"""
