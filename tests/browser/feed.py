"""A feed: a simulated day's rows as events, in the order of time, numbered from 1, sent in batches."""

import csv
import json

import requests


def events(tape, symbols):
    """The rows of a simulated tape in csv as events of POST /v1/events."""
    found = []
    for kind, order in [("quotes", 0), ("trades", 1)]:
        for file in sorted((tape / "csv").glob(f"{kind}_*.csv")):
            with file.open() as rows:
                for row in csv.DictReader(rows):
                    if row["symbol"] in symbols:
                        found.append((int(row["ts"]), order, event(kind, row)))
    found.sort(key=lambda entry: entry[:2])
    return [{**told, "sequence": number} for number, (_, _, told) in enumerate(found, start=1)]


def event(kind, row):
    """A row as an event."""
    told = {"type": kind.removesuffix("s"), "symbol": row["symbol"], "ts": int(row["ts"])}
    if kind == "quotes":
        sizes = {name: int(row[name] or 0) for name in ("bid_size", "ask_size")}
        return {**told, "bid": row["bid"], "ask": row["ask"], **sizes}
    return {**told, "price": row["price"], "size": int(row["size"])}


def send(url, batch, source="simulated", key=None):
    """Sends events; the receipt."""
    body = "\n".join(json.dumps(told) for told in batch)
    headers = {"content-type": "application/x-ndjson", **({"authorization": f"Bearer {key}"} if key else {})}
    answer = requests.post(
        f"{url}/v1/events", params={"source": source}, data=body.encode(), headers=headers, timeout=60
    )
    assert answer.status_code in (200, 201), answer.text
    return answer.json()
