# make demo · make test · make lint · make cards · make hub · make release [SLIM=1]

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DISTRIBUTIONS := . $(sort $(dir $(wildcard plugins/lib/*/pyproject.toml))) \
	$(sort $(dir $(wildcard plugins/*/pyproject.toml)))
METADATA := pyproject.toml $(wildcard plugins/lib/*/pyproject.toml plugins/*/pyproject.toml)
TESTS ?= tests plugins

.PHONY: demo test lint cards hub release clean
.DEFAULT_GOAL := demo

# Everything is editable and built without isolation: seconds, not minutes, for many distributions.
$(VENV)/.made: $(METADATA)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet hatchling editables
	$(BIN)/python -m pip install --quiet --no-build-isolation \
		-e '.[dev]' $(addprefix -e ./,$(patsubst %/,%,$(filter-out .,$(DISTRIBUTIONS))))
	touch $@

demo: $(VENV)/.made
	$(BIN)/zoo demo powerembed-cora

test: $(VENV)/.made
	$(BIN)/python -m pytest -n 3 --durations=15 $(TESTS)

lint: $(VENV)/.made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

cards: $(VENV)/.made
	$(BIN)/python -m zoo_core._authoring.catalogue
	$(BIN)/zoo cards
	$(BIN)/zoo site board model_cards/board.svg

hub: $(VENV)/.made
	cd tests && ../$(BIN)/python -m hub

# Wheels and archives into dist/, checked, and tried in an environment that has nothing else.
release: $(VENV)/.made
	$(BIN)/python -m pip install --quiet --no-build-isolation -e '.[release]'
	$(BIN)/python -m zoo_core._authoring.releasing $(DISTRIBUTIONS) $(if $(SLIM),--slim) \
		--demo powerembed-cora

clean:
	rm -rf $(VENV)
