# Two commands: `make run` and `make test`. Both do all their own set-up.

# python3.11 where there is one, else python3; a pyenv shim without a Python behind it does not count.
PYTHON ?= $(shell for p in python3.11 python3; do $$p -c "" 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python

.PHONY: help run test soak setup setup-run lint format types vendor pins clean

help:  ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*  ## /\1	/p' $(MAKEFILE_LIST) | expand -t 12

run: setup-run  ## start everything at http://127.0.0.1:8000/ (PORT, DATA_DIR, DEMO=0 change it); Ctrl-C ends it
	@$(PY) manage.py start

test: setup  ## every test, on SQLite and on PostgreSQL where there is one; ARGS="-k name" goes to pytest
	@$(PY) -m tools.test $(ARGS)

soak: setup  ## the proofs in bulk, long: killed web servers and databases, faults, many writers (about an hour)
	@$(PY) -m tools.test --soak tests/bulk tests/browser/live/test_meetings.py $(ARGS)

setup:  ## .venv with everything, tests and checks included; nothing to do when nothing changed
	@$(or $(PYTHON),$(error Python 3.11 or newer is needed)) tools/setup.py dev

setup-run:
	@$(or $(PYTHON),$(error Python 3.11 or newer is needed)) tools/setup.py run

lint: setup  ## rules and format, without changing anything
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check

format: setup  ## fix what can be fixed, and format
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

types: setup  ## mypy: strict for the engines
	@$(PY) -m mypy

vendor: setup  ## fetch the front-end packages under static/vendor again
	@$(PY) tools/vendor.py

pins: setup  ## write constraints.txt again after a change of requirements*.txt
	@$(PY) tools/pins.py

clean:  ## remove .venv, caches and test results; the data in var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -not -path './.git/*' -exec rm -rf {} +
