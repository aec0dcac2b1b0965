#!/usr/bin/env bash
# Every operation of api.yaml under schemathesis, with all checks, against a running daemon on simulated results: with an
# admin key, without a key, and with wrong keys. EXAMPLES (50) is the number of examples an operation.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=${BINARY:-target/debug/impactd}
examples=${EXAMPLES:-50}
work=$(mktemp -d)
daemon=
trap 'kill $daemon 2>/dev/null; wait $daemon 2>/dev/null || true; rm -rf "$work"' EXIT

"$binary" simulate --out "$work/tape" --date 2013-10-07 --seed 7 --symbols IBM --step 60s --format lobster --levels 3 \
    2>/dev/null
"$binary" batch "$work"/tape/lobster/*.csv --levels 3 --bucket volume:10000,trades:50 --out "$work/results" 2>/dev/null
key=$("$binary" keys create --data "$work/results" --owner schemathesis --scope admin --expires 1d 2>/dev/null)

: >"$work/log"
cat >"$work/config.toml" <<END
[access]
reads_per_second = 100000
batches_per_second = 100000
failures_per_minute = 1000000
END
"$binary" serve --config "$work/config.toml" --data "$work/results" --models tests/golden/models/served --listen 127.0.0.1:0 2>"$work/log" &
daemon=$!
for _ in $(seq 100); do
    address=$(sed -n 's/.*listens on \(http[^ ]*\).*/\1/p' "$work/log")
    [ -n "$address" ] && curl -fsS "$address/health/live" >/dev/null 2>&1 && break
    kill -0 $daemon || { cat "$work/log"; exit 1; }
    sleep 0.1
done

run() { # name, more arguments
    echo "== schemathesis $1"
    shift
    .venv/bin/schemathesis --config-file tests/schemathesis.toml run api.yaml --url "$address" --max-examples "$examples" \
        --seed 20131007 --no-color --workers 1 "$@"
}
# The stream never ends, so it cannot be read to its end; tests/it and tests/python hold it.
run "with an admin key" -H "Authorization: Bearer $key" --checks all --exclude-operation-id stream
wrong=$(printf '%s' "$key" | tr '0123456789abcdef' '123456789abcdef0')
run "without a key" --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance
run "with a wrong key" -H "Authorization: Bearer $wrong" --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance
if grep -E 'panic|ERROR' "$work/log"; then
    echo "the daemon logged defects"
    exit 1
fi
echo "schemathesis: no failure"
