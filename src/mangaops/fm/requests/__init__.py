"""What is asked: the request, and whether it can be sent to a model.

request.py        one question, in the form of Converse
registry.py       the models, their limits, and what each of them takes
issue.py          one thing that is wrong, with its path
validate.py       all that is wrong with a request
conversation.py   its part: turns, content, results of tools
blocks.py         its part: one block of a message
parameters.py     its part: ranges, budgets, tools, what a model does not take
form.py           its part: schema, pointers, metadata, interface
body.py           its part: whether it is JSON, and not too long as such
adapt.py          the request as one model takes it
tokens.py         how many tokens it has: estimated, corrected, counted
overflow.py       a conversation that is too long, made to fit
"""
