"""`mangaops bench`: measuring prompts, comparing them, and holding back what is slower.

app.py is the group; each command is a module that is imported when it is typed: run, compare,
gate, history, aa, watch and rollout. What they do is in:

    options.py          options that mean the same in several of them
    run_options.py      what `bench run` takes
    measuring.py        a plan, carried out, is a stored run; for run and watch
    preparing.py        looks up its prompts and models
    agreeing.py         what it may cost, and who agreed to it
    carrying_out.py     puts model, pace and looks together; counting.py tells the progress
    against.py          what compare and gate take
    comparing.py        from that to a report, an exit code and the next command
    plotting.py         its picture, for compare
    gating.py           a gate from its options to its exit code
    budgets.py          the budgets of a workload's prompts, without a call
    rolling_back.py     the safeguard at work, for gate and watch
    guarding.py         what a watch does to the world
    staging.py          a stage and its next step, for rollout
    stage_runs.py       the runs that speak for it, and for the texts in use
    in_use.py           the place and the texts that a run is held against
    changes_beside.py   what AWS tells of the time of a change, for history
    stored_evidence.py  stored runs as evidence of a diagnosis
    typed.py            numbers as they were typed, refused where they cannot be
    stored.py           which store is meant, and which of its runs
"""
