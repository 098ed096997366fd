# Two commands are all a newcomer needs: `make demo` and `make test`. Each does its own set-up.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=

.PHONY: demo test coverage lint setup broker postgres browser bench bench-search figures schemas screenshots docs wheel pins format clean

demo: setup broker ## run the main job on a demonstration borough (ARGS="--once --json")
	@$(BIN)/hub demo $(ARGS)

test: setup broker postgres browser ## run every test, on a real broker and real stores
	@mkdir -p var
	@began=$$(date +%s); \
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS) && \
	if test -z "$(ARGS)"; then echo $$(($$(date +%s) - began)) > var/test-seconds; fi

coverage: setup broker postgres browser ## run every test and report the coverage of each package
	@mkdir -p var/coverage
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report= $(ARGS)
	@$(BIN)/python -m tools.coverage_report

lint: setup ## format, rules, types and the floors of the house
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: setup broker ## measure speed, as ratios against a baseline run side by side
	@$(BIN)/python bench/bus.py
	@$(BIN)/python bench/journey.py

bench-search: setup ## measure searches over the index of ten million entries (makes 4 GB once)
	@$(BIN)/python bench/search.py $(ARGS)

figures: setup ## print the figures of the house: sizes, imports, names, words
	@$(BIN)/python -m tools.house_figures $(ARGS)

schemas: setup ## write the JSON Schemas and the AsyncAPI document
	@$(BIN)/python -m tools.publish_schemas
	@$(BIN)/python -m tools.asyncapi

screenshots: setup browser ## take the pictures of the console in docs/images again
	@$(BIN)/python -m tests.browser.screenshots

docs: setup ## make the reference pages again
	@$(BIN)/python -m tools.reference

wheel: setup ## build the package into dist/
	@$(BIN)/python -m hatchling build -t wheel

pins: ## pin the requirements again (ARGS=--upgrade for newer versions)
	@sh .ci/pins $(ARGS)

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

setup: $(READY)

$(READY): requirements/development.txt pyproject.toml .ci/setup
	@sh .ci/setup "$(PYTHON)" "$(VENV)"
	@touch $(READY)

broker: setup
	@test -n "$$HUB_AMQP_URL" || $(BIN)/python -m hub.bus.private_node --ensure

postgres:
	@sh .ci/postgres

browser:
	@sh .ci/browser

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
