"""Whether to send at all, by model, region and operation.

    permit = breaker.acquire()
    if permit is None: ...         # open: ask another model
    with permit:                   # left without an outcome, it counts as nothing
        ...the call...
        permit.success(duration)   # or permit.failure(failure_class, duration)

Rule: decide (locked, microseconds), call (unlocked), record (locked). One outcome a permit, and
none from before the last change of state. Half open, one probe at a time, on a lease.
Reason: a breaker that calls under its lock serialises its callers; one that lets everybody
probe is no breaker; one whose probe never comes back stays shut for ever.
Known cost: each process learns by itself, unless the state is shared (`sharing.py`): then
an opening reaches the others within a second, and one of them all probes.

    config.py       when a breaker opens, for how long, and what closes it
    window.py       what was counted in the last so many seconds
    circuit.py      the machine of three states
    permit.py       the right to send one request, to be given back with its outcome
    transitions.py  a change of state, as it is logged; the figures of a moment
    registry.py     the breakers of all targets
    shared.py       what many tasks agree on, and how it changes; stored.py, as a text
    shared_circuit.py  a breaker that goes by it; sharing.py, who tells and hears
    redis_state.py  where it is kept: in Redis, or dynamodb_state.py, in DynamoDB
"""
