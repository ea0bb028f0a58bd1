# Targets: make help. A fresh clone needs Python >= 3.11, make and the package index; nothing else.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two stamps: what makes reports, and what else a developer needs (browser driver, linters, tests).
STAMP := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
# One thread per process: reports are made side by side, and small matrices are slower on many threads.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1
export PYTHONHASHSEED ?= 0
# Bytecode is kept, also where the environment says not to: without it a run of the tests compiles for 40 CPU seconds.
unexport PYTHONDONTWRITEBYTECODE

COMPILE = uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url --quiet

.DEFAULT_GOAL := help
.PHONY: help setup report test test-all docs lint typecheck lab bench calibration screenshots lock dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

setup: $(DEV) ## create .venv with all that tests, linters and benchmarks need

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; set PYTHON=...") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $(STAMP)

$(DEV): $(STAMP) requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	@touch $(DEV)

report: $(STAMP) ## make the reports of the study in this folder (the demo is simulated when data/raw is empty)
	@ls data/raw/*.csv data/raw/*.parquet >/dev/null 2>&1 || $(BIN)/pxanalysis simulate
	@$(BIN)/pxanalysis run

test: $(DEV) ## run the tests (those marked slow are left to CI)
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

test-all: $(DEV) ## run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile

docs: $(DEV) ## build the documentation in build/docs (notebooks are run when they changed); warnings are errors
	$(BIN)/python docs/run_notebooks.py
	PYTHONPATH=docs NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo build/docs/index.html

lint: $(DEV) ## ruff, import contracts, notebooks without outputs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/nbstripout --verify notebooks/*.ipynb

typecheck: $(DEV) ## mypy, strict
	$(BIN)/mypy

lab: $(STAMP) ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab --notebook-dir=. notebooks

bench: $(DEV) ## measure, side by side with what one would use instead
	@for name in startup ingest fit moments importance sem priorities reports; do \
		echo "== $$name"; $(BIN)/python benchmarks/$$name.py || exit 1; done

calibration: $(STAMP) ## how far intervals and advice can be trusted, by simulation (an hour)
	$(BIN)/python benchmarks/calibration.py
	$(BIN)/python benchmarks/calibration.py --worlds --studies 16 --settings 4 --replicates 300

screenshots: $(DEV) ## make the pictures in docs/ again (needs Chromium)
	$(BIN)/python docs/make_screenshots.py

lock: ## resolve the two locks again from pyproject.toml (needs uv; extras stay in: old pips need them)
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra dev --extra docs --constraint requirements.lock --output-file requirements-dev.lock

dist: $(DEV) ## build the wheel
	$(BIN)/python -m hatchling build -t wheel

clean: ## remove what was made, except answers in data/raw
	rm -rf reports/*.html reports/*.pdf reports/manifest.json data/processed/* dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
