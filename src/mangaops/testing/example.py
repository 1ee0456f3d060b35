"""A whole small test file: the example of the README and of `runbook schema --tests`."""

TESTS = """\
schema: mangaops.runbook-test/1
evidence:                              # what every test starts from
  cpu: {Average: 50x30}                # one value a minute, the newest last
  tasks: {fields: {desired: 4, running: 4}}
tests:
  - name: an average at the limit is no incident
    evidence: {cpu: {Average: 70x25 90x5}}
    expect: {status: healthy, path: []}
  - name: missing tasks are the cause, however few there are
    evidence:
      cpu: {Average: 50x20 81x10}      # ten minutes above
      tasks: {fields: {desired: 4, running: 3}}
    expect: {status: diagnosed, diagnosis: tasks-missing, verdict: confirmed}
  - name: when all tasks run, there are too few
    evidence: {cpu: {Average: 70..100x30}}
    expect:
      status: diagnosed
      diagnosis: too-few-tasks
      path: [{all-running: "yes"}]
      remedies: [{scale-out: scale-out --to 8}]
  - name: a CPU that may not be read says nothing
    evidence: {cpu: {state: denied, detail: AccessDenied}}
    expect: {status: inconclusive, missing: [cpu]}
  - name: neither does a CPU whose newest minutes are missing
    evidence: {cpu: {Average: 91x20 _x10}}
    expect: {status: inconclusive, missing: [cpu]}
  - name: without the service no cause is named
    evidence: {cpu: {Average: 91x30}, tasks: no_data}
    expect: {status: inconclusive, path: [{all-running: not known}]}
"""
