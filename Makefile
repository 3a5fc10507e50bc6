# Two commands need nothing set up before: `make headless-test` and `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.run-ready
DEV_READY := $(VENV)/.dev-ready

# A value as one word of the shell, whatever it holds: a TARGET may well have quotes of its own.
quote = '$(subst ','\'',$(1))'
option = $(if $(2),$(1) $(call quote,$(2)))
# For headless-test, web, attribute and connections; the other targets take what their lines below
# name, and no more. An empty one leaves the scenario's value.
LOCUST_ARGS = $(call option,--scenario,$(SCENARIO)) $(call option,--host,$(HOST)) \
  $(call option,--target-pid,$(PID)) $(call option,--target-port,$(PORT)) \
  $(call option,--target-name,$(NAME)) $(call option,--target-command,$(TARGET)) \
  $(call option,--users,$(USERS)) $(call option,--spawn-rate,$(SPAWN_RATE)) \
  $(call option,--baseline,$(BASELINE)) $(call option,--load,$(LOAD)) \
  $(call option,--cooldown,$(COOLDOWN)) $(call option,--sample-interval,$(INTERVAL)) \
  $(call option,--plan,$(PLAN)) $(call option,--allow-host,$(ALLOW_HOST)) \
  $(call option,--memory-limit,$(LIMIT)) $(call option,--memory-source,$(SOURCE)) \
  $(call option,--runs-dir,$(RUNS)) $(call option,--gates,$(GATES)) \
  $(call option,--alert-webhook,$(WEBHOOK)) $(call option,--run-under,$(UNDER)) \
  $(call option,--sidecar-url,$(SIDECAR_URL)) $(call option,--sidecar-ca,$(SIDECAR_CA)) \
  $(call option,--max-users,$(MAX_USERS)) $(call option,--max-rps,$(MAX_RPS)) \
  $(call option,--stop-error-rate,$(STOP_ERROR_RATE)) \
  $(call option,--stop-memory,$(STOP_MEMORY)) $(call option,--stop-seconds,$(STOP_SECONDS)) \
  $(call option,--seed,$(SEED)) $(call option,--single,$(SINGLE)) $(call option,--isolated,$(ISOLATED)) \
  $(call option,--rest,$(REST)) $(call option,--budget-minutes,$(BUDGET_MINUTES)) \
  $(call option,--connections,$(CONNECTIONS)) $(call option,--connection-kind,$(KIND)) \
  $(call option,--connection-path,$(ENDPOINT)) $(call option,--read-bytes-per-second,$(READ_RATE)) \
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

# Live tests measure processes, and side by side they disturb each other on a small machine. What
# fails among the others is asked once more with nothing beside it; that answer counts.
side_by_side = $(BIN)/python -m pytest --numprocesses $(1) --dist loadfile $(2) \
	|| { echo "What failed side by side is run again by itself:"; \
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none $(2); }

.PHONY: help headless-test web demo attribute connections report pull verify components jobs imports find-limit what-if compare baseline monitor staging compose-demo compose-test test lint format bench accuracy lock clean
help: ## Show this list
	@echo "Plimsoll: how much memory does a service need under load, and which plan holds it?"
	@echo
	@grep -hE '^[a-z%-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/; s/^case-%/case-NAME/' | expand -t 16
	@echo
	@echo "Variables of headless-test, web, attribute and connections (the others take those shown with them):"
	@echo "           SCENARIO HOST PID PORT NAME TARGET USERS SPAWN_RATE BASELINE LOAD COOLDOWN"
	@echo "           INTERVAL PLAN ALLOW_HOST LIMIT SOURCE RUNS GATES WEBHOOK UNDER   (seconds; users per second)"
	@echo "           INSIDE=1 HEAP_SNAPSHOTS=1 VERIFY=1 SIDECAR_URL SIDECAR_TOKEN SIDECAR_CA"
	@echo "           SEED SINGLE ISOLATED REST BUDGET_MINUTES   (make attribute; seconds, minutes)"
	@echo "           MAX_USERS MAX_RPS STOP_ERROR_RATE STOP_MEMORY STOP_SECONDS   (guards; shares from 0 to 1)"
	@echo "           CONNECTIONS KIND ENDPOINT READ_RATE   (make connections; READ_RATE: bytes per second of a slow client)"
	@echo "Examples:  make headless-test BASELINE=3 LOAD=10 COOLDOWN=3"
	@echo "           make headless-test SCENARIO=my.toml TARGET='uvicorn app:app --port 8000'"
	@echo "           make web PORT=8000"

