"""From evidence to a diagnosis: pure functions, the standard library, no I/O.

    scope, shapes, check, signatures, arguments   what may be written, with light static types
    parse, slots, problem                text -> Condition or Template, or its error's place
    values, operators, series, tables    values that know where they come from
    equality                             known of all values but redacted ones
    facts, env, evaluate, evaluator      Condition + Facts -> truth and checks
    functions, figures, observe, units   what is applied to values, and how checks come of them
    formats, plain, template             figures and sentences as people read them
    node, trail, walk, mentions          Runbook + Evidence -> Diagnosis, or what it needs
    edges                                every way out of a runbook's nodes
    ending, reasons, triage              where a walk ends, and why it is not confirmed
    settled                              which branches cannot be unknown when they are asked
    explain                              what would have changed a diagnosis
    sensitivity                          how far each number can be shifted before it does
    sensitivity_levers, sensitivity_search   which numbers, and how their ends are found
    sight, reach                         what is still possible without some evidence

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
