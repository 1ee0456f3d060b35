"""The remedies: what each reads, what it proposes, and how its steps are carried out.

    ecs/            scale-out, set-env, restart-service
    cache/          invalidate-cache
    search/         raise-ocu, prewarm-search
    prompts/        rollback-prompt
    parameters/     set-parameter, route, flash-sale-mode
    quotas/         request-quota
    streams/        enable-invalidation
    step_fields.py  what actions read out of a step, each value of the right type
    plain_text.py   text without control characters
    aws_line.py     the same change as a line of the AWS CLI
    owners.py       infrastructure as code that owns a target, by its tags

Each has a class NAMERemedy, whose draft only reads, and the actions of its steps. A
remedy does not import another one's package.
"""
