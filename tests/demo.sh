#!/usr/bin/env bash
# Serves results and, once the daemon is ready, prints three requests after trying each of them.
set -euo pipefail

"$BINARY" serve --data "$RESULTS" --listen "$LISTEN" &
daemon=$!
trap 'kill $daemon 2>/dev/null; wait $daemon 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    curl -fsS "http://$LISTEN/health/ready" >/dev/null 2>&1 && break
    kill -0 $daemon || exit 1
    sleep 0.1
done

echo
for request in "/v1/symbols" "/v1/impact/SIM?model=ofi&bar=10s&window=day" "/v1/bars/SIM?bar=300s&limit=5&format=csv"; do
    curl -fsS "http://$LISTEN$request" >/dev/null
    echo "curl 'http://$LISTEN$request'"
done
echo
echo "serving on http://$LISTEN until you press Ctrl-C"
wait $daemon
