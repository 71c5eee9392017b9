# Each target does all its own set-up from a fresh clone. PYTHON chooses the interpreter.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test check lint docs bench corpora clean

run: $(READY) ## start the service on the default corpus
	$(BIN)/footnoted serve

test: $(READY) ## run the tests
	$(BIN)/python -m pytest --numprocesses logical --dist loadfile

check: lint test ## what CI runs

lint: $(READY) ## formatting, style, layers and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/pyright

docs: $(READY) ## regenerate the pages that are made from code
	$(BIN)/python docs/generate.py

bench: $(READY) ## measure against the plain pipeline
	$(BIN)/footnoted bench

corpora: $(READY) ## rebuild the packaged corpora from their texts
	$(BIN)/python -m footnoted.ingest.packaging

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --constraint constraints.txt --editable . --group dev
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
