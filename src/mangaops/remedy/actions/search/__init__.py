"""Capacity and warmth of the search collection.

raise_ocu.py       the remedy; limits.py, its actions; ocu.py, which values are legal
prewarm_search.py  the remedy; searching.py, its action; queries.py, what is sent
latencies.py       how long searches took, by fifths
"""
