"""The embedded AWS: an HTTP endpoint that any SDK or CLI can use, and a real Redis server.

Rule: what it answers is true to what was written, or it is an error that says so. A call
is answered by our overlay, or by moto where moto was tried and found truthful, or with
501 NotServedBySandbox and the call's name. There is no fourth way.
Reason: a diagnosis that was practised on wrong answers is worse than none.

    served by   what
    ---------   ----------------------------------------------------------------------
    ours        cloudwatch      PutMetricData, GetMetricData (percentiles, paging, metric
                                math), GetMetricStatistics, ListMetrics
                logs            StartQuery, GetQueryResults, StopQuery, DescribeQueries
                                (Logs Insights: `insights`), FilterLogEvents
                ecs, application-autoscaling, opensearchserverless and its data plane,
                health, cloudtrail, service-quotas, bedrock, bedrock-runtime: each as far
                                as `services` has a handler
                sts             GetCallerIdentity
                dynamodb        TransactWriteItems (tokens hold for ten minutes),
                                UpdateTable (streams off and on)
                lambda          event source mappings (Creating, Enabled, Disabling ...)
                elasticache     the group of the Redis below; apigatewayv2: WebSocket
                                APIs and stages; ec2: the NAT gateway
                sqs             ReceiveMessage (waiting), SendMessage, SendMessageBatch and
                                SetQueueAttributes refuse what SQS does
                iam             SimulatePrincipalPolicy: what a fault denies is denied
                Redis           a Valkey server, on a port of its own
    moto's      ssm             parameters, their versions and history
                dynamodb        tables, items, conditions, batches; dynamodbstreams
                lambda          functions (they are never run)
                sqs             queues, visibility, dead letters; no message move tasks
                s3              buckets and objects
                iam             roles and policies; nothing is denied because of them
                cloudwatch      alarms, which are never evaluated and start as OK;
                                dashboards
                logs            groups, streams, PutLogEvents, metric filters
                ec2             a few describes
    not served  everything else, and of what is served: Metrics Insights and SEARCH, alarm
                evaluation, IAM decisions, signatures (any key is accepted), eventual
                consistency, quotas other than those that a handler says

How a request goes: `listen` (HTTP) -> `application` (faults, latency, log of calls, audit
trail) -> `wire` (which call, its parameters) -> a handler of `services` over the `world`,
or `passthrough` to moto -> `wire` (the answer). Every overlay answer is checked against
botocore's output shape first; MANGAOPS_SANDBOX_VALIDATE=0 leaves that out.
Its models fail by `model_faults` (by name: `model_chaos`), and `traffic` asks them.
`server` puts one sandbox together, `process` is its life, `control` starts and stops
processes, `state` knows which run, `administration` has the paths under `/_sandbox/`.

Remedies change this world, and its telemetry follows: a scenario's `recovery` names the
states in which its incident has subsided (`recovery_format`). They are looked at before
metrics or logs are read and at each new minute, and a turn writes the last minutes anew.
`snapshot` is the state that a remedy can change, with a digest, for tests of undo.

A capsule is a scenario too (`capsule_world`): recorded statistics and log rows go before what
is stored, recorded resources are put under the sandbox's own names, and nothing recovers.

Known cost: moto takes most of the start-up of about a second and a half, and its minor
version is fixed, since `wire` extends its protocol layer.
"""
