#!/usr/bin/env bash
# The wheel as a user without extras gets it: `tests/smoke.sh FOLDER`, FOLDER/venv has it.
set -uo pipefail
mangaops="$(cd "$1" && pwd)/venv/bin/mangaops"
away="$(mktemp -d)"
trap 'rm -rf "$away"' EXIT
cd "$away" || exit 1
export MANGAOPS_STATE_DIR="$away/state" AWS_EC2_METADATA_DISABLED=true
unset MANGAOPS_ENV MANGAOPS_CONFIG AWS_PROFILE AWS_ENDPOINT_URL PYTHONPATH

# expect CODE TEXT ARGUMENTS...: the exit code, a text in the answer, and no traceback
expect() {
    local code="$1" text="$2" output status
    shift 2
    output="$("$mangaops" "$@" 2>&1)"
    status=$?
    if [ "$status" -ne "$code" ] || [[ "$output" != *"$text"* ]] || [[ "$output" == *Traceback* ]]; then
        echo "smoke: mangaops $* gave $status, not $code with '$text':" >&2
        echo "$output" >&2
        exit 1
    fi
    echo "smoke: mangaops $* -> $status"
}

expect 0 "Usage: mangaops" --help
expect 0 "mangaops 0." --version
expect 0 "first-token" runbook list
expect 0 "bedrock-cold-connections" runbook show first-token
expect 0 "" runbook lint
expect 0 "none failed" runbook test
expect 2 "no run is stored yet" bench compare last
expect 1 "6 could not be run" ci
expect 2 "did you mean" diagnose frist-token
expect 0 "cut-stream" probe --chaos list
expect 2 "pip install 'mangaops[sandbox]'" probe --chaos throttled
expect 1 "pip install 'mangaops[sandbox]'" diagnose first-token --sandbox cold-connections
export AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_REGION=ap-northeast-1
export AWS_ENDPOINT_URL=http://127.0.0.1:9
expect 1 "error" diagnose first-token
expect 1 "mangaops.error/1" diagnose first-token --output json
expect 1 "error" probe
expect 0 "Usage: mangaops plan" plan --help
expect 1 "error" scale-out --dry-run
expect 2 "has changed nothing from this machine" undo last
expect 0 "" history verify
