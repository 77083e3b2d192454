# What a machine with python3 (3.11 or newer) and make needs to run, test and check Clinicwire.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# Stamps carry what was installed (the lock, our packages), not its date: a fresh checkout of the same is no change.
stamp = .venv/.$(1)-$(firstword $(shell { cat pyproject.toml $(2); echo */__init__.py; } | cksum))
RUN_STAMP := $(call stamp,run,requirements.lock)
DEV_STAMP := $(call stamp,dev,requirements-dev.lock)

# The dashboard is built once from its sources: the stamp carries them, and goes when what was built goes.
dashboard_sources = find dashboard contracts/events.gen.ts -type f ! -path '*/node_modules/*' ! -path '*/dist/*' ! -name '*.test.ts*'
DASHBOARD_STAMP := dashboard/dist/.built-$(firstword $(shell $(dashboard_sources) | LC_ALL=C sort | xargs cat | cksum))
NPM := sh dashboard/npm.sh "$(CURDIR)/$(BIN)/python"

.PHONY: help setup setup-dev run test faults fuzz browser check bench format clean

help:
	@echo "make run     set everything up and run the clinic on http://127.0.0.1:8000 (ARGS='--port 9000')"
	@echo "make test    set everything up and pass the tests (ARGS='tests/launcher -k token')"
	@echo "make faults  kill, pause and cut everything under load, and hold the screens to the databases"
	@echo "             (ARGS='--seed 7 --changes 10000 --faults 50 --database postgresql --nodes 1')"
	@echo "make browser the screens in Chromium or Chrome, and the board for ten thousand updates"
	@echo "make check   lint, format, types, import direction, contracts"
	@echo "make fuzz    200,000 inputs meant to break it (ARGS='--inputs 20000 --seed 7')"
	@echo "make bench   the figures of docs/performance.md (BENCH=relay for one of them)"
	@echo "make format  put the code into its format"
	@echo "make clean   remove what setup made; the data in .clinicwire stays"

setup: $(RUN_STAMP) $(DASHBOARD_STAMP)

setup-dev: $(DEV_STAMP) $(DASHBOARD_STAMP)

# exec: Ctrl-C then reaches the clinic alone, and make says nothing of its own about it.
run: setup
	@exec $(BIN)/clinicwire up $(ARGS)

test: setup-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

# First that it finds what is planted: a suite that can't fail shows nothing.
faults: setup-dev
	$(BIN)/python -m pytest -q tests/faults/planted.py
	$(BIN)/python -m tests.faults $(ARGS)

browser: setup-dev
	CLINICWIRE_BROWSER=required CLINICWIRE_BOARD_UPDATES=10000 $(BIN)/python -m pytest -n 2 --dist loadfile tests/browser $(ARGS)

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m contracts check
	$(BIN)/python -m launcher.access check
	$(NPM) run --silent types

# The long form of tests/fuzz; a quarter of an hour of CPU (ARGS='--inputs 20000 --seed 7').
fuzz: setup-dev
	$(BIN)/python -m tests.fuzz $(ARGS)

BENCH ?= wire relay request whole_way start

bench: setup-dev
	@for name in $(BENCH); do $(BIN)/python -m bench.$$name $(ARGS) || exit 1; done

format: setup-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv dashboard/dist dashboard/node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Clinicwire needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv module is missing (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }

$(RUN_STAMP): | .venv/bin/python
	@echo "Installing what Clinicwire runs on (requirements.lock)"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@rm -f .venv/.run-* && touch $@

# The development lock holds everything of the other one, at the same versions.
$(DEV_STAMP): | .venv/bin/python
	@echo "Installing what Clinicwire runs on and is tested with (requirements-dev.lock)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@rm -f .venv/.run-* .venv/.dev-* && touch $(RUN_STAMP) $@

$(DASHBOARD_STAMP): | .venv/bin/python
	@echo "Building the dashboard"
	@$(NPM) ci --silent
	@$(NPM) run --silent build -- --logLevel warn
	@$(NPM) run --silent size
	@touch $@
