# What people need: demo, test, fast. What contributors need besides: soak, bench, lint, doc, fuzz.

TARGET := $(or $(CARGO_TARGET_DIR),target)
ZONESEAL := $(TARGET)/release/zoneseal
FAST := $(abspath $(TARGET))/fast
LLVM_PROFDATA = $(shell rustc --print target-libdir)/../bin/llvm-profdata
BUILD_FAST := cargo build --release --locked --features aws-lc
SKIPPED := $(TARGET)/tmp/skipped-judges
FUZZ_TARGETS := zone_file key_file rdata metadata configuration
SECONDS := 60
# what depends on the library that signs
WITH_AWS_LC := --lib --test keys --test keypairs --test hickory --test golden

.PHONY: all build fast demo test soak bench lint doc fuzz clean

all: build

build:
	cargo build --release --locked

# The program as fast as it gets: with AWS-LC, built to count what it does, put to work on the benchmark's zones, a
# twentieth of them, and built again for what was counted (profile-guided optimisation).
fast:
	@test -x "$(LLVM_PROFDATA)" || { \
		echo "make fast needs llvm-tools: rustup component add llvm-tools" >&2; \
		echo "(or say where llvm-profdata is: make fast LLVM_PROFDATA=FILE)" >&2; exit 1; }
	RUSTFLAGS="$$RUSTFLAGS -Cprofile-generate=$(FAST)/counts" $(BUILD_FAST) --target-dir "$(FAST)/counting"
	@# what was counted of the compiler's helpers, or by an earlier program
	rm -rf "$(FAST)/counts"
	ZONESEAL_BIN="$(FAST)/counting/release/zoneseal" cargo bench --locked --profile dev --bench bench -- \
		--dir "$(FAST)/zones" --scale 0.05 --runs 1 --alone signers verify run >/dev/null
	"$(LLVM_PROFDATA)" merge -o "$(FAST)/profile" "$(FAST)/counts"
	RUSTFLAGS="$$RUSTFLAGS -Cprofile-use=$(FAST)/profile" $(BUILD_FAST) --target-dir "$(FAST)"
	@echo; echo "the program is $(FAST)/release/zoneseal"

# Signs zones/ with the sample keys in keys/ into signed/, and prints the DS records.
demo: build
	@chmod 700 keys/*/
	@chmod 600 keys/*/*.pem
	@mkdir -p signed
	@set -e; for zone in zones/*.zone; do \
		name=$$(basename $$zone .zone); \
		ZONESEAL_DEMO=1 "$(ZONESEAL)" sign -f signed/$$name.zone $$zone; \
		"$(ZONESEAL)" ds -q signed/$$name.zone > signed/$$name.ds; \
	done
	@echo; echo "signed zones are in signed/; their parents need:"; cat signed/*.ds

# Outside judges (BIND, ldns, Knot, NSD, Unbound, validns, xmllint) are used where they are installed;
# ZONESEAL_JUDGES=required fails without them.
test:
	@mkdir -p "$(TARGET)/tmp"; rm -f "$(SKIPPED)"
	cargo test --locked
	cargo test --locked --features aws-lc $(WITH_AWS_LC)
	@if [ -s "$(SKIPPED)" ]; then echo; echo "skipped, as they are not installed:"; sort -u "$(SKIPPED)"; fi

# Two simulated years of `zoneseal run` every hour, three times over, and many keys by chance: a quarter of an hour.
soak: build
	ZONESEAL_SOAK=1 ZONESEAL_BIN="$$(realpath "$(ZONESEAL)")" cargo test --locked --test run -- --nocapture travel chance

# Measures zoneseal, beside it what make fast made, if that was run, and peers where they are installed;
# BENCH="--scale 0.1 verify" measures less, and ZONESEAL_BIN=FILE another build.
bench:
	ZONESEAL_FAST="$(wildcard $(FAST)/release/zoneseal)" cargo bench --locked --bench bench -- $(BENCH)

lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --features aws-lc -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items

# make fuzz SECONDS=60: each target runs so long; fuzz/README.md says more.
# RUSTC_BOOTSTRAP lets the stable compiler take the flags that cargo-fuzz gives it.
fuzz:
	@command -v cargo-fuzz >/dev/null || { \
		echo "make fuzz needs cargo-fuzz, and a C++ compiler: cargo install --locked cargo-fuzz" >&2; exit 1; }
	@set -e; for target in $(FUZZ_TARGETS); do \
		found=fuzz/target/corpus/$$target; mkdir -p $$found; \
		dict=; if [ -f fuzz/$$target.dict ]; then dict=-dict=fuzz/$$target.dict; fi; \
		RUSTC_BOOTSTRAP=1 CARGO_BUILD_JOBS=1 cargo fuzz run --sanitizer none $$target $$found fuzz/corpus/$$target -- \
			-max_total_time=$(SECONDS) -max_len=4096 -timeout=10 -rss_limit_mb=1024 $$dict; \
	done

clean:
	cargo clean
	rm -rf signed
