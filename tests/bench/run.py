"""Speed beside Polars, DuckDB and pandas on the same plain files, whole processes, two threads, in one run.

    python tests/bench/run.py --binary target/release/impactd [--quotes 20000000] [--tapes ../shared/data]

The work: read, match each trade to the quote strictly before it, Lee-Ready, 10 s bars of order-flow imbalance,
regression. Fails if the results differ by more than 1e-9, and says where impactd's time goes and what the floor is.
Machines are noisy: every library runs `--repeat` times in turn, and the best time of each counts.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
PEERS = ("polars", "duckdb", "pandas")
TOLERANCE = 1e-9


def run(command):
    """Wall seconds, peak resident MiB and standard output of a process with two threads."""
    environment = os.environ | {"POLARS_MAX_THREADS": "2", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        environment.pop(name, None)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, resident_peak(process.pid))
            time.sleep(0.002)
        seconds = time.perf_counter() - started
        out.seek(0), err.seek(0)
        if process.returncode != 0:
            sys.exit(f"{command[0]} failed: {err.read().decode()}")
        return seconds, peak, out.read().decode()


def resident_peak(pid):
    """Peak resident MiB of a process so far, without that of the parent it was forked from."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def session_bounds(date):
    """09:30 and 16:00 New York of a date, nanoseconds UTC."""
    at = lambda clock: int(datetime.fromisoformat(f"{date}T{clock}").replace(tzinfo=ZoneInfo("America/New_York")).timestamp())
    return at("09:30") * 10**9, at("16:00") * 10**9


def impactd(binary, quotes, trades, measures="spot"):
    """Runs a fresh batch; gives time, memory and the numbers to compare. Peers compute no estimators: neither does this."""
    import pyarrow.parquet as parquet

    with tempfile.TemporaryDirectory() as out:
        seconds, mib, _ = run([binary, "batch", quotes, trades, "--out", out, "--bar", "10s", "--jobs", "2", "--measures", measures])
        rows = [row for part in sorted(Path(out).glob("fits/*/*.parquet")) for row in parquet.read_table(part, partitioning=None).to_pylist()]
        bars = [row for part in sorted(Path(out).glob("bars/*/*.parquet")) for row in parquet.read_table(part, partitioning=None).to_pylist()]
    day = {(r["model"], r["term"]): r for r in reversed(rows) if r["window"] == "day"}
    slope = lambda model, term: day[model, term]["coefficient"]
    return seconds, mib, {
        "n": day["ofi", "ofi"]["n"],
        "slope_ofi_cents_per_share": slope("ofi", "ofi"),
        "slope_kyle_cents_per_share": slope("kyle", "trade_imbalance"),
        "r2": day["ofi", "ofi"]["r2"],
        "ofi_shares": sum(bar["ofi_shares"] for bar in bars),
    }


def peer(name, quotes, trades, bounds):
    script = HERE / "peers" / f"{name}_peer.py"
    arguments = [sys.executable, script, quotes, trades, "--start-ns", str(bounds[0]), "--end-ns", str(bounds[1])]
    seconds, mib, out = run([str(a) for a in arguments])
    return seconds, mib, json.loads(out.splitlines()[-1])


def check_equal(ours, theirs, name):
    for key, value in ours.items():
        difference = abs(value - theirs[key])
        if difference > TOLERANCE * abs(value):
            sys.exit(f"{name} disagrees on {key}: {theirs[key]} against {value}")


