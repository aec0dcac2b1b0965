"""`/metrics` is read by Prometheus' own parser of OpenMetrics, which is stricter than its server."""

import os
import subprocess
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
        "impactd_live_journal_bytes": "gauge",
        "process_resident_memory_bytes": "gauge",
        "impactd_build": "info",
    }.items():
        assert families[name].type == kind, name
    labels = {label for family in families.values() for sample in family.samples for label in sample.labels}
    assert labels <= {"route", "method", "status", "le", "state", "version", "model", "provider", "kind"}, labels
