"""Open-loop load on POST /v1/pretrade/estimate: requests leave on schedule whatever the answers do.

    python3 tests/bench/pretrade_load.py http://127.0.0.1:8080 ORDER.json [--rate 500] [--seconds 20]

Latency counts from the moment a request was due, so that a daemon that falls behind is not flattered.
"""

import argparse
import asyncio
import time
from urllib.parse import urlparse


async def connection(host, port, head, body, due, latencies, failures):
    reader, writer = await asyncio.open_connection(host, port)
    while True:
        at = await due.get()
        if at is None:
            break
        writer.write(head + body)
        status = await reader.readline()
        length = 0
        while (line := await reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        await reader.readexactly(length)
        latencies.append(time.perf_counter() - at)
        if b" 200 " not in status:
            failures.append(status)
    writer.close()


async def main(options):
    url = urlparse(options.url)
    body = open(options.order, "rb").read()
    head = (f"POST /v1/pretrade/estimate HTTP/1.1\r\nhost: {url.netloc}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n").encode()
    due, latencies, failures = asyncio.Queue(), [], []
    pool = [asyncio.create_task(connection(url.hostname, url.port, head, body, due, latencies, failures))
            for _ in range(options.connections)]
    await asyncio.sleep(0.5)
    start = time.perf_counter()
    for index in range(options.rate * options.seconds):
        at = start + index / options.rate
        if (wait := at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        due.put_nowait(at)
    for _ in pool:
        due.put_nowait(None)
    await asyncio.gather(*pool)
    latencies.sort()
    at = lambda part: 1e3 * latencies[min(len(latencies) - 1, int(part * len(latencies)))]
    print(f"{len(latencies)} requests at {options.rate}/s: p50 {at(.5):.2f} ms, p90 {at(.9):.2f} ms, "
          f"p99 {at(.99):.2f} ms, max {1e3 * latencies[-1]:.2f} ms, {len(failures)} not 200 {failures[:1]}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("order", help="a file with one order as JSON")
    parser.add_argument("--rate", type=int, default=500, help="requests a second")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--connections", type=int, default=32)
    asyncio.run(main(parser.parse_args()))
