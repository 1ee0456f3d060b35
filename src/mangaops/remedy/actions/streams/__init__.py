"""From changes of the stock to the function that invalidates answers.

enable_invalidation.py  the remedy
switch.py               the action that switches the table's stream
mapping.py              the action that maps it to the function
"""
