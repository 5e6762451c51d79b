# meterbench: `make run` and `make test` need Python 3.11 or newer, and nothing else. `make help` lists the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# What may be given on the command line.
SCENARIO ?= first-day
ARGS ?=
WORKERS ?= 2
PYTHON ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DOCS_READY := $(VENV)/docs-ready
PACKAGES := firmware hal protocols rig sim

# The builds of source distributions are pinned too: older pips read the first, newer ones the second.
export PIP_CONSTRAINT := constraints.txt
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_USE_PEP517 := 1

# The first Python of 3.11 or newer, looked for once and only when an environment is to be made.
candidates = $(or $(PYTHON),python3 python3.11 python3.12 python3.13 python3.14 python)
suitable = import sys; sys.exit(sys.version_info < (3, 11))
python = $(eval python := $(shell for p in $(candidates); do \
	"$$p" -c '$(suitable)' >/dev/null 2>&1 && { echo "$$p"; break; }; done))$(python)
no_python = meterbench needs Python 3.11 or newer: none of "$(candidates)" is one
# The name of the system package that is missing, or nothing.
venv_package = $(shell "$(python)" -c 'import ensurepip, venv' 2>/dev/null || \
	"$(python)" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
no_ensurepip = "$(python)" has no ensurepip: install the system package $(venv_package)

# An environment whose interpreter has gone, or that was copied or moved from another folder, is made anew.
ifneq ($(shell test -x $(BIN)/python && cat $(READY) 2>/dev/null),$(CURDIR))
$(READY): FORCE
endif

.PHONY: help run test check soak mutants seal bench docs wheel clean distclean FORCE

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-10s %s\n", $$1, $$2 }'

run: $(READY) ## run a scenario: SCENARIO=first-day, ARGS="--seed 7"
	@$(BIN)/meterbench run $(SCENARIO) $(ARGS)

test: $(READY) ## the tests: WORKERS=2, ARGS="-k demand"
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

check: $(READY) ## ruff, mypy --strict, the import rules
	$(BIN)/ruff check .
	$(BIN)/mypy --strict $(PACKAGES)
	$(BIN)/lint-imports --no-logo

soak: $(READY) ## the tests with many more, and fresh, examples
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

mutants: $(READY) ## seeded bugs in the firmware, and which oracle catches which
	$(BIN)/python -m tests.mutants $(ARGS)

seal: $(READY) ## the checksum of the legally relevant software, into firmware/software.py
	$(BIN)/python -m tests.project.seal

bench: $(READY) ## the benchmarks; figures in build/bench.json
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(DOCS_READY) ## the documentation, in build/docs
	$(BIN)/sphinx-build -W -b html docs build/docs

wheel: $(READY) ## the wheel, in dist
	$(BIN)/python -m build --wheel --no-isolation

clean: ## remove what was built, and caches
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find $(PACKAGES) tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## clean, and remove the environment
	rm -rf $(VENV)

# The stamp is written last: an installation that broke off is taken up again by the next make.
$(READY): pyproject.toml constraints.txt
	$(if $(python),,$(error $(no_python)))
	$(if $(venv_package),$(error $(no_ensurepip)))
	@echo "Setting up $(VENV) with $(python): once, and again when pyproject.toml or constraints.txt change"
	@rm -f $(READY) $(DOCS_READY)
	@test "$$(cat $(VENV)/made-in 2>/dev/null)" = "$(CURDIR)" && $(BIN)/python -c '$(suitable)' 2>/dev/null \
		|| "$(python)" -m venv --clear $(VENV)
	@echo "$(CURDIR)" > $(VENV)/made-in
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@echo "$(CURDIR)" > $(READY)

$(DOCS_READY): $(READY)
	@$(BIN)/python -m pip install --quiet --editable '.[docs]'
	@touch $(DOCS_READY)
