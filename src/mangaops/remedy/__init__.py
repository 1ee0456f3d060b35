"""Changing things without fear: plan, guardrails, approval, execution, verification, undo.

    action.py      what a remedy and its actions must offer, and what they are given
    actions/       the remedies, in a package for each kind of thing that they act on
    plans/         a draft -> a plan: its file, its checks, its guardrails, its approval
    execution/     an approved plan -> a change: written, settled, watched, ended
    journals/      what is on disk about a run, before the next thing happens
    locks/         one change at a time per target
    undoing.py     a journal and the present world -> the plan that takes it back
    taking_back.py the way back of one step, with the names that AWS gave

Rule: a draft only reads. The executor is the only one who writes, and it writes nothing
that is not in the approved plan: dry run is not to call it. Each target is read again
before its write and compared with what the plan saw. Each write is journaled before it is
sent and after it is answered, and undo needs nothing but that journal and the world.
Reason: a crash, a second operator or a lost answer may come between any two lines.

Known cost: a target is read three times (plan, apply, verify), and a write whose answer
was lost is settled by one more read instead of by a retry of the SDK.
"""
