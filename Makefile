# Two commands need nothing set up before: `make headless-test` and `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.run-ready
DEV_READY := $(VENV)/.dev-ready

# Every variable works on each target that runs something; an empty one leaves the scenario's value.
LOCUST_ARGS = $(if $(SCENARIO),--scenario '$(SCENARIO)') $(if $(HOST),--host '$(HOST)') \
  $(if $(PID),--target-pid '$(PID)') $(if $(PORT),--target-port '$(PORT)') \
  $(if $(NAME),--target-name '$(NAME)') $(if $(TARGET),--target-command '$(TARGET)') \
  $(if $(USERS),--users '$(USERS)') $(if $(SPAWN_RATE),--spawn-rate '$(SPAWN_RATE)') \
  $(if $(BASELINE),--baseline '$(BASELINE)') $(if $(LOAD),--load '$(LOAD)') \
  $(if $(COOLDOWN),--cooldown '$(COOLDOWN)') $(if $(INTERVAL),--sample-interval '$(INTERVAL)') \
  $(if $(PLAN),--plan '$(PLAN)') $(if $(ALLOW_HOST),--allow-host '$(ALLOW_HOST)') \
  $(if $(LIMIT),--memory-limit '$(LIMIT)') $(if $(SOURCE),--memory-source '$(SOURCE)') \
  $(if $(RUNS),--runs-dir '$(RUNS)') $(if $(GATES),--gates '$(GATES)') \
  $(if $(WEBHOOK),--alert-webhook '$(WEBHOOK)') $(if $(UNDER),--run-under '$(UNDER)') \
  $(if $(SIDECAR_URL),--sidecar-url '$(SIDECAR_URL)') $(if $(SIDECAR_CA),--sidecar-ca '$(SIDECAR_CA)') \
  $(if $(MAX_USERS),--max-users '$(MAX_USERS)') $(if $(MAX_RPS),--max-rps '$(MAX_RPS)') \
  $(if $(STOP_ERROR_RATE),--stop-error-rate '$(STOP_ERROR_RATE)') \
  $(if $(STOP_MEMORY),--stop-memory '$(STOP_MEMORY)') $(if $(STOP_SECONDS),--stop-seconds '$(STOP_SECONDS)') \
  $(if $(INSIDE),--inside $(if $(filter 0 no,$(INSIDE)),no,yes)) $(if $(HEAP_SNAPSHOTS),--heap-snapshots)