headless-test: $(READY) ## Run the plan without a browser and write a report (VERIFY=1: prove its advice, too)
	@$(LOCUST) --headless $(LOCUST_ARGS) $(if $(VERIFY),; code=$$?; [ $$code -le 1 ] || exit $$code; \
	  $(BIN)/python -m harness.proving verify --last $(call quote,$(or $(RUNS),runs)) && exit $$code)

web: $(READY) ## Locust's web UI with the sidecar; each start makes one run directory
	@$(LOCUST) --web-host 127.0.0.1 $(LOCUST_ARGS)

demo: $(READY) ## A tour of one minute: the demo service, 10 + 40 + 10 seconds
	@$(LOCUST) --headless --baseline 10 --load 40 --cooldown 10 --users 10

attribute: $(READY) ## Which endpoint costs it: tiers and endpoints alone, then the mix: make attribute SCENARIO=my.toml
	@$(LOCUST) --headless $(LOCUST_ARGS) --plan attribution

connections: $(READY) ## Memory per open connection: make connections SCENARIO=... [CONNECTIONS=200] [KIND=events] [ENDPOINT=/api/events]
	@$(LOCUST) --headless $(LOCUST_ARGS) --plan connections

report: $(READY) ## Write the report of a run again: make report RUN=runs/... [GATES=...] (several: one verdict)
	@test -n $(call quote,$(RUN)) || { echo "error: say which run: make report RUN=runs/<directory>" >&2; exit 2; }
	@$(BIN)/python -m reports $(call option,--gates,$(GATES)) $(foreach run,$(RUN),$(call quote,$(run)))

pull: $(READY) ## Read what remote sidecars still have of a run: make pull RUN=runs/... SIDECAR_TOKEN=... [SIDECAR_CA=...] [END_RUN=1]
	@test -n $(call quote,$(RUN)) || { echo "error: say which run: make pull RUN=runs/<directory>" >&2; exit 2; }
	@$(if $(SIDECAR_CA),PLIMSOLL_SIDECAR_CA=$(call quote,$(SIDECAR_CA))) $(BIN)/python -m harness.pulling $(call quote,$(RUN)) $(if $(END_RUN),--end-run)

verify: $(READY) ## Repeat a run under its advised limit: make verify RUN=runs/... [LIMIT=512MiB]
	@test -n $(call quote,$(RUN)) || { echo "error: say which run: make verify RUN=runs/<directory>" >&2; exit 2; }
	@$(BIN)/python -m harness.proving verify $(call quote,$(RUN)) $(call option,--limit,$(LIMIT))

components: $(READY) ## Who allocated what stays, from a traced run of the same load: make components RUN=runs/...
	@test -n $(call quote,$(RUN)) || { echo "error: say which run: make components RUN=runs/<directory>" >&2; exit 2; }
	@$(BIN)/python -m harness.proving components $(call quote,$(RUN))

jobs: $(READY) ## Which background job leaks, from a log with job_completed lines: make jobs LOG=app.log [HTML=jobs.html]
	@test -n $(call quote,$(LOG)) || { echo "error: say which log: make jobs LOG=app.log  (- reads standard input)" >&2; exit 2; }
	@$(BIN)/python -m reports jobs $(call quote,$(LOG)) $(call option,--html,$(HTML))

imports: $(READY) ## What each import costs in memory and time: make imports [SCENARIO=...] [TARGET='uvicorn app:app'] [HOST=...] [RUNS=...]
	@$(BIN)/python -m harness.imports $(call option,--scenario,$(SCENARIO)) $(call option,--target,$(TARGET)) \
	  $(call option,--host,$(HOST)) $(call option,--runs-dir,$(RUNS))

