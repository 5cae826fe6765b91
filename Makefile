# `make run` and `make test` are all that a fresh machine with Python 3.11 needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# One sentence where Python is too old, instead of pip's about the packages.
define old_enough
@$(1) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Liner Notes needs Python 3.11 or newer; \
	$(1) is %d.%d. Install one, delete $(VENV), and name it: make PYTHON=python3.12" % sys.version_info[:2])'
endef

.PHONY: run test test-slow fuzz lint bench vendor styles lock
.DEFAULT_GOAL := run

run: $(VENV)/.runs
	@$(BIN)/python run.py

# Tests wait as well as work, so that three of them share two processors. They start Python a hundred times:
# compiled once and kept, it starts in half the time.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) \* 3 / 2)
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# All but the tests marked `slow`: fuzz, kills, and what takes real seconds. CI runs those too.
test: lint
	@echo "Without the slow tests (fuzz, kills, real seconds), which are: make test-slow"
	$(PYTEST) -m "not slow" $(PYTEST_ARGS)

test-slow: $(VENV)/.tests
	$(PYTEST) -m slow $(PYTEST_ARGS)

# Ten minutes of bytes that nobody thought of, for every reader of a file with plays. On Linux.
FUZZ_SECONDS ?= 600
fuzz: $(VENV)/.tests
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fuzz.txt
	PYTHONPATH=. $(BIN)/python tests/fuzz/formats.py -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=2048

lint: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/vendor.py --check

bench: $(VENV)/.tests
	$(BIN)/python -m benchmarks

# Copies what the pages use out of the npm packages in package.json.
vendor: $(VENV)/.tests
	npm ci --ignore-scripts
	$(BIN)/python scripts/vendor.py

# Makes static/site.css of static/css, after a change there or a class of Bootstrap that is new to the templates.
styles: $(VENV)/.tests
	$(BIN)/python scripts/vendor.py --styles

# Pins requirements.in and requirements-dev.in with hashes; needs uv.
lock:
	for name in requirements requirements-dev; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-header $$name.in -o $$name.txt; \
	done

# pip comes last into a new environment: without it, an attempt that broke off is made again.
$(VENV)/bin/pip:
	$(call old_enough,$(PYTHON))
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runs: requirements.txt | $(VENV)/bin/pip
	$(call old_enough,$(BIN)/python)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.tests: requirements-dev.txt | $(VENV)/bin/pip
	$(call old_enough,$(BIN)/python)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.runs