def measure(title, binary, quotes, trades, date, repeat, peers):
    rows = sum(1 for _ in open(quotes, "rb")) - 1
    size = Path(quotes).stat().st_size
    print(f"\n## {title}: {rows:,} quotes, {size / 1e6:,.0f} MB of plain CSV")
    best = {}
    for _ in range(repeat):
        ours = impactd(binary, quotes, trades)
        best["impactd"] = min(best.get("impactd", ours)[:2], ours[:2])
        for name in peers:
            theirs = peer(name, quotes, trades, session_bounds(date))
            check_equal(ours[2], theirs[2], name)
            best[name] = min(best.get(name, theirs)[:2], theirs[:2])
    base = best["impactd"][0]
    print(f"{'':10}{'seconds':>9}{'times ours':>12}{'rows/s':>14}{'peak MiB':>10}")
    for name, (seconds, mib) in best.items():
        print(f"{name:10}{seconds:9.2f}{seconds / base:12.1f}{rows / seconds:14,.0f}{mib:10.0f}")
    lines = min(run(["wc", "-l", quotes])[0] for _ in range(3))
    digest = min(hashing_seconds(quotes) for _ in range(3))
    whole = min(impactd(binary, quotes, trades, "all")[0] for _ in range(repeat))
    print(f"with every measure and estimator (--measures all, as usual): {whole:.2f} s")
    print(f"floor: counting the lines takes {lines:.2f} s, hashing the file for the manifest {digest:.2f} s, both on one core;")
    print(f"impactd takes {base / (lines + digest):.1f} times the two together. All results agree to {TOLERANCE:g}.")


def hashing_seconds(path):
    """Seconds that SHA-256 of a file takes, in OpenSSL, which is about as fast as this processor can."""
    started = time.perf_counter()
    with open(path, "rb") as file:
        hashlib.file_digest(file, "sha256")
    return time.perf_counter() - started


def stages(quotes, trades):
    out = subprocess.run(["cargo", "bench", "--quiet", "--locked", "--bench", "stages", "--", quotes, trades],
                         check=True, capture_output=True, text=True).stdout
    print("stages, rows a second (one core each; reading parses on all cores):")
    for line in out.splitlines():
        stage = json.loads(line)
        if "stage" in stage:
            print(f"  {stage['stage']:6}{stage['rows_per_second']:>16,}   {stage['seconds']:.3f} s")


def asked(about, quotes):
    """What the command line says; `quotes` is the usual length of the generated day."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/impactd")
    parser.add_argument("--quotes", type=int, default=quotes)
    parser.add_argument("--tapes", default=os.environ.get("IMPACTD_REAL_DATA", "../shared/data"))
    parser.add_argument("--repeat", type=int, default=3)
    return parser.parse_args()


def generate(arguments, folder, formats):
    """A day of so many quotes of one symbol, in folders by format."""
    subprocess.run([arguments.binary, "simulate", "--out", folder, "--seed", "7", "--symbols", "AIG", "--date", "2018-01-02",
                    "--quotes", str(arguments.quotes), "--trades", "85", "--format", formats], check=True, stderr=subprocess.DEVNULL)


def main():
    arguments = asked(__doc__, 20_000_000)
    with tempfile.TemporaryDirectory() as folder:
        for symbol in ("ibm", "bac"):
            zips = [Path(arguments.tapes) / "equity-nbbo" / symbol / f"20131007_{kind}.zip" for kind in ("quote", "trade")]
            if all(z.exists() for z in zips):
                out = Path(folder) / symbol
                subprocess.run([sys.executable, HERE / "lean_to_csv.py", *zips, out], check=True)
                measure(f"{symbol.upper()} 2013-10-07", arguments.binary, str(out / "quotes.csv"), str(out / "trades.csv"),
                        "2013-10-07", arguments.repeat, PEERS)
            else:
                print(f"\n## {symbol.upper()}: left out, {zips[0]} is absent")
        generate(arguments, folder, "csv")
        quotes, trades = (str(Path(folder) / "csv" / f"{kind}_20180102.csv") for kind in ("quotes", "trades"))
        # pandas would need most of this machine's memory for a day of this size: it is measured on the real days.
        peers = PEERS if arguments.quotes <= 5_000_000 else ("polars", "duckdb")
        measure("a generated day", arguments.binary, quotes, trades, "2018-01-02", arguments.repeat, peers)
        stages(quotes, trades)


if __name__ == "__main__":
    main()
