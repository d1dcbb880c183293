# What a developer types. `make demo` and `make test` need nothing but a Debian machine and root:
# they install what is missing (scripts/deps).

CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR
# rustup puts Rust here; a shell that never heard of it finds it all the same.
export PATH := $(HOME)/.cargo/bin:$(PATH)

RELEASE := $(CARGO_TARGET_DIR)/release/ferrowall
# Our shell scripts, wherever they are; those without a name ending in .sh too.
SHELL_SCRIPTS = $(shell git grep -lE '^(\#!/bin/(ba|da)?sh|\# shellcheck shell=)' -- . ":!*.md")

.PHONY: all help deps deps-package deps-cross build demo test test-rust test-conformance test-package test-cross test-reproducible test-size test-shipped test-fuzz
.PHONY: bench size install package fmt lint lint-rust lint-shell clean

all: build

help:
	@echo "make demo        a small router in network namespaces, with the firewall on it"
	@echo "make test        everything that is checked: format, lints, tests, conformance, VM, package, size"
	@echo "make build       the release binary, $(RELEASE)"
	@echo "make bench       what each stage and a whole load cost, beside nft (docs/performance.md)"
	@echo "make size        what the binary and the package weigh, against the budget"
	@echo "make package     .ipk and .apk in $(CARGO_TARGET_DIR)/package; TARGETS=all for every processor"
	@echo "make test-cross  conformance of the binaries for other processors, under qemu-user"
	@echo "make test-reproducible  two builds from two clones give the same packages"
	@echo "make install DESTDIR=/somewhere"
	@echo "make fmt | lint | clean | deps | deps-cross"

deps:
	@scripts/deps build run

deps-package: deps
	@scripts/deps package

deps-cross: deps-package
	@scripts/deps cross

build: deps
	cargo build --release --locked

demo: build
	@scripts/demo $(RELEASE)

# The order is that of the time they take: what is quick to fail comes first.
test: deps lint test-rust build test-conformance test-size test-shipped test-fuzz
	@echo
	@echo "make test: all passed"

lint: lint-rust lint-shell

lint-rust: deps
	cargo fmt --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --locked --all-targets -- -D warnings

lint-shell: deps
	shellcheck $(SHELL_SCRIPTS)

fmt: deps
	cargo fmt

test-rust: lint
	cargo test --locked --no-fail-fast

test-conformance: build test-rust
	scripts/conformance $(RELEASE)

# Part of test-rust; alone for whoever works on the scripts of the package.
test-package: deps-package
	cargo test --locked --test package

# FW4=COMMAND measures fw4 as well, BENCH_LARGE=1 up to 20,000 rules, BENCH_ONLY="mixed-1000 ..." only those.
bench: deps
	cargo bench --locked

size: build deps-package
	@scripts/size --table $(RELEASE)

test-size: build test-rust deps-package
	@scripts/size $(RELEASE)

# What a router gets is compiled in another way than what the tests above ran (docs/size.md).
test-shipped: test-size
	tests/package/cross "$$(uname -m)-unknown-linux-musl"

# Some seconds for each target; FUZZ_SECONDS=600 for a long run.
FUZZ_SECONDS ?= 5
test-fuzz: test-rust
	@scripts/deps fuzz
	scripts/fuzz $(FUZZ_SECONDS)

# What a buildroot or a package takes: the router's files, laid out as on the router.
install: build
	scripts/install $(RELEASE) "$(DESTDIR)"

# TARGETS="mips_24kc riscv64_generic" for other processors than two, TARGETS=all for all.
package: deps-package
	scripts/package $(TARGETS)

test-cross: deps-cross
	tests/package/cross $(TARGETS)

test-reproducible: deps-package
	tests/package/reproducible $(TARGETS)

clean:
	rm -rf $(CARGO_TARGET_DIR)

# Flow offload needs a kernel with flowtables: it is tested in virtual machines.
ifneq ($(wildcard tests/vm/vm.mk),)
VM_DIR = $(CARGO_TARGET_DIR)/vm
include tests/vm/vm.mk
test-vm: | test-rust
test: test-vm
endif

# The LuCI page in a headless browser.
ifneq ($(wildcard tests/luci/luci.mk),)
include tests/luci/luci.mk
endif
