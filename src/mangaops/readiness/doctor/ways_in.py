"""The ways into a cache within a VPC, as lines to paste.

ElastiCache cannot be reached from outside its VPC: through the agent of a
running task, or as a task beside it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from mangaops.model.settings import Environment

_FORWARD = "AWS-StartPortForwardingSessionToRemoteHost"
_PORT = 6379


def ways_in(at: Environment) -> tuple[str, ...]:
    """`CACHE_HOST` and `YOUR_MANGAOPS_TASK` stand for names that nobody has configured.

    Through a forwarded port the certificate is for another name than `localhost`.
    """
    url = urlsplit(at.cache_url or "")
    host, port = url.hostname or "CACHE_HOST", url.port or _PORT
    secure = (url.scheme or "rediss") == "rediss"
    local = f"redis{'s' if secure else ''}://localhost:{port}/0"
    local += "?ssl_check_hostname=false" if secure else ""
    ports = f"host={host},portNumber={port},localPortNumber={port}"
    cluster, service = at.resources["cluster"], at.resources["service"]
    region = f" --region {at.region}" if at.region else ""
    ecs = f"aws ecs{region}"
    task = f"{ecs} list-tasks --cluster {cluster} --service-name {service}"
    runtime = f"{ecs} describe-tasks --cluster {cluster} --tasks $TASK"
    session = f"aws ssm{region} start-session --document-name {_FORWARD}"
    network = f"{ecs} describe-services --cluster {cluster} --services {service}"
    run = f"{ecs} run-task --cluster {cluster} --launch-type FARGATE"
    return (
        "# through a running task, with ECS Exec on and session-manager-plugin here:",
        f"TASK=$({task} --query 'taskArns[0]' --output text)",
        f"RUNTIME=$({runtime} --query 'tasks[0].containers[0].runtimeId' --output text)",
        f"{session} --target ecs:{cluster}_${{TASK##*/}}_$RUNTIME --parameters {ports}",
        f"export MANGAOPS_CACHE_URL='{local}'",
        "# or as a one-off task in the service's subnets, from an image that has mangaops:",
        f"NET=$({network} --query 'services[0].networkConfiguration' --output json)",
        f'{run} --network-configuration "$NET" --task-definition YOUR_MANGAOPS_TASK',
    )
