"""Tables as pyarrow and Polars write them, posted to a daemon: what they hold is taken, what cannot be meant is told."""

import decimal
import io
import json
import os
import subprocess
import urllib.error
import urllib.request

import polars as pl
import pyarrow as pa
import pytest

BINARY = os.environ["IMPACTD_BINARY"]
OPEN = 1_381_152_600_000_000_000
ARROW = "application/vnd.apache.arrow.stream"


@pytest.fixture(scope="module")
def daemon(tmp_path_factory):
    data = tmp_path_factory.mktemp("live")
    command = [BINARY, "serve", "--data", str(data), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        address = next(line for line in process.stderr if "impactd listens on" in line).split()[-1]
        yield address
        process.terminate()
        process.stderr.read()


def post(daemon, body, source):
    url = f"{daemon}/v1/events?source={source}"
    request = urllib.request.Request(url, data=body, headers={"content-type": ARROW})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def stream(table, **options):
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return out.getvalue()


def quote(**columns):
    usual = {
        "type": ["quote"], "symbol": ["IBM"], "ts": [OPEN], "bid": [185.01], "bid_size": [100], "ask": [185.04],
        "ask_size": [100], "sequence": [1],
    }
    return pa.table({**usual, **columns})


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("utc", {"ts": pa.array([OPEN], pa.timestamp("ns", "UTC"))}),
        ("new_york", {"ts": pa.array([OPEN // 10**6], pa.timestamp("ms", "America/New_York"))}),
        ("naive", {"ts": pa.array([OPEN // 10**3], pa.timestamp("us"))}),
        ("text", {"bid": ["185.01"], "ts": ["2013-10-07T13:30:00Z"]}),
        ("narrow", {"bid_size": pa.array([100], pa.int16()), "sequence": pa.array([1], pa.uint32())}),
        ("one_side", {"ask": pa.array([None], pa.float64()), "side": pa.nulls(1)}),
        ("large_text", {"symbol": pa.array(["IBM"], pa.large_string())}),
        ("views", {"symbol": pa.array(["IBM"], pa.string_view())}),
    ],
)
def test_tables_of_pyarrow_are_taken(daemon, name, columns):
    status, receipt = post(daemon, stream(quote(**columns)), name)
    assert (status, receipt["accepted"]) == (201, 1), receipt


def test_a_frame_of_polars_is_taken(daemon):
    stamps = pl.Series([OPEN]).cast(pl.Datetime("ns", "UTC"))
    frame = pl.DataFrame(
        {"type": ["trade"], "symbol": ["IBM"], "ts": stamps, "price": [185.01], "size": [100], "sequence": [1]}
    )
    out = io.BytesIO()
    frame.write_ipc_stream(out)
    status, receipt = post(daemon, out.getvalue(), "polars")
    assert (status, receipt["accepted"]) == (201, 1), receipt


@pytest.mark.parametrize(
    ("table", "options", "words"),
    [
        (quote(symbol=pa.array(["IBM"]).dictionary_encode()), {}, "dictionary-encoded"),
        (quote(bid=pa.array([decimal.Decimal("1.50")])), {}, "is of a type that no field has"),
        (quote(ts=pa.array([1.4e18])), {}, "is of type f64"),
        (quote(bid=pa.array([float("nan")])), {}, "row 1, bid: 'NaN' is not a decimal price"),
        (quote(Bid=["1"]), {}, "'bid' is"),
        (quote(), {"compression": "zstd"}, "compress the body with gzip"),
    ],
)
def test_what_cannot_be_meant_is_told(daemon, table, options, words):
    status, problem = post(daemon, stream(table, **options), "bad")
    assert status == 422
    assert words in problem["detail"], problem
