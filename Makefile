# Everything a developer does here. `make help` lists it. What a command does beyond one line is in deploy/local/.
PYTHON ?= python3
RUN := .venv/bin/python
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Seven processes that start from compiled modules take half the time.
unexport PYTHONDONTWRITEBYTECODE

# Tests run in as many processes as there are processors, and one that waits more than it computes.
PARALLEL := -n $(shell expr $$(nproc) + 1)

.DEFAULT_GOAL := help
.PHONY: help install up test unit soak check check-code check-types check-browser schemas manifests formats bench superuser lock

help:  ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

install:
	@$(PYTHON) -m deploy.local.install

up: install  ## run everything on http://127.0.0.1:8080 (PORT=…), data in .tracklane (TRACKLANE_HOME=…), VERBOSE=1 for all logs
	@$(RUN) -m deploy.local.ui
	@exec $(RUN) -m deploy.local.up

test: install  ## every test: unit, contracts, pipeline on real servers, browser
	@$(RUN) -m deploy.local.ui
	@$(RUN) -m deploy.local.chromium
	@$(RUN) -m deploy.local.validators
	@$(RUN) -m deploy.local.ui test
	@$(RUN) -m pytest $(PARALLEL)

soak: export TRACKLANE_SOAK = 1
soak: export PYTEST_TIMEOUT = 7200
soak: test  ## every test with a hundred kills and a thousand examples of each property

unit: install  ## the fast tests, under a minute
	@$(RUN) -m pytest $(PARALLEL) -m "not servers and not browser and not slow and not validators"

check: install  ## format, lint, types, import rules, generated files, manifests, the browser application
	@$(MAKE) --no-print-directory --output-sync -j 2 check-types check-browser check-code

check-code:
	@ruff format --check .
	@ruff check .
	@lint-imports
	@$(RUN) -m common.contract.schemas --check
	@$(RUN) -m deploy.local.error_sentences --check
	@$(RUN) -m deploy.k8s.check

check-types:
	@mypy

check-browser:
	@$(RUN) -m deploy.local.ui check

schemas: install  ## generate the JSON Schemas, the AsyncAPI document and the English error sentences
	@$(RUN) -m common.contract.schemas
	@$(RUN) -m deploy.local.error_sentences

manifests: install  ## generate the services' manifests and NATS's users and permissions
	@$(RUN) -m deploy.k8s.generated

formats: install  ## write the matrix of formats in docs/formats.md again, from their declarations
	@$(RUN) -m tests.export.formats_page

bench: install  ## every benchmark, one line a figure; ends with what is short of its goal; bench-NAME runs one
	@$(RUN) -m bench

bench-%: install
	@$(RUN) -m bench.$*

superuser: install  ## make an administrator: EMAIL=… PASSWORD=… NAME=…
	@$(RUN) -m deploy.local.run gateway $(RUN) -m gateway.superuser

lock: install  ## pin every package again in requirements/ (UPGRADE=--upgrade takes the newest)
	@$(RUN) -m deploy.local.lock $(UPGRADE)
