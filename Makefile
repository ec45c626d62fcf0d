# Every target sets up .venv by itself; nothing else is needed but Python 3.11+, pip and the package registry.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INTEROP := $(VENV)/.interop

.PHONY: demo test check format bench interop fuzz torture install clean

install: $(INSTALLED)

$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "flow-relay needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

$(INTEROP): $(INSTALLED)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group interop
	@touch $@

demo: $(INSTALLED)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python deploy/demo.py

test: $(INSTALLED)
	@$(BIN)/python -m pytest -n auto -m 'not fuzz and not interop' --cov --cov-report=term:skip-covered

check: $(INSTALLED)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(INSTALLED)
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

bench: $(INSTALLED)
	@$(BIN)/python -m bench

torture: $(INSTALLED)
	@$(BIN)/python -m tests.torture

interop: $(INTEROP)
	@$(BIN)/python -m pytest -m interop

fuzz: $(INSTALLED)
	@$(BIN)/python -m pytest -n auto -m fuzz

clean:
	rm -rf $(VENV) var build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
