#!/usr/bin/env bash
# Serves results and, once the daemon is ready, prints requests after trying each of them.
set -euo pipefail

"$BINARY" serve --data "$RESULTS" --models data/models --listen "$LISTEN" &
daemon=$!
trap 'kill $daemon 2>/dev/null; wait $daemon 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    curl -fsS "http://$LISTEN/health/ready" >/dev/null 2>&1 &&
        curl -fsS "http://$LISTEN/v2/models/card-fraud/ready" >/dev/null 2>&1 && break
    kill -0 $daemon || exit 1
    sleep 0.1
done

ask() { # path, body
    curl -fsS "http://$LISTEN$1" -H 'content-type: application/json' -d "$2" >/dev/null
    echo "curl 'http://$LISTEN$1' -H 'content-type: application/json' -d '$2'"
}

echo
for request in "/v1/symbols" "/v1/impact/SIM?model=ofi&bar=10s&window=day" "/v1/bars/SIM?bar=300s&limit=5&format=csv" \
    "/v1/fraud/models" "/v1/fraud/alerts"; do
    curl -fsS "http://$LISTEN$request" >/dev/null
    echo "curl 'http://$LISTEN$request'"
done
ask /v1/impact/SIM/forecast '{"flow_shares": 2000, "horizon_seconds": 60, "as_of": "2018-01-04T19:00:00Z"}'
ask /v1/pretrade/estimate '{"symbol": "SIM", "side": "buy", "quantity": 20000, "horizon_seconds": 1800, "as_of": "2018-01-04T19:00:00Z"}'
zeros=$(printf '0,%.0s' $(seq 28))0
ask /v2/models/card-fraud/infer '{"inputs": [{"name": "features", "shape": [1, 29], "datatype": "FP32", "data": ['"$zeros"']}]}'
echo
echo "serving on http://$LISTEN until you press Ctrl-C"
wait $daemon
