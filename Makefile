# Two commands do everything: `make demo` runs the whole shop, `make test` tests it. Both install
# what is missing. Nothing but Go, make and a POSIX shell is assumed.

GO      ?= go
TAGS    := nodynamic
LDFLAGS := -s -w
BIN     := bin/boutique
export CGO_ENABLED := 0
export GOFLAGS := -tags=$(TAGS)

.PHONY: demo test bench soak mutants build generate check fuzz clean install

build: $(BIN)

$(BIN): $(shell find cmd shop payments catalog migrations internal -type f -not -name '*_test.go' 2>/dev/null) go.mod go.sum
	@echo "building (the first time fetches the libraries and takes a few minutes)…"
	@$(GO) build -trimpath -ldflags "$(LDFLAGS)" -o $(BIN) ./cmd/boutique

install:
	@sh .ci/install

demo:
	@sh .ci/install postgresql
	@$(MAKE) --no-print-directory build
	@exec $(BIN) demo $(ARGS)

generate:
	$(GO) tool templ generate

check:
	@test -z "$$(gofmt -l cmd shop payments catalog migrations internal)" || { gofmt -l cmd shop payments catalog migrations internal; echo "run gofmt -w on these files"; exit 1; }
	@$(GO) vet ./...
	@before=$$(find shop -name '*_templ.go' | sort | xargs cat | cksum); \
	$(GO) tool templ generate -log-level error; \
	after=$$(find shop -name '*_templ.go' | sort | xargs cat | cksum); \
	test "$$before" = "$$after" || { echo "generated files differed from their sources: commit what \`make generate\` writes"; exit 1; }

test:
	@sh .ci/install postgresql browser
	@echo "checking form and generated files…"
	@$(MAKE) --no-print-directory check
	@echo "building and testing the conformance module…"
	@cd payments/stripe/conformance && GOFLAGS= $(GO) build ./... && GOFLAGS= $(GO) vet ./...
	@echo "running every test…"
	@$(GO) test -timeout 50m ./...

bench:
	@sh .ci/install postgresql
	@$(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./...

# 500 runs of the simulation, 40 kills of the real program and 60 falls of its database; SEED=17 makes that one again,
# RUNS, STEPS, KILLS and FALLS make more or longer ones. A run mostly waits for the weather: six are made at once.
soak:
	@sh .ci/install postgresql
	@$(GO) test -count=1 -timeout 12h -run '^(TestSimulation|TestTheProgramIsKilledAtAnyInstant|TestTheProgramOutlivesItsDatabase)$$' -parallel 8 ./cmd/boutique -args -at-once 6 -runs $(or $(RUNS),500) -steps $(or $(STEPS),40) -seed $(or $(SEED),0) -kills $(or $(KILLS),40) -falls $(or $(FALLS),60)

# Each sabotage of cmd/boutique/testdata/mutants is made in a copy of the tree: its tests must go red.
mutants:
	@sh .ci/install postgresql
	@$(GO) test -count=1 -v -timeout 2h -run '^TestMutants$$' ./cmd/boutique -args -mutants

fuzz:
	@sh .ci/fuzz

clean:
	rm -rf bin
