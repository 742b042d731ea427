# sekisho: everything a contributor runs. `make` alone lists the targets.
# Any shell but /bin/sh makes old makes (macOS has 3.81) start commands through it, and so use the PATH below.
SHELL := /bin/bash
# A test that fails fails its target, whatever shortens its output.
.SHELLFLAGS := -o pipefail -c
# Node 24 and the tools come from node_modules, whatever the machine has.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

installed := node_modules/.package-lock.json
certs := certs/dev/tls.crt

.PHONY: help
help: ## list the targets
	@echo "Sekisho, a Kubernetes admission gate. Targets:"
	@sed -n 's/^\([a-z][a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r target text; do \
	  printf '%-14s %s\n' "$$target" "$$text"; done

.PHONY: demo
demo: $(installed) ## decide real manifests over HTTPS, show the refusals and the records
	@node test/demo/demo.ts

.PHONY: run
run: $(installed) $(certs) ## serve the bundle on localhost: HTTPS on 8443, health and metrics on 8080
	@echo "Serving policies/ with the certificates of certs/dev, recording in .sekisho/ledger; stop with Ctrl-C."
	@echo "Ask it from another terminal:"
	@echo "  curl --cacert certs/dev/ca.crt -H content-type:application/json \\"
	@echo "    -d @test/fixtures/reviews/pod-create-apply.json https://localhost:8443/validate"
	@exec node src/main.ts serve --policies policies --cluster-objects test/demo/cluster --listen localhost:8443 --metrics localhost:8080 \
	  --tls-cert certs/dev/tls.crt --tls-key certs/dev/tls.key --ledger .sekisho/ledger --drain-seconds 1

.PHONY: test
test: $(installed) ## run all tests
	@echo "Running the tests (a line for each file as it ends)"
	@node test/run.ts

.PHONY: mutations
mutations: $(installed) ## take each guard away and see that a test notices, some minutes
	@node test/mutations/run.ts

.PHONY: soak
soak: $(installed) ## the long forms: a million fuzz runs, 100,000 CEL expressions and every mutation, about half an hour
	@echo "Review, JSON, YAML, image names, policies: 1,000,000 runs"
	@SEKISHO_RUNS=1000000 node test/adversarial/fuzz.test.ts | tail -n 3
	@SEKISHO_RUNS=1000000 node test/adversarial/fuzz-policies.test.ts | tail -n 3
	@if command -v go >/dev/null; then echo "CEL: 100,000 random expressions, ours and Kubernetes'"; \
	  SEKISHO_DIFFERENTIAL=1 SEKISHO_RUNS=100000 node test/cel/random.test.ts | tail -n 3; \
	else echo "CEL: random expressions are not compared: no go here"; fi
	@if command -v go >/dev/null; then echo "Image names: 100,000 random ones, ours and the container runtimes'"; \
	  SEKISHO_DIFFERENTIAL=1 SEKISHO_RUNS=100000 node test/k8s/image-reference.test.ts | tail -n 3; \
	else echo "Image names: random ones are not compared: no go here"; fi
	@if command -v go >/dev/null && command -v etcd >/dev/null; then \
	  echo "Matching: generated policies and requests, 100 batches, ours and a real API server's"; \
	  TAP_TIMEOUT=1800 SEKISHO_RUNS=100 node test/e2e/run.ts test/e2e/matching.e2e.ts; \
	else echo "Matching is not compared: no go or no etcd here"; fi
	@if command -v go >/dev/null && command -v etcd >/dev/null; then \
	  echo "Pod Security: 6,500 generated pods, ours and a real API server's"; \
	  TAP_TIMEOUT=2400 SEKISHO_RUNS=6500 node test/e2e/pod-security.e2e.ts | grep -E '^ *(#|not ok)'; \
	else echo "Pod Security is not compared with an API server here: no go or no etcd"; fi
	@if command -v go >/dev/null; then echo "Pod Security: 5,000 generated pods in every version, ours and Kubernetes' library"; \
	  TAP_TIMEOUT=600 SEKISHO_DIFFERENTIAL=1 node test/pss/generated.test.ts | tail -n 3; fi
	@TAP_TIMEOUT=600 SEKISHO_RUNS=50000 node test/pss/properties.test.ts | tail -n 3
	@echo "The whole engine with the whole bundle: 20,000 runs of each property"
	@SEKISHO_RUNS=20000 node test/property/admit.test.ts | tail -n 3
	@echo "The ledger: every bit of 64 KiB changed, and cut at every byte"
	@TAP_TIMEOUT=1200 SEKISHO_RUNS=3000 node test/ledger/tamper.test.ts | tail -n 3
	@echo "The ledger: 500 writers killed under load, the gate itself killed 25 times, power lost in 2,000 histories"
	@TAP_TIMEOUT=1800 SEKISHO_KILLS=500 node test/ledger/crash.test.ts | grep -v '^ *ok' | tail -n 8
	@TAP_TIMEOUT=1200 SEKISHO_RUNS=2000 node test/ledger/lost-writes.test.ts | tail -n 3
	@TAP_TIMEOUT=600 SEKISHO_RUNS=3000 node test/server/faults.test.ts | tail -n 3
	@node test/mutations/run.ts

.PHONY: e2e
e2e: $(installed) ## a real API server asks the gate; needs Go and etcd, minutes to build the first time
	@node test/e2e/run.ts

.PHONY: check
check: $(installed) ## types, lint, format, architecture
	@echo "Types" && tsc
	@echo "Lint and format" && biome check --error-on-warnings --log-level=warn .
	@echo "Architecture and documents" && node test/run.ts test/architecture.test.ts test/docs.test.ts

.PHONY: bench
bench: $(installed) ## measure the gate beside a bare HTTPS server and its peers, expressions beside other engines, minutes
	@node bench/bench.ts
	@node bench/peers.ts
	@node bench/ledger.ts
	@node bench/verify.ts
	@node bench/images.ts
	@node bench/cel.ts
	@node bench/cel-budget.ts
	@node bench/pod-security.ts

.PHONY: certs
certs: $(installed) ## make a development CA and server certificate in certs/dev
	@node certs/make.ts

$(certs): $(installed)
	@echo "Making development certificates (first time only)"
	@node certs/make.ts

.PHONY: docs
docs: $(installed) ## make the generated pages of docs/ anew
	@node test/docs/write.ts

.PHONY: build
build: $(installed) ## emit JavaScript to dist/ and pack the npm tarball
	@echo "Emitting JavaScript to dist/"
	@rm -rf dist
	@tsc --project tsconfig.build.json
	@echo "Packing"
	@npm pack --silent

.PHONY: clean
clean: ## remove what the targets made: dist, tarballs, certificates, ledgers, node_modules
	@echo "Removing dist, tarballs, development certificates, .sekisho, .tap and node_modules"
	@rm -rf dist certs/dev .sekisho .tap node_modules
	@rm -f sekisho-*.tgz

$(installed): package-lock.json
	@echo "Installing the packages that the lockfile names (first time, or after it changed)"
	@npm ci --loglevel=error --no-audit --no-fund
	@# npm 10 unlinks the `node` of this platform again when it drops the packages of the others.
	@cd node_modules/.bin && for node in ../node-*/bin/node; do \
	  if [ -x "$$node" ] && [ ! -e node ]; then ln -s "$$node" node; fi; done
	@touch $@
