"""Runbook files in, frozen runbooks out; nothing here reads AWS.

    strict_yaml.py  text -> plain data with a place for every key and value
    yaml_errors.py  what the YAML parser refuses, in an author's words
    offsets.py      a character of a folded or quoted text -> its place in the file
    format.py       the file format v1 as pydantic models; also the source of the JSON Schema
    check.py        pydantic's errors -> findings; config/ uses it, too
    queries.py      what the types of an evidence query cannot say
    load.py, tree.py  file -> model.Runbook, or every finding at once
    lint.py         what is well-formed and still wrong: unreachable, unused, unhandled
    remedy_lines.py, looking_back.py   its rules about commands of remedies, about sub-windows
    bind.py         names and parameters of one environment into a loaded runbook
    configured.py   what mangaops.yaml sets that no runbook has
    library.py      where runbooks are, and which there are
    schema.py, graph.py   JSON Schema for editors, Mermaid for people
    example.py      a whole small runbook, which the README and the schema show

Strictness is the point: a misspelled key is a check that never fails, so an unknown
key is an error with its line and the nearest known one.
"""
