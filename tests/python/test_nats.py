"""The NATS feed with the real server: nothing lost, nothing doubled, whoever is killed."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nats
import pytest
from nats.js.api import StreamConfig

SERVER = Path(sys.executable).with_name("nats-server")
OPEN = 1_381_152_600_000_000_000  # 2013-10-07 09:30 New York
BATCHES, ROWS = 120, 40


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def events() -> list[dict]:
    """A quote each tenth of a second and a trade behind every second one, numbered."""
    rows = []
    for k in range(BATCHES * ROWS):
        at, turn = OPEN + (k // 2) * 100_000_000, k // 2
        bid = 5000 + (turn * turn) % 7
        if k % 2 == 0:
            rows.append({"type": "quote", "symbol": "AA", "ts": at, "bid": f"{bid / 100:.2f}", "bid_size": 100 + turn % 5,
                         "ask": f"{(bid + 1) / 100:.2f}", "ask_size": 300 - turn % 7, "sequence": k + 1})
        else:
            price = bid + (turn % 3 == 0)
            rows.append({"type": "trade", "symbol": "AA", "ts": at + 1, "price": f"{price / 100:.2f}",
                         "size": 100 + turn % 3, "sequence": k + 1})
    return rows


class Server:
    """A nats-server with a store of its own, which may be ended and started again."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [SERVER, "-js", "-a", "127.0.0.1", "-p", str(self.port), "-sd", self.folder / "store"],
            stderr=subprocess.DEVNULL)
        wait(lambda: socket.create_connection(("127.0.0.1", self.port), 0.2).close() is None, "the server listens")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Daemon:
    """impactd on that server."""

    def __init__(self, folder: Path, server: Server):
        self.config = folder / "config.toml"
        self.config.write_text(
            f'[server]\ndata = "{folder / "out"}"\nlisten = "127.0.0.1:0"\n[live]\nbar = "10s"\n'
            f'[nats]\nurl = "nats://127.0.0.1:{server.port}"\nstream = "TAPE"\nsource = "feed"\n')
        (folder / "out").mkdir(exist_ok=True)
        self.log = open(folder / "log", "a")
        self.start()

    def start(self):
        self.process = subprocess.Popen([os.environ["IMPACTD_BINARY"], "serve", "--config", self.config],
                                        stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            self.log.write(line)
            if "listens on" in line:
                self.url = line.split("listens on ")[1].strip()
                break
        else:
            raise AssertionError("the daemon ended before it listened")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def get(self, path: str) -> dict:
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            return json.load(answer)


def wait(until, what: str, seconds: float = 60):
    deadline, last = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        try:
            if until():
                return
        except (OSError, IndexError, KeyError) as error:
            last = error
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what} ({last})")


def publish(server: Server, messages: list[tuple[bytes, dict]]):
    async def send():
        client = await nats.connect(f"nats://127.0.0.1:{server.port}")
        stream = client.jetstream()
        await stream.add_stream(StreamConfig(name="TAPE", subjects=["tape.>"], duplicate_window=0.1))
        for body, headers in messages:
            await stream.publish("tape.aa", body, headers=headers or None)
        await client.close()
    asyncio.run(send())


def body(rows: list[dict]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.fixture
def house(tmp_path):
    server = Server(tmp_path)
    publish(server, [])
    daemon = Daemon(tmp_path, server)
    yield server, daemon, tmp_path
    daemon.kill()
    server.stop()


def test_killed_daemons_and_servers_lose_and_double_nothing(house):
    server, daemon, folder = house
    rows = events()
    batches = [rows[k:k + ROWS] for k in range(0, len(rows), ROWS)]
    feed = lambda: daemon.get("/v1/feeds")["feeds"][0]
    messages = []
    for k, batch in enumerate(batches):
        messages.append((body(batch), {"Nats-Msg-Id": f"m{k}"} if k % 2 else {}))
        if k % 10 == 3:  # the same rows again, under another place
            messages.append((body(batch), {}))
    third = len(messages) // 3
    publish(server, messages[:third])
    wait(lambda: feed()["events"] > 0, "events come in")
    daemon.kill()
    publish(server, messages[third:2 * third])
    daemon.start()
    server.stop()
    server.start()
    publish(server, messages[2 * third:])
    end = {"type": "end", "date": "2013-10-07", "sequence": len(rows) + 1}
    publish(server, [(body([end]), {"Nats-Msg-Id": "end"})])
    wait(lambda: feed()["events"] == len(rows) + 1, "every event is there, once")
    assert feed()["missing"] == 0
    wait(lambda: (folder / "out/manifest.json").exists(), "the session's tables land")
    wait(lambda: daemon.get("/v1/feeds")["nats"]["pending"] == 0, "nothing is left with the server")

    quotes, trades = ["ts,symbol,bid,bid_size,ask,ask_size,sequence"], ["ts,symbol,price,size,sequence"]
    for row in rows:
        into, names = (quotes, ("bid", "bid_size", "ask", "ask_size")) if row["type"] == "quote" else (
            trades, ("price", "size"))
        into.append(",".join(str(row[name]) for name in ("ts", "symbol", *names, "sequence")))
    for name, lines in (("quotes.csv", quotes), ("trades.csv", trades)):
        (folder / name).write_text("\n".join(lines) + "\n")
    subprocess.run([os.environ["IMPACTD_BINARY"], "batch", folder / "quotes.csv", folder / "trades.csv", "--bar", "10s",
                    "--out", folder / "batch"], check=True, capture_output=True)
    parts = sorted(path.relative_to(folder / "batch") for path in (folder / "batch").rglob("*.parquet"))
    assert len(parts) >= 3
    for part in parts:
        assert (folder / "batch" / part).read_bytes() == (folder / "out" / part).read_bytes(), part


def test_what_cannot_be_read_is_ended_and_holds_up_nothing(house):
    server, daemon, _ = house
    rows = events()[:ROWS]
    publish(server, [
        (b"{\"type\": \"quote\"\n", {}),
        (b"", {}),
        (body(rows), {"Content-Type": "application/xml"}),
        (body(rows), {"Content-Encoding": "gzip"}),
        (body(rows), {"Nats-Msg-Id": "good"}),
        (body(events()[ROWS:2 * ROWS]), {"Impactd-Source": "other"}),
    ])
    wait(lambda: len(daemon.get("/v1/feeds")["feeds"]) == 2, "the good ones are in")
    wait(lambda: daemon.get("/v1/feeds")["nats"]["malformed"] == 4, "the others are counted")
    told = daemon.get("/v1/feeds")
    assert {feed["source"]: feed["events"] for feed in told["feeds"]} == {"feed": ROWS, "other": ROWS}
    assert told["nats"]["connected"] and told["nats"]["acknowledged"] == 2
    assert "message" in told["nats"]["last_error"]
    # A message that was ended does not come back.
    time.sleep(1)
    assert daemon.get("/v1/feeds")["nats"]["malformed"] == 4
