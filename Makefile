# make review | make test | make lint: each sets up .venv first. See README.md for the plain commands.
PYTHON ?= python3
BIN = .venv/bin

review: .venv/ready
	$(BIN)/snakemake
	@echo
	@echo "Report:        results/report/report.html"
	@echo "Flow diagram:  results/prisma/flow.html (with its records), flow.svg, flow.png"
	@echo "What is next:  $(BIN)/prismake status"

test: .venv/ready-dev
	$(BIN)/pytest -n auto --dist worksteal

# One count and three records from each live service; needs a network and PRISMAKE_EMAIL (see docs/search.md).
live-check: .venv/ready
	PYTHONPATH=workflow $(BIN)/python tests/live_check.py

lint: .venv/ready-dev
	$(BIN)/ruff check workflow tests benchmarks
	$(BIN)/ruff format --check workflow tests benchmarks
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info < (3, 14) else "Prismake needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.12 review")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/ready-dev: .venv/ready requirements-dev.lock
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

# Renew both lock files (needs uv).
lock:
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.lock
	uv pip compile pyproject.toml --extra dev -c requirements.lock --universal --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements-dev.lock

.PHONY: review test live-check lint lock
