"""The page while a session is under way: bars come in, a killed daemon is come back to, feeds tell what is missing."""

import csv

import pytest
import requests
from conftest import LIVE_DATE, LIVE_SYMBOL, wait_until
from feed import send
from selenium.webdriver.common.by import By


def counted(watch):
    """How many bars the page has."""
    return int(watch.script("return document.querySelector('.readout span:last-child b').textContent").replace(",", ""))


def chip(watch):
    """What the page says of its stream."""
    return watch.script("return document.querySelector('.controls .chip')?.textContent")


def settled(live):
    """Waits until all that was sent has gone through, and gives the bars."""

    def through():
        feeds = requests.get(f"{live.url}/v1/feeds", timeout=10).json()
        return feeds["engine_position"] == feeds["journal_position"]

    wait_until(through, 60)
    return live.bars()


def test_bars_come_in_as_they_close_and_a_killed_daemon_is_come_back_to(watch, live):
    live.send(0.1)
    first = settled(live)
    watch.open(f"tape?symbol={LIVE_SYMBOL}&date={LIVE_DATE}&bar=10s", ".figure canvas")
    watch.wait_for(lambda: chip(watch) == "live" and counted(watch) == len(first))
    live.send(0.25)
    grown = settled(live)
    assert len(grown) > len(first)
    watch.wait_for(lambda: counted(watch) == len(grown))
    watch.shot("live-tape")

    live.kill()
    watch.wait_for(lambda: chip(watch) == "reconnecting")
    watch.shot("live-reconnecting")
    live.start()
    live.send(0.4)
    later = settled(live)
    watch.wait_for(lambda: chip(watch) == "live" and counted(watch) == len(later), 60)
    rows = list(csv.DictReader(watch.download(f"Download as CSV: {LIVE_SYMBOL}, {LIVE_DATE}")))
    assert [row["ts_start"] for row in rows] == [bar["ts_start"] for bar in later], "none missing, none twice, in order"
    assert [float(row["mid_close_usd"]) for row in rows] == [bar["mid_close_usd"] for bar in later]
    slope = requests.get(
        f"{live.url}/v1/impact/{LIVE_SYMBOL}", params={"live": "true", "bar": "10s", "model": "ofi"}, timeout=10
    )
    slope = next(row for row in slope.json()["data"] if row["term"] == "ofi")
    shown = watch.script("return document.querySelectorAll('.figure')[1].querySelector('.readout b').textContent")
    assert float(shown.split(" ")[0]) == pytest.approx(slope["coefficient"], rel=1e-3)


def test_feeds_tell_what_is_missing_and_doubled(watch, live):
    number = live.sent
    send(live.url, live.events[number - 50 : number])
    send(live.url, live.events[number + 5 : number + 100])
    live.sent = number + 100
    watch.open("feeds", '[role=region][aria-label="Sources by session"]')
    watch.wait_for(lambda: watch.cells("Sources by session")[0][3] == "50")
    source = requests.get(f"{live.url}/v1/feeds", timeout=10).json()["feeds"][0]
    row = watch.cells("Sources by session")[0]
    assert row[:3] == [source["source"], source["date"], f"{source['events']:,}"]
    assert source["missing"] == 5 and row[4].startswith("5") and f"{number + 1} to {number + 5}" in row[4]
    assert [cells[1] for cells in watch.cells("Sessions in the journal")] == ["open"]
    watch.shot("live-feeds")


def test_a_session_that_ends_is_shown_as_recorded(watch, live):
    watch.open(f"tape?symbol={LIVE_SYMBOL}&date={LIVE_DATE}&bar=60s", ".figure canvas")
    send(live.url, [{"type": "end", "date": LIVE_DATE, "sequence": 10**9}])
    watch.wait_for(
        lambda: chip(watch) == "recorded" and watch.driver.find_elements(By.CSS_SELECTOR, ".figure canvas"), 60
    )
    assert counted(watch) == len(live.bars("60s"))
