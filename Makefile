# The front door of samdata: `make run` and `make test` are all it takes; `make help` lists the rest.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PREFIX      ?= /usr/local
OUT         ?= out/nuclei
SAMDATA     := .build/release/samdata
MAN         := .build/man
ROOT         = $(DESTDIR)$(PREFIX)

# Debian packages, and the pkg-config modules that show whether they are there.
APT_PACKAGES := pkg-config libpng-dev zlib1g-dev libjpeg62-turbo-dev libjson-c-dev libssl-dev
PC_MODULES   := libpng zlib libjpeg json-c libcrypto

# Test values need no Python and no network; the bundles of both configurations share one build.
TEST_FLAGS  := -c release --disable-testable-imports

.PHONY: help run study test build dependencies bench bench-peers format check man install docs clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

dependencies:
	@if ! command -v swift >/dev/null; then \
	    echo "samdata needs Swift 6.3 or newer; no 'swift' is on the PATH. Install a toolchain from https://swift.org/install and try again." >&2; exit 1; \
	fi; \
	version=$$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1); \
	set -- $${version:-0 0}; \
	if [ "$$1" -lt 6 ] || { [ "$$1" -eq 6 ] && [ "$$2" -lt 3 ]; }; then \
	    echo "samdata needs Swift 6.3 or newer; 'swift --version' says $$1.$$2. Install a newer toolchain from https://swift.org/install and try again." >&2; exit 1; \
	fi; \
	if command -v pkg-config >/dev/null && pkg-config --exists $(PC_MODULES); then exit 0; fi; \
	install="apt-get install -y --no-install-recommends $(APT_PACKAGES)"; \
	if ! command -v apt-get >/dev/null; then \
	    echo "samdata needs the development files of: $(PC_MODULES) (and pkg-config). Install them with your system's package manager and try again." >&2; exit 1; \
	elif [ "$$(id -u)" -eq 0 ]; then as=""; \
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as="sudo"; \
	else \
	    printf 'samdata needs some system packages and may not install them here. Run:\n\n    sudo apt-get update && sudo %s\n\nthen try again.\n' "$$install" >&2; exit 1; \
	fi; \
	echo "Installing system packages: $(APT_PACKAGES)"; \
	$$as apt-get update -qq; $$as env DEBIAN_FRONTEND=noninteractive $$install

build: dependencies ## build samdata in release
	swift build -c release --product samdata

run: build ## install what is missing, build, and run the main job on samples/nuclei
	@Tests/run-main-job.sh $(SAMDATA) samples/nuclei $(OUT)

study: build ## train on real data outside the project, and fine-tune by four routes; about a quarter of an hour
	@Tests/study/run-study.sh $(SAMDATA) ../shared/data out/study

test: build ## the same preparation, then all tests
	@Tests/unpack-nginx.sh .build/nginx
	swift test $(TEST_FLAGS)

bench: dependencies ## measure the hot paths, beside their peers where bench-peers installed them; fails below a threshold
	swift build -c release --product samdata-bench
	@mkdir -p out
	.build/release/samdata-bench gemm --threads 1 --wait-quiet 60 -o out/bench-1.json
	.build/release/samdata-bench --wait-quiet 60 -o out/bench.json

bench-peers: ## install PyTorch and ONNX Runtime in a scratch environment of the bench's own
	Sources/samdata-bench/Peer/scripts/make-environment.sh

format: ## format the sources in place
	swift format -i -r --parallel Package.swift Sources Tests

check: dependencies ## lint, warnings as errors, architecture tests, symbols of the kernel variants
	swift format lint --strict -r --parallel Package.swift Sources Tests
	swift build -c release
	Tests/check-kernel-symbols.sh .build/release
	swift test $(TEST_FLAGS) --filter ArchitectureTests

# ArgumentParser's own tool, built in release like everything else; its plugin would build all of samdata in debug.
man: build ## make the manual in .build/man, a page for each command
	swift build -c release --product samdata-bench
	swift build -c release --product generate-manual
	rm -rf $(MAN)
	mkdir -p $(MAN)
	.build/release/generate-manual $(SAMDATA) --multi-page --output-directory $(MAN)
	.build/release/generate-manual $(SAMDATA)-bench --multi-page --output-directory $(MAN)

install: man ## install the binary, its manual and the completions of bash, zsh and fish below PREFIX
	install -D -m 755 $(SAMDATA) "$(ROOT)/bin/samdata"
	install -d "$(ROOT)/share/man/man1"
	install -m 644 $(MAN)/samdata.1 $(MAN)/samdata.*.1 "$(ROOT)/share/man/man1"
	$(SAMDATA) --generate-completion-script bash >$(MAN)/completion.bash
	$(SAMDATA) --generate-completion-script zsh >$(MAN)/completion.zsh
	$(SAMDATA) --generate-completion-script fish >$(MAN)/completion.fish
	install -D -m 644 $(MAN)/completion.bash "$(ROOT)/share/bash-completion/completions/samdata"
	install -D -m 644 $(MAN)/completion.zsh "$(ROOT)/share/zsh/site-functions/_samdata"
	install -D -m 644 $(MAN)/completion.fish "$(ROOT)/share/fish/vendor_completions.d/samdata.fish"

docs: dependencies ## build the reference documentation into .build/docs
	Tests/build-docs.sh

clean: ## remove everything that was built or written
	rm -rf .build out
