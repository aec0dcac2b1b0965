"""Rows a second of impactd's scoring beside Python's onnxruntime, same library version, same graph, in one run.

    .venv/bin/python tests/bench/score.py --binary target/release/impactd [--model data/models/card-fraud/1 ..]

Batches of 1, 1,000 and 100,000 rows, each side in turn `--repeat` times, the best of each counts (machines are noisy).
impactd: one caller of `Model::infer_blocking`, and 64 callers of `Model::infer` for single rows. Python: the session's
default threads, and one thread, whichever is faster. Results: tests/bench/results/score.json. Fails where impactd is slower.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

BATCHES = (1, 1_000, 100_000)
# A rate that differs by less than this is the same: two runs of one program differ as much.
NOISE = 0.05


def python(graph, rows, seconds):
    """Best rows a second of the two ways to set threads."""
    best = 0.0
    for threads in (0, 1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        feed = {session.get_inputs()[0].name: rows}
        session.run(None, feed)
        started, runs = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            session.run(None, feed)
            runs += 1
        best = max(best, runs * len(rows) / (time.perf_counter() - started))
    return best


def impactd(binary, library, model, rows, seconds):
    command = [binary, "fraud", "measure", str(model), "--provider", "cpu", "--onnxruntime", library,
               "--batches", str(rows), "--seconds", str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads(done.stdout)[0]["runs"][0]["batches"][0]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--binary", default="target/release/impactd")
    options.add_argument("--model", type=Path, action="append")
    options.add_argument("--seconds", type=float, default=2)
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--out", type=Path, default=Path("tests/bench/results/score.json"))
    chosen = options.parse_args()
    found = sorted(path.parent for path in Path("data/models").glob("*/*/manifest.json"))
    models = chosen.model or found or [Path("tests/golden/models/served/tiny/1")]
    library = str(next((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.*")))

    results, slower = [], []
    for model in models:
        manifest = json.loads((model / "manifest.json").read_text())
        if manifest.get("kind", "score") != "score":
            continue
        graph = (model / "model.onnx").read_bytes()
        width = len(manifest["features"]["names"])
        for count in BATCHES:
            rows = np.random.default_rng(7).normal(size=(count, width)).astype(np.float32)
            mine, many, theirs = 0.0, 0.0, 0.0
            for _ in range(chosen.repeat):
                theirs = max(theirs, python(graph, rows, chosen.seconds / 2))
                run = impactd(chosen.binary, library, model, count, chosen.seconds)
                mine, many = max(mine, run["rows_per_second"]), max(many, run["rows_per_second_of_many"] or 0.0)
            results.append({"model": manifest["name"], "version": manifest["version"], "rows": count, "impactd": mine,
                            "impactd_of_many": many or None, "python": theirs, "ratio": mine / theirs})
            print(f"{manifest['name']} {manifest['version']}, {count:>7,} rows: impactd {mine:>14,.0f} rows/s"
                  f"{f' (64 callers {many:,.0f})' if many else ''}, Python {theirs:>14,.0f}, ratio {mine / theirs:.2f}")
            if mine < theirs * (1 - NOISE):
                slower.append(f"{manifest['name']} at {count} rows")
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps({"onnxruntime": onnxruntime.__version__, "results": results}, indent=1) + "\n")
    if slower:
        sys.exit(f"slower than Python: {', '.join(slower)}")


if __name__ == "__main__":
    main()
