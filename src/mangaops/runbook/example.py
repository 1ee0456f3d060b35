"""A whole small runbook: the example of the README and of `mangaops runbook schema`."""

RUNBOOK = """\
schema: mangaops.runbook/1
name: cpu-high
title: The orchestrator's CPU is high
severity: SEV-3
description: The hosts of the orchestrator are busy.
window: 30m

parameters:
  cpu_limit: {default: 80, unit: percent, description: average CPU above this is the incident}
  sustained: {default: 10m, unit: duration}

evidence:
  cpu:
    kind: metric
    title: orchestrator CPU
    unit: percent
    query:
      namespace: AWS/ECS
      name: CPUUtilization
      stat: Average
      dimensions: {ClusterName: "${cluster}", ServiceName: "${service}"}
  tasks:
    kind: ecs_service
    title: orchestrator tasks
    unit: count
    query: {cluster: "${cluster}", service: "${service}"}

trigger:
  question: Is the CPU above the limit?
  when: avg(cpu, sustained) > cpu_limit
  on_missing: inconclusive
  healthy: "The CPU was {avg(cpu, sustained):percent}, not above {cpu_limit:percent}."

start: all-running

nodes:
  all-running:
    question: Are all tasks running?
    branches:
      - answer: "no"
        when: tasks.running < tasks.desired
        goto: tasks-missing
        on_missing: inconclusive
      - answer: "yes"
        otherwise: true
        goto: too-few-tasks

outcomes:
  tasks-missing:
    title: Tasks are missing
    cause: "{tasks.running:count} of {tasks.desired:count} tasks run, and share all the load."
    remedies:
      - {id: see-events, title: Read the service's events, urgency: immediate, kind: manual}
  too-few-tasks:
    title: Too few tasks
    cause: "All {tasks.desired:count} tasks run, at {avg(cpu, sustained):percent} CPU."
    remedies:
      - id: scale-out
        title: Twice the tasks
        urgency: immediate
        kind: executable
        command: "scale-out --to {2 * tasks.desired}"
"""
