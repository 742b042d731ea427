# sekisho: everything a contributor runs. `make` alone lists the targets.
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
.DEFAULT_GOAL := help

node_modules/.package-lock.json: package.json package-lock.json
	@echo "Installing the packages that the lockfile names (first time only)"
	@npm ci --silent
	@touch $@

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

.PHONY: test
test: node_modules/.package-lock.json ## run all tests
	@echo "Running the tests"
	@tap

.PHONY: check
check: node_modules/.package-lock.json ## types, lint, format, architecture
	@echo "Types"; tsc
	@echo "Lint and format"; biome ci --error-on-warnings .
	@echo "Architecture"; node test/architecture.test.ts >/dev/null
