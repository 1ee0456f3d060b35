"""`mangaops doctor`: what will work in an incident, what will not, and what that costs.

    finding.py    what was found out: one thing, its state, what to do about it
    asking.py     all evidence of several runbooks as one collection, each query once
    access.py     whose credentials, the clock, the lock table
    metrics.py    a metric's evidence -> a finding, with the nearest listed name
    listing.py    which metrics CloudWatch lists, long lists asked for once
    log_query.py  which fields a Logs Insights query uses
    logs.py       sampled events -> whether those fields are there
    resources.py  evidence of any other kind -> a finding
    ways_in.py    lines to paste that lead to a cache within a VPC
    changes.py    what may be written, by IAM's own simulation
    targets.py    whether what the remedies write to is there
    reasons.py    why evidence was not read, in words
    calls.py      the IAM actions of all this
    outlook.py    what is lost -> which diagnoses are left

Everything is read as a diagnosis reads it, by the same readers, so that what works here
works then. Cheaper only where it costs nothing to know: no earlier days of metrics, a few
log events in place of the queries, a few keys of the cache.
"""
