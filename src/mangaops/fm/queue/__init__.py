"""Work that can wait, over SQS: requests go in, workers answer them, results are kept.

    queue = fm.ModelQueue(sqs, queue_url)
    queue.enqueue(request, idempotency_key="summary-42")
    ...
    worker = fm.Worker(queue, client, results=RedisResults(redis), dead_letters_url=url, ...)
    worker.run(stop)                                # stop is a threading.Event

Rule: a message is deleted only after its answer is kept, and one key is answered once, however
often SQS delivers it and whichever workers get it. An answer that no model gave (a template, an
apology) is none: the message comes back later. What can never be answered goes to the dead
letters at once, with the reason. An answer that the store did not take is offered again, and
no model paid for another.
Reason: SQS delivers at least once; who waits for nothing can wait for a better answer.
Known cost: not for anything that a user waits for. A worker answers one message at a time.

    model_queue.py       puts requests in
    message.py           a request as the text of a message, and back
    worker.py            takes one out, answers it, decides what becomes of it; worker_config.py
    delivery.py          one message as SQS gave it; in_hand.py, what outlives a delivery
    handling.py          what can become of a message; queue_record.py, its log record
    results.py           what was answered, and who is at it: kept in memory
    redis_results.py     kept in Redis; dynamodb_results.py, in DynamoDB
    kept_answer.py       an answer as it is kept
"""
