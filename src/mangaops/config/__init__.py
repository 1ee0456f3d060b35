"""mangaops.yaml: the environments of an installation and what they are called there.

Only what differs from the defaults of `model.settings` needs to be written. The file
is as strict as a runbook: an unknown key or resource is an error with its place.
"""
