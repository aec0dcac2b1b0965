"""`/metrics` is read by Prometheus' own parser of OpenMetrics, which is stricter than its server."""

import json
import os
import subprocess
import urllib.error
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families


def test_the_metrics_are_open_metrics(tmp_path):
    command = [os.environ["IMPACTD_BINARY"], "serve", "--listen", "127.0.0.1:0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as daemon:
        try:
            line = next(line for line in daemon.stderr if "listens on" in line)
            url = line.split("listens on ")[1].strip()
            for path in ("/version", "/v1/symbols", "/metrics"):
                try:
                    urllib.request.urlopen(url + path).read()
                except urllib.error.HTTPError:
                    pass
            # One batch is made durable, and one of the same name and other bytes is refused.
            for price in (185.01, 185.02):
                trade = {"type": "trade", "symbol": "IBM", "ts": "2013-10-07T13:30:00.5Z", "price": price, "size": 100}
                headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "one"}
                url_of_feed = url + "/v1/events?source=test"
                batch = urllib.request.Request(url_of_feed, json.dumps(trade).encode() + b"\n", headers)
                try:
                    assert urllib.request.urlopen(batch).status == 201
                except urllib.error.HTTPError as refused:
                    assert refused.code == 409
            answer = urllib.request.urlopen(url + "/metrics")
            assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
            families = {family.name: family for family in text_string_to_metric_families(answer.read().decode())}
        finally:
            daemon.terminate()
    assert daemon.returncode == 0
    for name, kind in {
        "impactd_http_requests": "counter",
        "impactd_http_request_seconds": "histogram",
        "impactd_http_connections": "gauge",
        "impactd_live_events": "counter",
        "impactd_live_ack_seconds": "histogram",
        "impactd_live_journal_bytes": "gauge",
        "process_resident_memory_bytes": "gauge",
        "process_cpu_seconds": "counter",
        "impactd_build": "info",
    }.items():
        assert families[name].type == kind, name
    told = {(sample.name, *sample.labels.values()): sample.value for f in families.values() for sample in f.samples}
    assert told["impactd_live_ack_seconds_count",] == told["impactd_live_events_total",] == 1
    assert told["impactd_live_batches_refused_total", "conflict"] == 1
    labels = {label for family in families.values() for sample in family.samples for label in sample.labels}
    assert labels <= {"route", "method", "status", "le", "state", "version", "model", "provider", "kind"}, labels
