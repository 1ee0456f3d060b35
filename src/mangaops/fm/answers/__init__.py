"""What came back: whether it is whole, sound, and about products that exist.

    repaired.py    what became of a text that should be JSON
"""
