"""From an approved plan to a change: the only place where anything is written.

executor.py      a plan and its approval -> a change, from the lock to the end
running.py       its steps, written one after the other until the first that fails
writing.py       one AWS write: intent, call, result; repeated only when it did not land
stopping.py      Ctrl-C: after the call in flight, or at once
settling.py      has the world arrived at what was written?
watching.py      did the alarm get better, worse, or is there no evidence yet
ending.py        how a run ended: status, sentence, next command
"""
