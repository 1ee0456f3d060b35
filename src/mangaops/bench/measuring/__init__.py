"""From a workload to a run: what is sent, in which order, how fast, and for how much.

    workload.py         what is sent, by intent; workload_format.py has the file's keys
    prompts.py          which prompt each arm sends, of the workload or the prompt table
    schedule.py         which call comes when: warm-up, then all arms in turn
    measurement.py      one run as it will be carried out, all of it settled
    cost.py             what it may cost, and has cost
    runner.py           carries it out; limiter.py spaces the calls
    looks.py            looks at a growing run, to stop at the first verdict
    summary.py          what was measured, an arm a line; no verdict

Rule: nothing here knows AWS: the model and the prompt table are protocols.
"""
