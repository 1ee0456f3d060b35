"""`mangaops bench`: measuring prompts, comparing them, and holding back what is slower.

app.py   the group; each command is a module that is imported when it is typed
comparing.py   from what was typed to a report, for compare and gate; plotting.py, its picture
rolling_back.py   the safeguard at work, for gate and watch
compared_runs.py   stored runs as evidence of a diagnosis
stored.py   which store is meant, and which of its runs

run, compare, gate, history, aa, watch and rollout are these commands.
"""
