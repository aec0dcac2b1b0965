"""A daemon on a day of tape, and a browser that looks at its page. Screenshots go to out/browser.

The day is IBM's of 2013-10-07 where the real tapes are (IMPACTD_REAL_DATA, else ../shared/data), and a simulated one
elsewhere. A simulated day with a symbol that spells markup is there in any case.
"""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from feed import events, send
from page import Page
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ROOT = Path(__file__).parents[2]
BINARY = os.environ.get("IMPACTD_BINARY", str(ROOT / "target/debug/impactd"))
TAPES = Path(os.environ.get("IMPACTD_REAL_DATA", ROOT / "../shared/data"))
MODELS = ROOT / "data/models"
MARKUP = "<img src=x onerror=alert(1)>"
SIMULATED = "2018-01-02"
LIVE_SYMBOL, LIVE_DATE = "SIM", "2018-01-03"


@dataclass(frozen=True)
class Day:
    """The day that is looked at."""

    symbol: str
    date: str


@dataclass(frozen=True)
class Daemon:
    """A daemon that runs."""

    url: str
    data: Path
    day: Day

    def get(self, path, **query):
        """A JSON answer."""
        answer = requests.get(self.url + path, params=query, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def rows(self, path, **query):
        """All rows of a table."""
        found, cursor = [], None
        while True:
            answer = self.get(path, limit=10000, **query, **({"cursor": cursor} if cursor else {}))
            found += answer["data"]
            cursor = answer["next_cursor"]
            if cursor is None:
                return found


def impactd(*arguments):
    """Runs the program to its end."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def free_port():
    """A port that nobody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def started(arguments, url, log, **environment):
    """Starts a daemon and waits until it lives."""
    with log.open("w") as said:
        process = subprocess.Popen(
            [BINARY, "serve", *map(str, arguments)],
            stdout=said,
            stderr=said,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
    for _ in range(300):
        try:
            requests.get(f"{url}/health/live", timeout=1)
            return process
        except requests.ConnectionError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(f"no answer from the daemon: {log.read_text()}")


def onnxruntime():
    """ONNX Runtime's library, where there is one."""
    places = [os.environ.get("IMPACTD_ONNXRUNTIME"), ROOT / "target/onnxruntime/libonnxruntime.so"]
    return next((str(place) for place in places if place and Path(place).exists()), None)


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """A results folder, and the day in it that is looked at."""
    folder = tmp_path_factory.mktemp("results")
    tape = tmp_path_factory.mktemp("tape")
    model = ["--fraud-model", MODELS / "manipulation/1", "--onnxruntime", onnxruntime()] if onnxruntime() else []
    simulated = [
        "--date",
        SIMULATED,
        "--seed",
        7,
        "--symbols",
        "AAA,SIM",
        "--everyday",
        "--episodes",
        2,
        "--strength",
        "3:10",
    ]
    impactd("simulate", "--out", tape, *simulated)
    for file in (tape / "csv").iterdir():
        file.write_text(file.read_text().replace(",AAA,", f",{MARKUP},"))
    impactd("batch", *(tape / "csv").iterdir(), "--out", folder, *model)
    real = sorted((TAPES / "equity-nbbo/ibm").glob("20131007_*.zip"))
    if real:
        impactd("batch", *real, "--out", folder, *model)
    return folder, Day("IBM", "2013-10-07") if real else Day("SIM", SIMULATED)


@pytest.fixture(scope="session")
def daemon(results, tmp_path_factory):
    """A daemon on these results."""
    folder, day = results
    url = f"http://127.0.0.1:{free_port()}"
    arguments = ["--data", folder, "--models", MODELS, "--listen", url.removeprefix("http://")]
    library = ["--onnxruntime", onnxruntime()] if onnxruntime() else []
    # Where the folder's days were scored, a live side on it watches with the same model.
    watching = {"IMPACTD__LIVE__SURVEILLANCE": str(MODELS / "manipulation/1")} if library else {}
    process = started([*arguments, *library], url, tmp_path_factory.mktemp("log") / "serve.log", **watching)
    wait_until(lambda: requests.get(f"{url}/health/ready", timeout=5).status_code == 200)
    yield Daemon(url, folder, day)
    process.terminate()
    process.wait(40)


def wait_until(holds, seconds=20):
    """Waits until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not come to hold"
        time.sleep(0.1)


class Live:
    """A daemon with a feed's day before it, which may be killed and started again."""

    def __init__(self, folder, tape, log):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.folder, self.log = folder, log
        self.events = events(tape, {LIVE_SYMBOL})
        self.sent = 0
        self.start()

    def start(self):
        """Starts it, on the same port and folder."""
        arguments = ["--data", self.folder, "--listen", self.url.removeprefix("http://")]
        self.process = started(arguments, self.url, self.log)

    def kill(self):
        """Kills it, with what it had in hand."""
        self.process.kill()
        self.process.wait()

    def send(self, until):
        """Sends the day's events up to a share of it."""
        last = int(len(self.events) * until)
        for first in range(self.sent, last, 2000):
            send(self.url, self.events[first : min(last, first + 2000)])
        self.sent = last

    def bars(self, bar="10s"):
        """Closed bars of the day, as the API tells them."""
        query = {"bar": bar, "from": LIVE_DATE, "to": LIVE_DATE, "limit": 10000}
        return requests.get(f"{self.url}/v1/bars/{LIVE_SYMBOL}", params=query, timeout=30).json()["data"]


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """A daemon with its live side on, and a day to send."""
    tape, folder = tmp_path_factory.mktemp("tape"), tmp_path_factory.mktemp("live")
    impactd("simulate", "--out", tape, "--date", LIVE_DATE, "--seed", 9, "--symbols", LIVE_SYMBOL)
    daemon = Live(folder, tape, tmp_path_factory.mktemp("log") / "serve.log")
    yield daemon
    daemon.process.terminate()
    daemon.process.wait(40)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Debian's chromium, without a window."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not chromedriver:
        pytest.skip("chromium and chromedriver are absent; make browser installs them as root")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]:
        options.add_argument(argument)
    options.add_argument("--lang=en-US")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    driver.downloads = tmp_path_factory.mktemp("downloads")
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(driver.downloads)})
    yield driver
    driver.quit()


@contextmanager
def looked_at(browser, url, *expected):
    """A daemon's page; nothing it writes to the console may be a fault, but for what is expected."""
    shots = ROOT / "out/browser"
    shots.mkdir(parents=True, exist_ok=True)
    opened = Page(browser, url, shots)
    opened.expect(*expected)
    yield opened
    faults = opened.faults()
    opened.close()
    assert not faults, faults


@pytest.fixture
def page(browser, daemon):
    """The page of the daemon on recorded days."""
    with looked_at(browser, daemon.url) as opened:
        yield opened


@pytest.fixture
def watch(browser, live):
    """The page of the live daemon, which some tests kill; it is not ready before a session has landed."""
    broken = ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED", "ERR_CONNECTION_RESET", "/health/ready"]
    with looked_at(browser, live.url, *broken) as opened:
        yield opened
