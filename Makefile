# openline: everything a reader needs is `make demo` and `make test`.

GO      ?= go
BIN     := $(CURDIR)/build/bin
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -X main.version=$(VERSION)
export PATH := $(BIN):$(PATH)

.PHONY: build demo test lint unit race sim soak bench fuzz shots needs clean

build: ## the one binary, in build/bin/openline
	@mkdir -p $(BIN)
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/openline ./cmd/openline

demo: build ## two stations, one line, a real story
	$(BIN)/openline demo $(DEMO)

test: lint needs unit race ## everything that must hold

lint: ## gofmt, vet, staticcheck, the rules of the house
	@bad=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$bad" ]; then echo "not gofmt-ed: $$bad"; exit 1; fi
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test -count=1 .

needs: ## what the tests need and this machine lacks
	@scripts/need ssh-agent openssh-client
	@scripts/need ssh-keygen openssh-client
	@scripts/need sqlite3 sqlite3
	@scripts/need chromium chromium
	@scripts/need node nodejs
	@scripts/need npm npm
	@if command -v npm >/dev/null && ! (cd testing/browser && npm ci --no-audit --no-fund >/dev/null 2>&1); then \
	  echo "SKIP: playwright-core could not be installed; the browser test skips itself."; fi
	@if ! command -v litewitness >/dev/null; then mkdir -p $(BIN); \
	  (cd / && GOBIN=$(BIN) GOFLAGS= $(GO) install filippo.io/torchwood/cmd/litewitness@v0.9.0) >build/litewitness.log 2>&1 || \
	  echo "SKIP: litewitness (a C2SP witness) could not be built; see build/litewitness.log. The test that needs it skips itself."; fi

unit:
	$(GO) test -timeout 20m ./...
	@if (cd testing/peers/oidc && $(GO) mod download) >/dev/null 2>&1; then cd testing/peers/oidc && $(GO) test ./...; \
	  else echo "SKIP: the OpenID provider of the tests (testing/peers/oidc) could not be fetched."; fi
	$(GO) test -timeout 10m -tags faults -run 'Seeded' ./internal/sim/...

race: ## the rooms with goroutines, under the race detector
	@if command -v gcc >/dev/null; then $(GO) test -race -short -timeout 10m ./internal/host/... ./internal/bearer/... ./internal/api/... ./internal/boot/... ./internal/store/mark/... ./internal/console/... ./internal/alert/...; \
	  else echo "SKIP: the race detector needs a C compiler, and there is none"; fi

sim: ## 100,000 simulated histories, and 20,000 of the affairs
	$(GO) test -timeout 0 -run TestLong ./internal/sim -seeds 100000 -v
	$(GO) test -timeout 0 -run TestBothSidesAgree ./internal/host/briefing -histories 20000 -v

soak: ## two station processes under load, killed 2,000 times (SOAK rounds of 80)
	$(GO) test -timeout 0 -run TestKilledUnderLoad -count $${SOAK:-25} -v ./internal/api

bench: build ## figures, each beside the limit measured in the same run
	$(BIN)/openline bench $(BENCH)
	@cd testing/peers && $(GO) run . $(PEERS) || echo "SKIP: the peers could not be built or run; the figures above stand without them."

fuzz: ## every fuzz target, FUZZTIME long (default 300000 inputs)
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p 2>/dev/null | grep ^Fuzz); do \
	  echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $${FUZZTIME:-300000x} $$p || exit 1; done; done

shots: ## the pictures of docs/images anew, taken by a test
	OPENLINE_SHOTS=$(CURDIR)/docs/images $(GO) test -count=1 -run TestWhatTheConsoleIsFor -v ./testing/browser

clean:
	rm -rf build
