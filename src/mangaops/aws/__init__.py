"""The ways to AWS: one gateway class per service, and the only production use of botocore.

Rules, with their reasons:

- A gateway method is one question in the operator's terms. It returns values of
  `model` or of the standard library, so that no caller knows botocore's shapes,
  and satisfies its consumer's Protocol (in `evidence` or `remedy`) by shape.
- botocore's exceptions end here: `with translated("logs:StartQuery"):` around each
  call turns them into `errors.Aws*`. "There is none" is an answer (None, an empty
  tuple) wherever the caller asked whether there is one.
- One session, clients made on first use by `session.Aws`. Importing this package
  costs nothing; botocore (0.1 s) is loaded with the first client.
- Retries are botocore's (standard mode, three attempts in all): no loop of our own
  around a call, so three attempts are never nine.

Known cost: a client of a service takes 5 to 30 ms to build, under the interpreter's
lock. Only what a runbook asks for is built.
"""
