#!/usr/bin/env bash
# Runs every test; says how many were left out because real tapes, or ONNX Runtime, are absent.
set -euo pipefail
cd "$(dirname "$0")/.."

tapes=${IMPACTD_REAL_DATA:-../shared/data}
skip=()
if [ ! -d "$tapes" ] && [ "${IMPACTD_REQUIRE_REAL_DATA:-}" != 1 ]; then
    count=$(grep -rhoE 'fn real_data_[a-z0-9_]+' tests/it | wc -l)
    echo "real tapes are absent ($tapes): $count tests on them are skipped; IMPACTD_REQUIRE_REAL_DATA=1 makes that a failure"
    skip=(yes)
fi

onnx=(${IMPACTD_ONNXRUNTIME:-} target/onnxruntime/libonnxruntime.so .venv/lib/python3.*/site-packages/onnxruntime/capi/libonnxruntime.so.*)
if [ "${IMPACTD_REQUIRE_ONNXRUNTIME:-}" != 1 ] && ! ls "${onnx[@]}" 2>/dev/null | grep -q .; then
    count=$(grep -rhoE 'fn onnx_[a-z0-9_]+' tests/it src | wc -l)
    echo "ONNX Runtime is absent: $count tests with it pass without doing anything; make onnxruntime fetches it, IMPACTD_REQUIRE_ONNXRUNTIME=1 makes that a failure"
fi

if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked ${skip:+-E 'not test(real_data_)'}
else
    cargo test --locked --all-targets ${skip:+-- --skip real_data_}
fi

# The binary that the Rust tests have just run, and its models, beside peers in Python: scikit-learn, imbalanced-learn,
# onnxruntime, tritonclient.
python=.venv/bin/python
if [ -x "$python" ] && "$python" -c 'import pytest' 2>/dev/null; then
    "$python" -m pytest -q -p no:cacheprovider tests/python
else
    echo "tests in Python are skipped: there is no .venv with pytest; make .venv makes it"
fi

# The page of the same binary, in a browser.
tests/browser.sh
