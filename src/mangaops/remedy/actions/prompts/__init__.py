"""The active prompt of an intent.

rollback_prompt.py  the remedy and its action
choice.py           which prompt and which version, where the operator did not say
"""
