"""Telemetry of MangaAssist, minute by minute: normal, and as a scenario changes it.

    shapes.py      distributions: latencies, levels, counts, ramps
    signals.py     a metric: its cells, and the dimension sets it is published under
    normal.py      every metric of the normal world
    changes.py     what a scenario does to a metric, and from when
    log_mix.py     what is in the logs: models, errors, close patterns, DNS answers
    log_calls.py   the orchestrator's log of a minute
    log_events.py  one minute of a mix -> log events
    writer.py      minutes -> the sandbox's metric store and log groups, and the ticker

Rule: minute N of a scenario always holds the same numbers, whatever the time of day,
because its random numbers are seeded by the scenario and N. Reason: an expected
diagnosis must not depend on luck. Known cost: two sandboxes of one scenario are equal.
The running minute is written in advance, so that a window that ends at the newest
complete minute never lacks it.
"""
