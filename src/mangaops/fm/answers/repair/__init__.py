"""One JSON object out of a model's text, without ever guessing a value.

Rule: a value is given as the model wrote it, or not at all. Around values, only slips that can
mean one thing are mended, and each is told. What the text may mean twice is not decided here.
Reason: a price that was cut from 1299 to 12 is worse than no answer.
Known cost: what looks obvious to a reader (a missing comma, a key without quotes) is refused,
and the model is asked once more.

    mend.py          repair_json: what is chosen of a text, and what may be done with it
    plain.py         JSON that needs no mending
    candidates.py    the objects of a text that may be the answer, and which of them is
    spans.py         the objects and lists that stand in a text
    fences.py        where Markdown's code blocks begin and end
    balance.py       where a bracket closes, whatever stands inside
    reader.py        one object or list, read token by token
    stack.py         the containers that are open meanwhile
    gaps.py          white space and comments
    quoted.py        one text in quotes, whichever quotes they are
    words.py         one bare word: a number, a literal
    signs.py         the signs of an input method that stand for JSON's own
    runs.py          many members at once
    patterns.py      those that are plain JSON
    slips.py         those that are full of slips, once no slip is told any more
    cutting.py       what is left out of an object that is cut
    notes.py         what was mended, left out and found wrong, with JSON pointers
"""
