"""A tape read by a peer, into a table in memory: reader.py LIBRARY FORMAT FILE..

Prints one line of JSON: seconds of the reading alone, the library being loaded, and the records in the files. Every
table has a stamp in nanoseconds, prices and sizes as numbers, and the other columns that impactd looks at.
"""

import json
import os
import sys
import time
import zipfile

os.environ["POLARS_MAX_THREADS"] = "2"

QUOTE, TRADE = ["ts", "symbol", "bid", "bid_size", "ask", "ask_size"], ["ts", "symbol", "price", "size", "side", "venue", "conditions", "sequence"]
WRDS = ["DATE", "TIME_M", "EX", "SYM_ROOT", "SYM_SUFFIX"]
WRDS_QUOTE = [*WRDS, "BID", "BIDSIZ", "ASK", "ASKSIZ", "QU_COND", "QU_SEQNUM", "NATBBO_IND", "QU_CANCEL"]
WRDS_NBBO = [*WRDS_QUOTE, "BEST_BID", "BEST_BIDSIZ", "BEST_ASK", "BEST_ASKSIZ"]
WRDS_TRADE = [*WRDS, "TR_SCOND", "SIZE", "PRICE", "TR_CORR", "TR_SEQNUM"]
NYSE = ["Time", "Exchange", "Symbol"]
NYSE_QUOTE = [*NYSE, "Bid_Price", "Bid_Size", "Offer_Price", "Offer_Size", "Quote_Condition", "Sequence_Number", "National_BBO_Ind", "Quote_Cancel_Correction"]
NYSE_NBBO = [*NYSE_QUOTE, "Best_Bid_Price", "Best_Bid_Size", "Best_Offer_Price", "Best_Offer_Size"]
NYSE_TRADE = [*NYSE, "Sale Condition", "Trade Volume", "Trade Price", "Trade Correction Indicator", "Sequence Number"]
NUMBERS = ("BID", "ASK", "PRICE", "BEST_BID", "BEST_ASK", "Bid_Price", "Offer_Price", "Trade Price", "Best_Bid_Price", "Best_Offer_Price")


def wrds_columns(path: str) -> list[str]:
    return WRDS_NBBO if "nbbom" in path else WRDS_QUOTE if "cqm" in path else WRDS_TRADE


def nyse_columns(path: str) -> list[str]:
    return NYSE_NBBO if "NBBO" in path else NYSE_QUOTE if "BBO" in path else NYSE_TRADE


def unzipped(path: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0])


def of_polars(kind: str, path: str) -> int:
    import polars as pl

    col = pl.col
    if kind == "parquet":
        return pl.read_parquet(path).height
    if kind == "csv":
        return pl.read_csv(path, columns=TRADE if "trades" in path else QUOTE).height
    if kind == "wrds-taq":
        columns = wrds_columns(path)
        text = {name: pl.String for name in columns if name not in NUMBERS}
        rows = pl.read_csv(path, columns=columns, schema_overrides=text | {name: pl.Float64 for name in columns if name in NUMBERS})
        stamp = (col("DATE") + " " + col("TIME_M")).str.to_datetime("%Y-%m-%d %H:%M:%S%.9f", time_unit="ns")
        sizes = [col(name).cast(pl.Int64) for name in columns if name.endswith("SIZ") or name == "SIZE"]
        return rows.with_columns(stamp.alias("ts"), *sizes).height
    if kind == "nyse-taq":
        columns = nyse_columns(path)
        text = {name: pl.String for name in columns if name not in NUMBERS and not name.endswith(("Size", "Volume")) and name != "Time"}
        rows = pl.read_csv(path, separator="|", columns=columns, quote_char=None, schema_overrides=text | {"Time": pl.String}, truncate_ragged_lines=True)
        clock = col("Time").cast(pl.Int64, strict=False)
        seconds = clock // 10**13 * 3600 + clock // 10**11 % 100 * 60 + clock // 10**9 % 100
        return rows.with_columns(ts=seconds * 10**9 + clock % 10**9).height
    if kind == "lean":
        return pl.read_csv(unzipped(path), has_header=False).height
    if kind == "binance-vision":
        rows = pl.read_csv(unzipped(path))
        return rows.with_columns(ts=col("transaction_time" if "bookTicker" in path else "time") * 1_000_000).height
    if kind == "lobster":
        rows = pl.read_csv(path, has_header=False)
        if "message" in path:
            rows = rows.with_columns(ts=(col("column_1") * 1e9).round().cast(pl.Int64))
        return rows.height
    if kind == "binance":
        lines = pl.read_csv(path, has_header=False, separator="\x01", quote_char=None, new_columns=["line"])
        text = dict.fromkeys(["e", "s", "b", "B", "a", "A", "p", "q"], pl.String)
        data = pl.Struct(text | {"E": pl.Int64, "T": pl.Int64, "u": pl.Int64, "t": pl.Int64, "m": pl.Boolean})
        depth = col("line").str.contains("depth", literal=True)
        parts = lines.filter(~depth).select(
            ts=col("line").str.slice(0, 19).cast(pl.Int64),
            message=col("line").str.slice(20).str.json_decode(pl.Struct({"stream": pl.String, "data": data})),
        )
        rows = parts.unnest("message").unnest("data").with_columns(col("b", "B", "a", "A", "p", "q").cast(pl.Float64))
        return rows.height + lines.select(depth.sum()).item()
    raise LookupError(kind)


