"""One change at a time per target.

    shared.py        leases in a table that all operators see
    holders.py       which of those leases a dead process of this machine took
    local.py         files of this machine, where no table is configured

Both kinds satisfy `execution.executor.Locks`.
"""
