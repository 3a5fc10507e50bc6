#!/bin/sh
# docker run plimsoll locust|worker|staging|sidecar|reports|demo ...; anything else runs as it is.
set -eu

# Compose hands on what nobody has set as empty text, which is no number and no address.
for name in $(env | sed -nE 's/^((LOCUST|PLIMSOLL)_[A-Z_]+)=$/\1/p'); do
  unset "$name"
done

fail() {
  echo "error: $1" >&2
  exit 2
}

# Who has no token shares one in a volume: the sidecar makes it, and the master reads it.
if [ -z "${PLIMSOLL_SIDECAR_TOKEN:-}" ] && [ -n "${PLIMSOLL_SIDECAR_TOKEN_FILE:-}" ]; then
  if [ "${1:-}" = sidecar ] && [ ! -s "$PLIMSOLL_SIDECAR_TOKEN_FILE" ]; then
    (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$PLIMSOLL_SIDECAR_TOKEN_FILE") ||
      fail "$PLIMSOLL_SIDECAR_TOKEN_FILE cannot be written: give PLIMSOLL_SIDECAR_TOKEN instead"
  fi
  PLIMSOLL_SIDECAR_TOKEN=$(cat "$PLIMSOLL_SIDECAR_TOKEN_FILE") ||
    fail "there is no token: give SIDECAR_TOKEN, the same to the sidecar and to the master"
  export PLIMSOLL_SIDECAR_TOKEN
fi

command=${1:-locust}
[ $# -eq 0 ] || shift
case $command in
  locust)
    exec locust -f /plimsoll/locustfile.py --loglevel WARNING "$@" ;;
  worker)
    exec locust -f /plimsoll/locustfile.py --loglevel WARNING --worker "$@" ;;
  staging)
    # Without an address the scenario's own target would be started in this container.
    [ -n "${LOCUST_HOST:-}" ] || fail "no address to load: set HOST (copy .env.example to .env)"
    [ -n "${PLIMSOLL_SIDECAR_URL:-}" ] || fail "no sidecar to ask: set SIDECAR_URL (see .env.example)"
    [ -n "${PLIMSOLL_SIDECAR_TOKEN:-}" ] || fail "no token for the sidecar: set SIDECAR_TOKEN (see .env.example)"
    exec locust -f /plimsoll/locustfile.py --loglevel WARNING --master "$@" ;;
  sidecar)
    exec python -m memory_sidecar "$@" ;;
  reports)
    exec python -m reports "$@" ;;
  demo)
    exec gunicorn demo.app:app --worker-class uvicorn_worker.UvicornWorker \
      --workers "${WEB_CONCURRENCY:-2}" --bind 0.0.0.0:8000 --graceful-timeout 3 \
      --no-control-socket "$@" ;;
  *)
    exec "$command" "$@" ;;
esac