# Not on a command line, which others on this machine can read.
ifdef SIDECAR_TOKEN
export PLIMSOLL_SIDECAR_TOKEN := $(SIDECAR_TOKEN)
endif
comma := ,
empty :=
space := $(empty) $(empty)
# Compose v2 where it is there; what is written to runs/ belongs to who calls.
COMPOSE = command -v docker >/dev/null || { echo "error: there is no docker on this machine" >&2; exit 2; }; \
  export PLIMSOLL_UID=$$(id -u) PLIMSOLL_GID=$$(id -g) WORKERS=$(or $(WORKERS),2); \
  mkdir -p runs; $$(docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
LOCUST = $(BIN)/locust -f locustfile.py --loglevel WARNING

.PHONY: help headless-test web demo report pull verify components jobs find-limit what-if compare baseline monitor staging compose-demo compose-test test lint format bench accuracy lock clean
help: ## Show this list
	@echo "Plimsoll: how much memory does a service need under load, and which plan holds it?"
	@echo
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16
	@echo
	@echo "Variables: SCENARIO HOST PID PORT NAME TARGET USERS SPAWN_RATE BASELINE LOAD COOLDOWN"
	@echo "           INTERVAL PLAN ALLOW_HOST LIMIT SOURCE RUNS GATES WEBHOOK UNDER   (seconds; users per second)"
	@echo "           INSIDE=1 HEAP_SNAPSHOTS=1 VERIFY=1 SIDECAR_URL SIDECAR_TOKEN SIDECAR_CA"
	@echo "           MAX_USERS MAX_RPS STOP_ERROR_RATE STOP_MEMORY STOP_SECONDS   (guards; shares from 0 to 1)"
	@echo "Examples:  make headless-test BASELINE=3 LOAD=10 COOLDOWN=3"
	@echo "           make headless-test SCENARIO=my.toml TARGET='uvicorn app:app --port 8000'"
	@echo "           make web PORT=8000"

headless-test: $(READY) ## Run the plan without a browser and write a report (VERIFY=1: prove its advice, too)
	@$(LOCUST) --headless $(LOCUST_ARGS) $(if $(VERIFY),; code=$$?; [ $$code -le 1 ] || exit $$code; \
	  $(BIN)/python -m harness.proving verify --last '$(or $(RUNS),runs)' && exit $$code)

web: $(READY) ## Locust's web UI with the sidecar; each start makes one run directory
	@$(LOCUST) --web-host 127.0.0.1 $(LOCUST_ARGS)

demo: $(READY) ## A tour of one minute: the demo service, 10 + 40 + 10 seconds
	@$(LOCUST) --headless --baseline 10 --load 40 --cooldown 10 --users 10

report: $(READY) ## Write the report of a run again: make report RUN=runs/... (several: one verdict)
	@test -n "$(RUN)" || { echo "error: say which run: make report RUN=runs/<directory>" >&2; exit 2; }
	@$(BIN)/python -m reports $(if $(GATES),--gates '$(GATES)') $(foreach run,$(RUN),'$(run)')

pull: $(READY) ## Read what remote sidecars still have of a run: make pull RUN=runs/... SIDECAR_TOKEN=...
	@test -n "$(RUN)" || { echo "error: say which run: make pull RUN=runs/<directory>" >&2; exit 2; }
	@$(if $(SIDECAR_CA),PLIMSOLL_SIDECAR_CA='$(SIDECAR_CA)') $(BIN)/python -m harness.pulling '$(RUN)' $(if $(END_RUN),--end-run)

verify: $(READY) ## Repeat a run under its advised limit: make verify RUN=runs/... [LIMIT=512MiB]
	@test -n "$(RUN)" || { echo "error: say which run: make verify RUN=runs/<directory>" >&2; exit 2; }
	@$(BIN)/python -m harness.proving verify '$(RUN)' $(if $(LIMIT),--limit '$(LIMIT)')

components: $(READY) ## Who allocated what stays, from a traced run of the same load: make components RUN=runs/...
	@test -n "$(RUN)" || { echo "error: say which run: make components RUN=runs/<directory>" >&2; exit 2; }
	@$(BIN)/python -m harness.proving components '$(RUN)'

jobs: $(READY) ## Which background job leaks, from a log with job_completed lines: make jobs LOG=app.log
	@test -n "$(LOG)" || { echo "error: say which log: make jobs LOG=app.log  (- reads standard input)" >&2; exit 2; }
	@$(BIN)/python -m reports jobs '$(LOG)' $(if $(HTML),--html '$(HTML)')

find-limit: $(READY) ## The smallest limit that is survived: make find-limit RUN=runs/... [RESOLUTION=16MiB]
	@test -n "$(RUN)" || { echo "error: say which run: make find-limit RUN=runs/<directory>" >&2; exit 2; }
	@$(BIN)/python -m harness.proving find-limit '$(RUN)' $(if $(RESOLUTION),--resolution '$(RESOLUTION)') \
	  $(if $(MINUTES),--minutes '$(MINUTES)')

what-if: $(READY) ## Worker counts under one limit: make what-if WORKERS=2,3,4 LIMIT=512M [SCENARIO=...]
	@test -n "$(LIMIT)" || { echo "error: say under which limit: make what-if WORKERS=2,3,4 LIMIT=512M" >&2; exit 2; }
	@$(BIN)/python -m harness.proving what-if $(if $(SCENARIO),--scenario '$(SCENARIO)') $(if $(TARGET),--target '$(TARGET)') \
	  --workers '$(or $(WORKERS),1,2,3,4)' --limit '$(LIMIT)' $(if $(RUNS),--runs-dir '$(RUNS)') -- \
	  $(if $(USERS),--users '$(USERS)') $(if $(LOAD),--load '$(LOAD)') $(if $(BASELINE),--baseline '$(BASELINE)') \
	  $(if $(COOLDOWN),--cooldown '$(COOLDOWN)')

compare: $(READY) ## Two runs side by side: make compare BASE=runs/a NEW=runs/b (several: BASE="runs/a1 runs/a2")
	@test -n "$(BASE)" && test -n "$(NEW)" || { echo "error: say which: make compare BASE=runs/<before> NEW=runs/<after>  (BASE may be a baseline file)" >&2; exit 2; }
	@$(BIN)/python -m reports compare $(if $(FAIL_IF_WORSE),--fail-if-worse) '$(subst $(space),$(comma),$(strip $(BASE)))' '$(subst $(space),$(comma),$(strip $(NEW)))'

baseline: $(READY) ## Keep a run's figures to compare with: make baseline RUN=runs/... [FILE=plimsoll-baseline.json]
	@test -n "$(RUN)" || { echo "error: say which run: make baseline RUN=runs/<directory>" >&2; exit 2; }
	@$(BIN)/python -m reports baseline $(if $(FILE),--output '$(FILE)') $(foreach run,$(RUN),'$(run)')

monitor: $(READY) ## Watch a process without load: make monitor PID=1234 (or PORT=, NAME=)
	@test -n "$(PID)$(PORT)$(NAME)" || { echo "error: say whom to watch: make monitor PID=1234 (or PORT=8000, NAME=uvicorn)" >&2; exit 2; }
	@$(BIN)/python -m memory_sidecar $(if $(PID),--pid '$(PID)') $(if $(PORT),--port '$(PORT)') \
	  $(if $(NAME),--name '$(NAME)') $(if $(INTERVAL),--interval '$(INTERVAL)') $(if $(LOAD),--duration '$(LOAD)')

staging: ## Docker: master and workers against the HOST of .env, sidecars there: make staging [WORKERS=4]
	@test -f .env || test -n "$(HOST)" || { echo "error: nothing says where the load goes: copy .env.example to .env" >&2; exit 2; }
	@$(COMPOSE) --profile staging up --build --scale worker=$$WORKERS

compose-demo: ## Docker: the demo with a sidecar, a master with its web UI on 8089, and WORKERS=2
	@$(COMPOSE) --profile demo up --build --scale worker=$$WORKERS

compose-test: ## Docker: build the image, run the demo headless with WORKERS=2, exit as its gates say
	@sh deploy/compose-test.sh

test: $(DEV_READY) ## All tests, lint, types and the import rules
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -p no:anyio tests/with_locust
	@$(BIN)/python -m pytest --ignore tests/with_locust

lint: $(DEV_READY) ## Style, types, and who may import whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(DEV_READY) ## Put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(DEV_READY) ## Benchmarks against peers side by side; writes benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks --write

accuracy: $(DEV_READY) ## The verdicts against a corpus whose truth is known: confusion, precision, recall
	@$(BIN)/python -m tests.corpus $(if $(WRONG),--list-wrong)

lock: ## Resolve the dependencies anew and write both lock files
	@$(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	  --no-annotate --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	  --no-annotate --custom-compile-command "make lock" --extra dev -c requirements.lock pyproject.toml \
	  -o requirements-dev.lock

clean: ## Remove the environment and the caches; runs are kept
	rm -rf $(VENV) .venv-peers .venv-services .node-services .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "error: Python 3.11 or later is needed, this is " + sys.version.split()[0] + "; name another: make PYTHON=python3.11 ...")'
	@echo "setting up $(VENV) (once)" >&2
	@$(PYTHON) -m venv $(VENV)

$(READY): requirements.lock | $(VENV)/bin/python
	@echo "installing what a run needs (once, about half a minute)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DEV_READY): requirements-dev.lock | $(VENV)/bin/python
	@echo "installing what the tests need (once)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(READY)