find-limit: $(READY) ## The smallest limit that is survived: make find-limit RUN=runs/... [RESOLUTION=16MiB] [MINUTES=...]
	@test -n $(call quote,$(RUN)) || { echo "error: say which run: make find-limit RUN=runs/<directory>" >&2; exit 2; }
	@$(BIN)/python -m harness.proving find-limit $(call quote,$(RUN)) $(call option,--resolution,$(RESOLUTION)) \
	  $(call option,--minutes,$(MINUTES))

what-if: $(READY) ## Worker counts under one limit: make what-if WORKERS=2,3,4 LIMIT=512M [SCENARIO TARGET RUNS USERS BASELINE LOAD COOLDOWN]
	@test -n $(call quote,$(LIMIT)) || { echo "error: say under which limit: make what-if WORKERS=2,3,4 LIMIT=512M" >&2; exit 2; }
	@$(BIN)/python -m harness.proving what-if $(call option,--scenario,$(SCENARIO)) $(call option,--target,$(TARGET)) \
	  --workers $(call quote,$(or $(WORKERS),1,2,3,4)) --limit $(call quote,$(LIMIT)) $(call option,--runs-dir,$(RUNS)) -- \
	  $(call option,--users,$(USERS)) $(call option,--load,$(LOAD)) $(call option,--baseline,$(BASELINE)) \
	  $(call option,--cooldown,$(COOLDOWN))

compare: $(READY) ## Two runs side by side: make compare BASE=runs/a NEW=runs/b [FAIL_IF_WORSE=1] (several: BASE="runs/a1 runs/a2")
	@test -n $(call quote,$(BASE)) && test -n $(call quote,$(NEW)) || { echo "error: say which: make compare BASE=runs/<before> NEW=runs/<after>  (BASE may be a baseline file)" >&2; exit 2; }
	@$(BIN)/python -m reports compare $(if $(FAIL_IF_WORSE),--fail-if-worse) $(call quote,$(subst $(space),$(comma),$(strip $(BASE)))) $(call quote,$(subst $(space),$(comma),$(strip $(NEW))))

baseline: $(READY) ## Keep a run's figures to compare with: make baseline RUN=runs/... [FILE=plimsoll-baseline.json]
	@test -n $(call quote,$(RUN)) || { echo "error: say which run: make baseline RUN=runs/<directory>" >&2; exit 2; }
	@$(BIN)/python -m reports baseline $(call option,--output,$(FILE)) $(foreach run,$(RUN),$(call quote,$(run)))

case-%: $(READY) ## Before and after a fix, as docs/cases/ tells it: make case-strategies [RUNS=...] (docs/cases/README.md)
	@$(BIN)/python -m harness.cases $(call quote,$*) $(call option,--runs-dir,$(RUNS))

monitor: $(READY) ## Watch a process without load: make monitor PID=1234 (or PORT=, NAME=) [INTERVAL=...] [LOAD=seconds]
	@test -n $(call quote,$(PID)$(PORT)$(NAME)) || { echo "error: say whom to watch: make monitor PID=1234 (or PORT=8000, NAME=uvicorn)" >&2; exit 2; }
	@$(BIN)/python -m memory_sidecar $(call option,--pid,$(PID)) $(call option,--port,$(PORT)) \
	  $(call option,--name,$(NAME)) $(call option,--interval,$(INTERVAL)) $(call option,--duration,$(LOAD))

staging: ## Docker: master and workers against the HOST of .env, sidecars there: make staging [WORKERS=4]
	@test -f .env || test -n $(call quote,$(HOST)) || { echo "error: nothing says where the load goes: copy .env.example to .env" >&2; exit 2; }
	@$(COMPOSE) --profile staging up --build --scale worker=$$WORKERS

compose-demo: ## Docker: the demo with a sidecar, a master with its web UI on 8089, and WORKERS=2
	@$(COMPOSE) --profile demo up --build --scale worker=$$WORKERS

compose-test: ## Docker: build the image, run the demo headless with WORKERS=2, exit as its gates say
	@sh deploy/compose-test.sh

test: $(DEV_READY) ## All tests, lint, types and the import rules
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest -p no:anyio tests/with_locust
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile -m 'not live and not alone' --ignore tests/with_locust
	@$(call side_by_side,4,-m 'live and not alone' --ignore tests/with_locust)
	@$(call side_by_side,2,-m alone tests/live)

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
