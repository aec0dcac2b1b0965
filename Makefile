# Two commands do everything: `make run` and `make test`.

LISTEN ?= 127.0.0.1:8080
OUT    ?= out
PYTHON := .venv/bin/python
BINARY := target/release/impactd
# The demo runs on the development build, which is ready in a third of the time: its kernels are optimised, its
# libraries are not. `make build` makes the one for real work.
DEMO   := target/debug/impactd

# ONNX Runtime, which scores models; the program finds it there.
ONNX   := target/onnxruntime/libonnxruntime.so

.PHONY: run build onnxruntime test lint browser bench bench-score gpu-check schemathesis load load-live soak crash fuzz oracle models manipulation data clean

# Three simulated TAQ days, batched, learned from and served: requests to copy are printed.
DEMO_DATES := 2018-01-02 2018-01-03 2018-01-04

run: onnxruntime
	cargo build --locked
	@rm -rf $(OUT)/demo && mkdir -p $(OUT)/demo
	for date in $(DEMO_DATES); do $(DEMO) simulate --out $(OUT)/demo/tape/$$date --date $$date --seed $${date##*-} \
		--format nyse-taq --symbols SIM,DEMO 2>/dev/null || exit 1; done
	$(DEMO) batch $(OUT)/demo/tape/*/nyse-taq/* --out $(OUT)/demo/results
	$(DEMO) train --data $(OUT)/demo/results --symbols SIM --purpose conditional
	@LISTEN=$(LISTEN) BINARY=$(DEMO) RESULTS=$(OUT)/demo/results tests/demo.sh

# The optimised program: target/release/impactd.
build:
	cargo build --release --locked

# ONNX Runtime's library out of its pinned wheel, checked by its hash. Python 3 and pip are all it needs.
onnxruntime: $(ONNX)

$(ONNX): tests/fetch_onnxruntime.py
	python3 tests/fetch_onnxruntime.py cpu target/onnxruntime
	@touch $@

# Lints, then every test. Tests on real tapes run where the tapes are (see README) and are counted where they are not.
test: lint onnxruntime .venv
	IMPACTD_REQUIRE_ONNXRUNTIME=1 tests/run.sh

lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --quiet --locked --no-deps

# The page in a real browser, panel by panel; pictures go to out/browser. Part of `make test`. Chromium and its driver are
# installed where that is allowed (Debian, as root); elsewhere the tests are skipped, and say so.
browser: .venv onnxruntime
	cargo build --locked
	tests/browser.sh

# Speed beside Polars, DuckDB and pandas, in one run; then every reader beside the peer's own.
bench: build .venv
	.venv/bin/pip install --quiet -r tests/bench/requirements.txt
	$(PYTHON) tests/bench/run.py --binary $(BINARY)
	$(PYTHON) tests/bench/readers.py --binary $(BINARY)

# Rows a second of scoring beside Python's onnxruntime, in one run.
bench-score: build .venv
	$(PYTHON) tests/bench/score.py --binary $(BINARY)

# On a machine with a CUDA device: the device runs every node, scores agree with the CPU's, rows a second of both.
# Exit code 3 (make says 2) where there is no device; nothing is fetched or built then.
gpu-check:
	python3 tests/bench/gpu.py --device-only
	$(MAKE) build
	python3 tests/fetch_onnxruntime.py gpu target/onnxruntime-gpu
	python3 tests/bench/gpu.py --binary $(BINARY)

# Every operation with generated requests, all checks: with an admin key, without one, with a wrong one.
schemathesis: .venv
	cargo build --locked
	tests/schemathesis.sh

# Latency of pre-trade estimates under 500 requests a second.
load: build
	rustc --edition 2024 -O -o target/load tests/bench/load.rs
	target/load --binary $(BINARY) --rate 500 --seconds 20

# The daemon under a live tape: ingest, reads beside it, slow sockets, a bomb; writes docs/load.md.
load-live: build
	rustc --edition 2024 -O -o target/load-live tests/bench/live.rs
	target/load-live --binary $(BINARY) --seconds 30 --out docs/load.md

# The same, then a steady tape for a while: is its memory flat, does it stop as it should?
MINUTES ?= 30
soak: build
	rustc --edition 2024 -O -o target/load-live tests/bench/live.rs
	target/load-live --binary $(BINARY) --seconds 30 --minutes $(MINUTES) --out docs/load.md

# The daemon killed N times at random moments under load, and at every named point.
N ?= 200
crash:
	IMPACTD_CRASH_CYCLES=$(N) cargo test --locked --test it crash:: -- --nocapture --test-threads 2

# Every reader of outside bytes under libFuzzer, so many CPU minutes each; the corpus in tests/fuzz/corpus grows.
FUZZ_MINUTES ?= 10
fuzz:
	tests/fuzz/run.sh $(FUZZ_MINUTES)

# The independent hand: expected numbers of data/tape, the calendar and the notebooks, made anew in Python; those of the
# real tapes where they are.
oracle: .venv
	cd notebooks && ../$(PYTHON) -m oracle summary ../data/tape/csv/*.csv --out ../data/tape/expected/summary.json
	cd notebooks && ../$(PYTHON) -m oracle tables ../data/tape/csv/*.csv --bar 10,60,300 --out ../data/tape/expected
	cd notebooks && ../$(PYTHON) -m oracle study ../data/tape/csv/*.csv --out ../data/tape/expected/study.json \
		--orders ../data/tape/expected/market_orders.csv && ../$(PYTHON) -m oracle.study_golden
	cd notebooks && ../$(PYTHON) -m oracle.calendar_golden && ../$(PYTHON) build_river.py --execute
	cd notebooks && ../$(PYTHON) build_study.py --execute

# The card-fraud models in data/models, trained anew: same data, same seed, same bytes. About ten minutes.
CARD_DATA ?= ../shared/data/card-fraud/ulb_sample.parquet
CARD_COLUMNS ?= --label fraud --time time_s --weight weight --cuts 132725 151320
ODBL := ODbL 1.0 (contents DbCL 1.0), Machine Learning Group ULB and Worldline

models: manipulation .venv
	@test -f $(CARD_DATA) || { echo "$(CARD_DATA) is absent. The full card data, creditcard.csv, are at" \
	"https://www.kaggle.com/datasets/mlg-ulb/creditcardfraud: make models CARD_DATA=creditcard.csv CARD_COLUMNS=" \
	"Any other labelled table: cd notebooks && ../$(PYTHON) -m fraud train --help"; exit 1; }
	cd notebooks && ../$(PYTHON) -m fraud train --data $(abspath $(CARD_DATA)) $(CARD_COLUMNS) --out ../data/models \
		--name card-fraud --features-version ulb-1 --licence "$(ODBL)" --about fraud/about_ulb.md
	cd notebooks && ../$(PYTHON) build_fraud_card.py --execute && ../$(PYTHON) build_fraud_metrics.py --execute

# The model of what resembles manipulation, from days drawn on the spot: no data needed. About 15 minutes on two cores.
# Recorded days, where they are, are only looked at.
manipulation: build .venv
	cd notebooks && ../$(PYTHON) -m fraud.manipulation --out ../data/models --work ../$(OUT)/manipulation \
		--page ../docs/manipulation.md
	cd notebooks && ../$(PYTHON) build_fraud_manipulation.py --execute

# The small simulated tapes in data/, made anew. Same seed, same bytes.
data: build
	$(BINARY) simulate --out data/tape --seed 20131007 --date 2013-10-07 --symbols SIM --step 60s \
		--format lean,nyse-taq,wrds-taq,lobster,itch,dbn,csv,parquet

.venv: notebooks/requirements.txt notebooks/requirements-alone.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet -r notebooks/requirements.txt
	.venv/bin/pip install --quiet --no-deps -r notebooks/requirements-alone.txt
	@touch .venv

clean:
	rm -rf target $(OUT) .venv
