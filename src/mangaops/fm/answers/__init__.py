"""What came back: whether it is whole, sound, and about products that exist.

repaired.py       what became of a text that should be JSON
repair/           one JSON object out of a model's text, without ever guessing a value
keywords.py       which of JSON Schema's keywords are checked, and the refusal of all others
schema.py         whether a value has the shape that was asked for
stop_reason.py    why a model stopped, in five kinds
tools.py          the tools that it asks for, and whether they may be called
naming.py         how a product is told in JSON, and whether a text names one
product_ids.py    what a product id looks like, and the ids that stand in a text
mentions.py       where an answer's JSON names products, and what they are called
products.py       whether the products that an answer names exist
analysis.py       what an answer is worth, all of that together
"""
