"""The service: how many tasks it runs, and of which task definition.

scale_out.py        the remedy; desired_count.py and scaling_minimum.py, its actions
set_env.py          the remedy; environment.py, its action; environment_cli.py
restart_service.py  the remedy and its action
service.py          the target's names, what works against a change
rollout.py          a rolling deployment, followed to its end
task_definition.py  a definition with some variables changed, and its digest
"""
