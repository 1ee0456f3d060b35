"""What each remedy is as something to type, once for both ways to type it.

texts.py          its help and its examples
options.py        its options, and the request that they make
words.py          the way between words and options, both directions
commands.py       `mangaops REMEDY`: from plan to verify
plan_commands.py  `mangaops plan REMEDY`
"""
