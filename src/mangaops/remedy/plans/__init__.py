"""From a draft to a plan that may be applied.

planner.py       a draft -> a plan with reason, place, expiry; no secret enters one
plan_file.py     a plan <-> the text of its file, its digest checked
plan_reading.py  its document, read strictly
checking.py      may a plan be applied: its claims, its age, its place, its targets now
risks.py         the least risk that changing a kind of thing has
guardrails.py    limits of the configuration that a plan must keep, by the rule's name
approval.py      which answer a plan needs, and whether it was given
"""
