# Everything here sets itself up: the only needs are Python 3.11+ with venv, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cat constraints.txt pyproject.toml | cksum | tr ' ' '-')

.PHONY: help demo test browser fleet lint soak fuzz bench lock clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP):
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "yange needs Python 3.11 or newer; name one with PYTHON=python3.x")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: $(STAMP) ## crawl the replica portal, let it change, and show what was found
	$(BIN)/yange demo

lint: $(STAMP) ## formatting, linting, strict typing
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

browser: $(STAMP) ## what the browser tests need, where it may be installed
	tests/browser/install.sh $(BIN)/python

fleet: $(STAMP) ## what the tests of crawls on other machines need, where it may be installed
	tests/fleet/install.sh $(BIN)/python

test: lint browser fleet ## lint, then every test
	$(BIN)/python -m pytest

soak: $(STAMP) fleet ## kill sweeps at random moments and see that nothing is lost (SOAK='--kills 20'); run the daemon for 2,000 crawls and see that it does not grow; kill parts of a fleet
	$(BIN)/python -m tests.soak.daemon
	$(BIN)/python -m tests.soak.fleet
	$(BIN)/python -m tests.soak $(SOAK)

fuzz: $(STAMP) ## ten minutes of odd pages for the reader (FUZZ='--seconds 60')
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/fuzz/requirements.txt
	$(BIN)/python -m tests.fuzz $(FUZZ)

bench: $(STAMP) ## speed and size against named yardsticks, as tables; takes hours
	$(BIN)/python -m bench
	$(BIN)/python -m bench.storage_table
	$(BIN)/python -m bench.finding
	$(BIN)/python -m bench.freshness_table
	$(BIN)/python -m bench.room
	$(BIN)/python -m bench.articles
	$(BIN)/python -m bench.attachments
	$(BIN)/python -m bench.fleet

lock: ## resolve the declared ranges anew into constraints.txt (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade --extra dev -o constraints.txt pyproject.toml

clean: ## remove what was built, never an archive
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
