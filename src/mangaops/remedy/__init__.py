"""Changing things without fear: plan, guardrails, approval, execution, verification, undo.

    action.py      what a remedy and its actions must offer, and what they are given
    actions/       one module per remedy: reads its targets, drafts, writes, checks
    planner.py     a draft -> a plan with reason, place, expiry and digest
    plan_file.py   a plan <-> the text of its file, its digest checked (plan_reading.py: strictly)
    checking.py    is a plan still good: its age, and every target as it is now
    guardrails.py  limits of the configuration that a plan must keep, by the rule's name
    approval.py    which answer a plan needs, and whether it was given
    journal.py     one line per fact, hash-chained and fsynced
    history.py     what a journal tells when it is read back, also after a crash
    locking.py     one change at a time per target
    writing.py     one AWS write: intent, call, result; repeated only when it did not land
    saving.py      files of a run that hold what undo will need
    stopping.py    Ctrl-C: after the call in flight, or at once
    executor.py    a plan and its approval -> a change
    running.py     its steps, written one after the other until the first that fails
    settling.py    has the world arrived at what was written?
    ending.py      how a run ended: status, sentence, next command
    watching.py    did the alarm get better, worse, or is there no evidence yet
    undoing.py     a journal and the present world -> the plan that takes it back

Rule: a draft only reads. The executor is the only one who writes, and it writes nothing
that is not in the approved plan: dry run is not to call it. Each target is read again
before its write and compared with what the plan saw. Each write is journaled before it is
sent and after it is answered, and undo needs nothing but that journal and the world.
Reason: a crash, a second operator or a lost answer may come between any two lines.

Known cost: a target is read three times (plan, apply, verify), and a write whose answer
was lost is settled by one more read instead of by a retry of the SDK.
"""
