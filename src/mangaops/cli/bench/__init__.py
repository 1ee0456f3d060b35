"""`mangaops bench`: measuring prompts, comparing them, and holding back what is slower.

app.py   the group; each command is a module that is imported when it is typed
run_options.py   what `bench run` takes
measuring.py   a plan, carried out, is a stored run; preparing.py looks prompts and models up,
               agreeing.py is about the cost, counting.py the progress, carrying_out.py starts it
budgets.py   the budgets of a workload's prompts; gating.py, the gate from options to exit code
against.py   what compare and gate take; comparing.py, from that to a report; plotting.py, its
             picture
rolling_back.py   the safeguard at work, for gate and watch
guarding.py   what a watch does to the world
staging.py   a stage, its samples and its next step, for rollout
compared_runs.py   stored runs as evidence of a diagnosis
beside.py   what AWS tells of the time of a change, for history
typed.py   numbers as they were typed, refused where they cannot be
stored.py   which store is meant, and which of its runs

run, compare, gate, history, aa, watch and rollout are these commands.
"""
