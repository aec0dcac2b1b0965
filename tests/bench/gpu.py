"""CUDA beside CPU: does every node run on the device, do scores agree, how many rows a second.

    python3 tests/bench/gpu.py --binary target/release/impactd --runtime target/onnxruntime-gpu

Each score model of data/models (of the tests, where there is none) is loaded wholly on CUDA, which a profile of a run
proves node by node, and held beside the CPU on its golden rows and on random ones. Results: tests/bench/results/gpu.json.
A model with operators that CUDA has not, such as trees, is listed with the reason; one at least must run.
Exit code 3: no device, nothing was run.
"""

import argparse
import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

TOLERANCE = 1e-4
CUDA = "CUDAExecutionProvider"
REFUSED = "cannot run the whole graph"


def device():
    """Name of the first CUDA device, or why there is none."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError as error:
        return None, f"no driver ({error})"
    count, handle, name = ctypes.c_int(), ctypes.c_int(), ctypes.create_string_buffer(128)
    if cuda.cuInit(0) != 0 or cuda.cuDeviceGetCount(ctypes.byref(count)) != 0 or count.value == 0:
        return None, "the driver finds no device"
    cuda.cuDeviceGet(ctypes.byref(handle), 0)
    cuda.cuDeviceGetName(name, len(name), handle)
    return name.value.decode(), None


def models(root):
    """Folders of score models, the highest version of each."""
    found = {}
    for path in root.glob("*/*/manifest.json"):
        manifest = json.loads(path.read_text())
        if manifest.get("kind", "score") == "score" and manifest["execution"]["provider"] != "cpu":
            if manifest["version"] > found.get(manifest["name"], (0, None))[0]:
                found[manifest["name"]] = (manifest["version"], path.parent)
    return [folder for _, (_, folder) in sorted(found.items())]


def measure(binary, runtime, folder, seconds):
    libraries = os.environ.get("LD_LIBRARY_PATH", "")
    environment = os.environ | {"LD_LIBRARY_PATH": f"{runtime}:{libraries}" if libraries else str(runtime)}
    command = [binary, "fraud", "measure", str(folder), "--beside-cuda", "--onnxruntime", str(runtime / "libonnxruntime.so"),
               "--batches", "1,100,1000,10000,100000", "--seconds", str(seconds)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    return (json.loads(done.stdout)[0], None) if done.returncode == 0 else (None, done.stderr.strip())


def faults(result):
    """What is not as it must be."""
    on_cuda = next(run for run in result["runs"] if run["provider"] == CUDA)
    if set(on_cuda["nodes"]) != {CUDA}:
        yield f"nodes ran elsewhere: {on_cuda['nodes']}"
    if not result["difference"] <= TOLERANCE:
        yield f"scores differ by {result['difference']}"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--binary", default="target/release/impactd")
    options.add_argument("--runtime", type=Path, default=Path("target/onnxruntime-gpu"))
    options.add_argument("--models", type=Path, default=Path("data/models"))
    options.add_argument("--seconds", type=float, default=3)
    options.add_argument("--out", type=Path, default=Path("tests/bench/results/gpu.json"))
    options.add_argument("--device-only", action="store_true", help="only say whether there is a device")
    chosen = options.parse_args()

    name, reason = device()
    if name is None:
        print(f"gpu-check was not run: {reason}", file=sys.stderr)
        sys.exit(3)
    if chosen.device_only:
        return
    folders = models(chosen.models) or models(Path("tests/golden/models/served"))
    results, refused, wrong = [], {}, []
    for folder in folders:
        result, error = measure(chosen.binary, chosen.runtime.resolve(), folder, chosen.seconds)
        if result is None:
            refused[str(folder)] = error
            if REFUSED not in error:
                wrong.append(f"{folder}: {error}")
            continue
        results.append(result)
        wrong += [f"{folder}: {fault}" for fault in faults(result)]
        for run in result["runs"]:
            rates = ", ".join(f"{batch['rows']}: {batch['rows_per_second']:,.0f}" for batch in run["batches"])
            print(f"{result['model']} {result['version']} on {run['provider']} {run['nodes']}: rows/s by batch size {rates}")
        print(f"{result['model']}: largest difference of scores {result['difference']:.2g}")
    for folder, error in refused.items():
        print(f"{folder}: not on CUDA: {error}")
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps({"device": name, "tolerance": TOLERANCE, "models": results, "refused": refused}, indent=1) + "\n")
    if wrong or not results:
        sys.exit("\n".join(wrong) or "no model ran on CUDA")


if __name__ == "__main__":
    main()
