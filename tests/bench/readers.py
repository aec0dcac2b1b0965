"""Every reader beside the peer's own reader of the same files, in one run.

    python tests/bench/readers.py --binary target/release/impactd [--quotes 1000000] [--tapes ../shared/data]

Reading alone, without a process's start: impactd hashes, checks and hands on every row, and rebuilds books; a peer makes
a table in memory with stamps in nanoseconds and numbers. Two threads each. The best of `--repeat` runs in turn counts.
The floor is one core's time for hashing the files and unpacking them with Python's libraries; two files on two cores can
come below it.
"""

import gzip
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import polars as pl
import zstandard
from run import HERE, asked, generate, hashing_seconds, run

# Folder of the simulated tape, format, which peers read that.
SIMULATED = [
    ("csv", "csv", ("polars", "pandas")),
    ("parquet", "parquet", ("polars", "pandas")),
    ("wrds-taq", "wrds-taq", ("polars", "pandas")),
    ("nyse-taq-plain", "nyse-taq", ("polars", "pandas")),
    ("nyse-taq", "nyse-taq", ("polars", "pandas")),
    ("lean/aig", "lean", ("polars", "pandas")),
    ("lobster", "lobster", ("polars", "pandas")),
    ("itch", "itch", ("meatpy",)),
    ("dbn", "dbn", ("databento",)),
    ("binance-vision", "binance-vision", ("polars", "pandas")),
]
RECORDED = [
    ("dbn/*1225.mbo.dbn.zst", "dbn", ("databento",)),
    ("crypto/*.gz", "binance", ("polars",)),
]
# Whose reader takes minutes: once is enough.
SLOW = ("meatpy",)


def ours(bench, paths):
    return json.loads(run([bench, *paths])[2])


def theirs(library, kind, paths):
    return json.loads(run([sys.executable, str(HERE / "peers" / "reader.py"), library, kind, *paths])[2])


def unpacking_seconds(path):
    """Seconds that unpacking takes, 0 for what is not packed as a whole."""
    opened = {".gz": gzip.open, ".zst": zstandard.open, ".zip": lambda p: (z := zipfile.ZipFile(p)).open(z.namelist()[0])}
    started = time.perf_counter()
    if (suffix := Path(path).suffix) not in opened:
        return 0.0
    with opened[suffix](path) as file:
        while file.read(1 << 20):
            pass
    return time.perf_counter() - started


def publish(folder):
    """The CSV tape as Binance publishes such: a zip of best quotes and one of trades."""
    told, out = pl.col("ts") // 1_000_000, folder / "binance-vision"
    out.mkdir()
    quotes = pl.read_csv(folder / "csv/quotes_*.csv").select(
        pl.int_range(pl.len()).alias("update_id"), pl.col("bid").alias("best_bid_price"), pl.col("bid_size").alias("best_bid_qty"),
        pl.col("ask").alias("best_ask_price"), pl.col("ask_size").alias("best_ask_qty"), told.alias("transaction_time"), told.alias("event_time"))
    trades = pl.read_csv(folder / "csv/trades_*.csv").select(
        pl.int_range(pl.len()).alias("id"), "price", pl.col("size").alias("qty"), (pl.col("price") * pl.col("size")).alias("quote_qty"),
        told.alias("time"), (pl.col("side") == "sell").alias("is_buyer_maker"))
    for kind, rows in (("bookTicker", quotes), ("trades", trades)):
        with zipfile.ZipFile(out / f"SIM-{kind}-2018-01-02.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"SIM-{kind}-2018-01-02.csv", rows.write_csv())


def measure(bench, name, kind, paths, libraries, repeat):
    best = {}
    for turn in range(repeat):
        told = ours(bench, paths)
        best["impactd"] = min(best.get("impactd", told["seconds"]), told["seconds"])
        for library in libraries:
            if turn == 0 or library not in SLOW:
                told = theirs(library, kind, paths)
                best[library] = min(best.get(library, told["seconds"]), told["seconds"])
                records = told["records"]
    size, seconds = sum(Path(path).stat().st_size for path in paths), best.pop("impactd")
    floor = sum(hashing_seconds(path) + unpacking_seconds(path) for path in paths)
    beside = ", ".join(f"{library} {other / seconds:.1f}" for library, other in best.items())
    print(f"| {name} | {size / 1e6:,.1f} | {records:,} | {seconds:.3f} | {size / seconds / 1e6:,.0f} | {records / seconds / 1e6:.2f} "
          f"| {seconds / floor:.1f} | {beside} |", flush=True)


def build():
    """The bench that reads and does nothing else."""
    out = subprocess.run(["cargo", "bench", "--quiet", "--locked", "--no-run", "--message-format=json", "--bench", "readers"],
                         check=True, capture_output=True, text=True).stdout
    made = [json.loads(line) for line in out.splitlines()]
    return next(m["executable"] for m in made if m.get("target", {}).get("name") == "readers")


def main():
    arguments = asked(__doc__, 1_000_000)
    bench = build()
    print("| files | MB | records | seconds | MB/s | million records/s | times the floor | peers, times as long |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        formats = dict.fromkeys(name.split("/")[0] for name, *_ in SIMULATED if name != "binance-vision")
        generate(arguments, folder, ",".join(formats))
        publish(Path(folder))
        for name, kind, libraries in SIMULATED:
            measure(bench, name, kind, sorted(map(str, (Path(folder) / name).iterdir())), libraries, arguments.repeat)
    for pattern, kind, libraries in RECORDED:
        paths = sorted(map(str, Path(arguments.tapes).glob(pattern)))
        if paths:
            measure(bench, pattern, kind, paths, libraries, arguments.repeat)
        else:
            print(f"{pattern} is left out: not in {arguments.tapes}", file=sys.stderr)


if __name__ == "__main__":
    main()
