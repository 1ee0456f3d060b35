"""What is asked: the request, and whether it can be sent to a model.

request.py    one question, in the form of Converse
"""
