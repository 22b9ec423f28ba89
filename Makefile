.DELETE_ON_ERROR:
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: serve test check audit fuzz format bench clean help

help:  ## What can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/.created:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@

# Serving carries no torch.
$(VENV)/.serve: $(VENV)/.created pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# torch goes first and pinned: any other way pulls gigabytes of GPU libraries.
$(VENV)/.dev: $(VENV)/.created pyproject.toml
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable '.[train,dev]'
	@touch $@ $(VENV)/.serve

serve: $(VENV)/.serve  ## Set up everything and run the service with the starter models (PORT=8080)
	$(BIN)/prescore serve $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev  ## Set up everything and run the whole test suite
	$(BIN)/python -m pytest

check: $(VENV)/.dev  ## Format, lint, types, known holes in dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python .ci/audit

audit: $(VENV)/.dev  ## Ask for known holes in what is installed; without an answer it fails
	AUDIT_MUST_ANSWER=1 $(BIN)/python .ci/audit

fuzz: $(VENV)/.dev  ## Thousands of requests made from the service's own OpenAPI document
	PRESCORE_FUZZ=100 $(BIN)/python -m pytest tests/serving/fuzz

format: $(VENV)/.dev  ## Rewrite the code in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev  ## Measure the service against its limit and its peers (QUICK=1, LONG=1)
	$(BIN)/python -m benchmarks.service --write $(if $(LONG),--long) $(if $(QUICK),--quick)

clean:  ## Remove the environment and caches (not .prescore: that is your data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
