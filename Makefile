# Every target says what it does after two hashes; `make help` lists them.

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
PACKAGES     = ./... ./testdata/oracle # the vectors' loader is Go too, and ./... leaves testdata out
BENCHMARKS   = docs/benchmarks
NESTED       = contextattrs/otelattrs contextattrs/grpcattrs handlers/interoptest # modules of their own, tested with the rest
FUZZTIME    ?= 5s
ROUNDS      ?= 5
SEED        ?= $(shell date +%s)
PYTHON      ?= python3.13
MUTANTS      = slogtree_mutant_noretry slogtree_mutant_nolevel slogtree_mutant_norebind
EXAMPLES     = hello quickstart ways modules multihandlers destinations configserver console wrapper rotation network adapter filter httpserver service admin manyprocesses

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: ## run the tests; those that compare with CPython skip, and say so, without python3
	$(GO) test $(PACKAGES)
	for dir in $(NESTED); do (cd $$dir && $(GO) test ./...) || exit 1; done

.PHONY: race
race: ## run the tests under the race detector, but for what runs programs of ours, which have none
	$(GO) test -race -short $$($(GO) list $(PACKAGES) | grep -v '/examples$$')
	for dir in $(NESTED); do (cd $$dir && $(GO) test -race -short ./...) || exit 1; done

.PHONY: vet
vet: ## run go vet, on the mutants, the benchmarks and the nested modules too; build for another system
	$(GO) vet $(PACKAGES)
	for tag in slogtree_yield $(MUTANTS); do $(GO) vet -tags $$tag ./slogtree || exit 1; done
	$(GO) vet -tags rotate_failpoints ./rotate/...
	for dir in $(BENCHMARKS) $(NESTED); do (cd $$dir && $(GO) vet ./...) || exit 1; done
	GOOS=windows GOARCH=386 $(GO) build ./...

.PHONY: lint
lint: ## run staticcheck, at a pinned version that the module does not require
	$(GO) run $(STATICCHECK) $(PACKAGES)
	for dir in $(BENCHMARKS) $(NESTED); do (cd $$dir && $(GO) run $(STATICCHECK) ./...) || exit 1; done

.PHONY: fmt-check
fmt-check: ## fail if gofmt would change a file
	@files=$$(gofmt -l .); if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi

.PHONY: examples
examples: ## run every example, each in an empty directory
	@GO="$(GO)" .ci/examples $(EXAMPLES)

.PHONY: fuzz
fuzz: ## fuzz each target for FUZZTIME, by default 5s
	@GO="$(GO)" .ci/fuzz $(FUZZTIME)

.PHONY: mutants
mutants: ## run the swap test on broken trees: each of them has to fail
	@GO="$(GO)" .ci/mutants ./slogtree '^TestSwap$$' slogtree_yield $(MUTANTS)

.PHONY: torture-rotate
torture-rotate: ## try to make rotate lose a record (SEED, SCENARIOS), as root on Linux; takes an hour
	bin=$$(mktemp -d) && $(GO) build -o $$bin/torture ./rotate/cmd/torture && \
	REQUIRE_TOOLS=1 $$bin/torture -seed $(SEED) $(SCENARIOS); code=$$?; rm -r $$bin; exit $$code

.PHONY: torture-queue
torture-queue: ## have a program end after 10,000,000 records through a Queue; takes some minutes
	HANDLERS_QUEUE_RECORDS=10000000 $(GO) test -count 1 -timeout 1h -run '^TestQueueAtExit$$' -v ./handlers

.PHONY: torture-network
torture-network: ## try to make netsink and slogd lose a record (SEED, SCENARIOS), on Linux; takes half an hour
	bin=$$(mktemp -d) && $(GO) build -o $$bin/torture ./netsink/cmd/torture && \
	REQUIRE_PYTHON=1 $$bin/torture -seed $(SEED) $(SCENARIOS); code=$$?; rm -r $$bin; exit $$code

.PHONY: bench-peers
bench-peers: ## measure ours and others in ROUNDS rounds and rewrite docs/performance.md
	GO="$(GO)" ROUNDS=$(ROUNDS) $(BENCHMARKS)/run.sh docs

.PHONY: bench-smoke
bench-smoke: ## test the benchmarks, and run each a moment; the figures are thrown away
	cd $(BENCHMARKS) && $(GO) test ./...
	out=$$(mktemp -d) && GO="$(GO)" ROUNDS=1 BENCHTIME=20x $(BENCHMARKS)/run.sh "$$out" >/dev/null && test -s "$$out/performance.md" && rm -r "$$out"

.PHONY: oracle-fresh
oracle-fresh: ## have CPython (PYTHON, SEED) make new vectors, and replay them
	out=$$(mktemp -d) && echo "vectors of seed $(SEED) in $$out" && \
	$(PYTHON) testdata/oracle/gen/build.py --out "$$out" --seed "$(SEED)" --letter f --only gen_format,gen_exc,gen_tree,gen_cookbook && \
	$(PYTHON) testdata/oracle/gen/build.py --out "$$out" --seed "$(SEED)" --letter f --only gen_rotation,gen_frames,gen_pickles,gen_hostile --private testdata/oracle/zones && \
	ORACLE_DIR="$$out" $(GO) test -count 1 -run '^TestOracle' $(PACKAGES) && rm -r "$$out"

.PHONY: docs
docs: ## rewrite what the docs take from the tests: differences, values, vectors replayed; draw docs/console.svg
	$(GO) run ./docs/console >docs/console.svg
	UPDATE_DOCS=1 $(GO) test -p 1 -count 1 -run '^(TestOracle|TestDifferences|TestValues|TestPage)' ./...

.PHONY: ci
ci: ## everything, as the continuous integration does it
	.ci/run
