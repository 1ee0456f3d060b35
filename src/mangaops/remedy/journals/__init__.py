"""What is on disk about a run, before the next thing happens.

journal.py       one line per fact, hash-chained and fsynced
saving.py        files of a run that hold what undo will need
history.py       what a journal tells when it is read back, also after a crash
"""
