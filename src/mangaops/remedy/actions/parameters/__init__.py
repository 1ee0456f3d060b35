"""SSM parameters that the chatbot reads at run time.

set_parameter.py  the remedy and its action
rules.py          what the known parameters may hold
"""