def of_pandas(kind: str, path: str) -> int:
    import numpy as np
    import pandas as pd

    if kind == "parquet":
        return len(pd.read_parquet(path))
    if kind == "csv":
        return len(pd.read_csv(path, engine="pyarrow", usecols=TRADE if "trades" in path else QUOTE))
    if kind == "wrds-taq":
        columns = wrds_columns(path)
        rows = pd.read_csv(path, usecols=columns, dtype={name: str for name in columns if name not in NUMBERS and not name.endswith(("SIZ", "SIZE"))})
        return len(rows.assign(ts=pd.to_datetime(rows["DATE"] + " " + rows["TIME_M"], format="%Y-%m-%d %H:%M:%S.%f")))
    if kind == "nyse-taq":
        columns = nyse_columns(path)
        text = {name: str for name in columns if name not in NUMBERS and not name.endswith(("Size", "Volume"))}
        rows = pd.read_csv(path, sep="|", usecols=columns, dtype=text, quoting=3)
        clock = pd.to_numeric(rows["Time"], errors="coerce").fillna(0).astype(np.int64)
        seconds = clock // 10**13 * 3600 + clock // 10**11 % 100 * 60 + clock // 10**9 % 100
        return len(rows.assign(ts=seconds * 10**9 + clock % 10**9))
    if kind == "lean":
        return len(pd.read_csv(path, header=None, compression="zip"))
    if kind == "binance-vision":
        rows = pd.read_csv(path)
        return len(rows.assign(ts=rows["transaction_time" if "bookTicker" in path else "time"] * 1_000_000))
    if kind == "lobster":
        rows = pd.read_csv(path, header=None)
        if "message" in path:
            rows = rows.assign(ts=(rows[0] * 1e9).round().astype(np.int64))
        return len(rows)
    raise LookupError(kind)


def of_databento(kind: str, path: str) -> int:
    from databento import DBNStore

    return len(DBNStore.from_file(path).to_df())


def of_meatpy(kind: str, path: str) -> int:
    """Its market processor rebuilds the book, as impactd does; one instrument."""
    from datetime import datetime

    from meatpy.itch50 import ITCH50MarketProcessor, ITCH50MessageReader

    processor = ITCH50MarketProcessor("AIG", datetime(2018, 1, 2))
    records = 0
    with ITCH50MessageReader(path) as reader:
        for message in reader:
            processor.process_message(message)
            records += 1
    return records


LIBRARIES = {
    "polars": ("polars", of_polars),
    "pandas": ("pandas", of_pandas),
    "databento": ("databento", of_databento),
    "meatpy": ("meatpy.itch50", of_meatpy),
}


def main(library: str, kind: str, *paths: str) -> None:
    module, read = LIBRARIES[library]
    __import__(module)
    started = time.perf_counter()
    records = sum(read(kind, path) for path in paths)
    print(json.dumps({"seconds": time.perf_counter() - started, "records": records}), flush=True)
    # Without the libraries' own ends, in which a thread pool may fail after all is told.
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
