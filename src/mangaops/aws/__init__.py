"""The ways to AWS: one gateway class per service, and the only production use of botocore.

    session.py     one way in: clients on first use, every request counted (calls.py)
    loader.py      botocore's service descriptions, found quickly
    errors.py      botocore's exceptions -> errors.Aws*
    cloudwatch.py, logs.py, cloudtrail.py, health.py   what happened
    ecs.py, autoscaling.py, lambda_.py, ssm.py, quotas.py, bedrock.py, s3.py   one service each
    regions.py     which regions there are
    iam.py         what an identity may do; table_key.py the key of a table
    discovery.py   what an account has, as lists of names
    dynamodb.py    tables, read; dynamodb_changes.py changes them, locks.py is the lock table
    opensearch.py  collections, read; opensearch_changes.py sets limits, opensearch_data.py
                   talks to an index
    cache.py       Redis, read; cache_changes.py removes and restores, cache_values.py digests,
                   cache_place.py tells which Redis it is

Rules, with their reasons:

- A gateway method is one question in the operator's terms, or one change. It takes and
  returns values of `model` or of the standard library, so that no caller knows botocore's
  shapes, and satisfies its consumer's Protocol (in `evidence` or `remedy`) by shape.
- botocore's exceptions end here: `with translated("logs:StartQuery"):` around each
  call turns them into `errors.Aws*`. "There is none" is an answer (None, an empty
  tuple) wherever the caller asked whether there is one.
- One session, clients made on first use by `session.Aws`. Importing this package
  costs nothing; botocore (0.1 s) is loaded with the first client.
- Retries of calls that read are botocore's (standard mode, three attempts in all): no loop
  of our own around a call, so three attempts are never nine. Calls that write go through
  `Aws.writer` and are sent once: whether they are sent again is for `remedy.execution`.
- A read-only session (MANGAOPS_DRY_RUN) refuses every call that would change something,
  before it is sent.

Known cost: a client of a service takes 5 to 30 ms to build, under the interpreter's
lock. Only what a runbook asks for is built.
"""
