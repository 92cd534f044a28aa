# Two commands do all the set-up: `make demo` runs the app, `make test` runs the tests.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: help demo install test test-image test-cluster cluster cluster-down check format snapshots docs bench build buildx sbom clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.app ## Run the app on the embedded cluster
	@$(BIN)/lain-tui --demo

install: $(VENV)/.dev ## Create .venv with everything: the app, its extras, the tools of its tests

test: $(VENV)/.dev ## Run the tests (those that need docker or Go say so when they are skipped)
	@$(BIN)/python -m pytest -n 4 --dist loadfile

# The longest files first, so that none is left to run alone at the end.
ON_BOTH := tests/cluster tests/ci tests/contract tests/shell/test_x.py tests/forward tests/secrets/test_two_editors.py
# real: on both; real-alone where `make test` runs them on the embedded one anyway.
CLUSTER ?= real
test-cluster: $(VENV)/.dev ## Run the contract tests on the embedded and on a real cluster (needs Go and root)
	@$(BIN)/python -m pytest --cluster=$(CLUSTER) -n 3 --dist loadfile --no-loadscope-reorder $(ON_BOTH)

test-image: $(VENV)/.dev ## Build the image for CI from a Debian root, and try it (needs root, docker, debootstrap; minutes)
	@$(BIN)/python -m pytest --cluster=real tests/packaging/test_image.py

buildx: $(VENV)/.dev ## Build docker's plugin of that name: with it, builds are tried with newer clients, too (needs Go; minutes)
	@$(BIN)/python -m tests.image.docker_client

cluster: ## Start a real Kubernetes control plane and node, print its kubeconfig
	@$(PYTHON) tests/cluster/ctl.py up

cluster-down: ## Stop it; nothing is left behind
	@$(PYTHON) tests/cluster/ctl.py down

check: $(VENV)/.dev ## Lint, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## Put the code in its one format
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

snapshots: $(VENV)/.dev ## Draw the screens' pictures again; read the difference before you commit it
	@$(BIN)/python -m pytest tests/screens --update-snapshots

docs: $(VENV)/.dev ## Run the commands that the pages in docs/ show, and write down what they print now
	@$(BIN)/python -m tests.docs

bench: $(VENV)/.dev ## Measure speed and memory beside the peers
	@$(BIN)/python -m benchmarks

build: $(VENV)/.dev ## Make the wheel and the source archive
	@$(BIN)/python -m build

sbom: $(VENV)/.dev ## Write what the app is made of, as CycloneDX
	@mkdir -p dist && $(BIN)/python -m tests.packaging.sbom dist/lain-tui.cdx.json

clean: ## Remove what was made here
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The stamps are made again when pyproject.toml changes, so that a second run installs nothing.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "lain-tui needs Python 3.11 or newer: try make PYTHON=python3.12 (this is `$(PYTHON) --version`)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.app: $(BIN)/python pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[helm]'
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[helm,dev]'
	@touch $@ $(VENV)/.app
