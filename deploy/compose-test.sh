#!/bin/sh
# The headless profile from image to exit code: what `make compose-test` runs. Needs no Python.
set -eu
cd "$(dirname "$0")/.."
fail() {
  echo "error: $1" >&2
  exit 2
}
command -v docker >/dev/null || fail "there is no docker on this machine; install the Docker engine and docker-compose"
docker version >/dev/null 2>&1 || fail "the Docker engine does not answer; start it, or set DOCKER_HOST"
if docker compose version >/dev/null 2>&1; then compose="docker compose"; else compose=docker-compose; fi
$compose version >/dev/null 2>&1 || fail "there is no docker-compose; install it (1.29 or later, or compose v2)"

export PLIMSOLL_UID="${PLIMSOLL_UID:-$(id -u)}" PLIMSOLL_GID="${PLIMSOLL_GID:-$(id -g)}"
export WORKERS="${WORKERS:-2}" BASELINE="${BASELINE:-3}" LOAD="${LOAD:-12}" COOLDOWN="${COOLDOWN:-3}"
# A project of its own, so that a demo that is running goes on.
export COMPOSE_PROJECT_NAME="plimsoll-test-$$" COMPOSE_PROFILES=headless
patience=$(awk "BEGIN { print int(${BASELINE} + ${LOAD} + ${COOLDOWN} + 120) }")
# Docker would make the folder, and root would own it.
mkdir -p "${RUNS_DIR:=./runs}"
export RUNS_DIR

docker build --quiet --tag "${PLIMSOLL_IMAGE:-plimsoll}" . >/dev/null
trap '$compose down -v --timeout 5 >/dev/null 2>&1' EXIT
trap 'exit 130' INT TERM
# Not --exit-code-from: workers end first, compose then stops the master, and the report is lost.
$compose up -d --scale worker="$WORKERS" >/dev/null 2>&1 || {
  $compose logs --tail 20 >&2
  fail "the services do not start; their last lines are above"
}
master=$($compose ps -a -q headless)
code=$(timeout "$patience" docker wait "$master") || {
  $compose logs --tail 20 >&2
  fail "the run did not end within $patience s; the last lines are above"
}
docker logs "$master" 2>&1
echo "exit code of the run: $code"
exit "$code"
