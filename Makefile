# Everything starts from a fresh clone: Python 3.11 or newer with venv and pip, make, git.
PYTHON := $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
SMOKE := build/smoke
SOURCES := $(shell find src runbooks -type f -not -name '*.pyc')

.DELETE_ON_ERROR:
.PHONY: help demo test check pytest lint smoke bench clean

help:
	@echo "make demo   diagnose a made-up incident in an embedded AWS"
	@echo "make test   everything that CI runs: lint, types, tests, the built wheel"
	@echo "make lint   ruff and mypy alone"
	@echo "make bench  speed: start-up, diagnosis at 80 ms a call, removing keys, statistics, client"
	@echo "make clean  remove what these commands made"

# Exit code 3 says that an incident was diagnosed: that is what the demo is for.
demo: $(VENV)/.demo
	@$(BIN)/mangaops diagnose first-token --sandbox cold-connections; code=$$?; \
	 if [ $$code -eq 3 ]; then exit 0; else exit $$code; fi

test: lint pytest smoke

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

pytest: $(VENV)/.test
	$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder

# The wheel alone, without extras and without this checkout.
smoke: $(SMOKE)/.installed
	tests/smoke.sh $(SMOKE)

bench: $(VENV)/.test
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mangaops needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[sandbox]'
	@touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/.demo

$(SMOKE)/.installed: $(VENV)/.test $(SOURCES) README.md LICENSE
	rm -rf $(SMOKE)
	$(BIN)/python -m build --wheel --outdir $(SMOKE) .
	$(PYTHON) -m venv $(SMOKE)/venv
	$(SMOKE)/venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt $(SMOKE)/*.whl
	@touch $@
