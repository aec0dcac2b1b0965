"""A batch asked for on the page runs, shows how far it is, and hands its results over."""

import shutil

import pytest
import requests
from conftest import free_port, impactd, looked_at, started
from selenium.webdriver.common.by import By


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    """A daemon that may read one folder of tapes."""
    root, data = tmp_path_factory.mktemp("root"), tmp_path_factory.mktemp("data")
    impactd("simulate", "--out", root, "--seed", 5, "--symbols", "SIM")
    for file in root.glob("*.json"):
        file.unlink()
    shutil.copy(next((root / "csv").glob("quotes_*.csv")), root / "broken.csv")
    (root / "broken.csv").write_text("ts,symbol,bid,bid_size,ask,ask_size\n1,SIM,x,1,2,1\n")
    url = f"http://127.0.0.1:{free_port()}"
    config = tmp_path_factory.mktemp("config") / "config.toml"
    config.write_text(f'[jobs]\nroots = ["{root}"]\n')
    arguments = ["--data", data, "--listen", url.removeprefix("http://"), "--config", config]
    process = started(arguments, url, tmp_path_factory.mktemp("log") / "serve.log")
    yield url
    process.terminate()
    process.wait(40)


@pytest.fixture
def desk(browser, runner):
    """Its page; a folder without results is not ready, and says so."""
    with looked_at(browser, runner, "/health/ready") as opened:
        yield opened


def ask(desk, inputs):
    """Fills in the form and starts."""
    desk.open("jobs", "form[aria-label='New job']")
    desk.put("textarea[name=inputs]", inputs)
    desk.press("form[aria-label='New job'] button[type=submit]")


def test_a_job_runs_to_its_results(desk, runner):
    ask(desk, "csv")
    desk.wait('[role=region][aria-label="Results"]', 60)
    job = requests.get(f"{runner}/v1/jobs", timeout=10).json()["data"][0]
    files = requests.get(f"{runner}/v1/jobs/{job['id']}/result", timeout=10).json()["data"]
    assert [row[0] for row in desk.cells("Results")] == [file["path"] for file in files]
    assert f"job={job['id']}" in desk.driver.current_url
    desk.wait_for(lambda: desk.cells("Jobs")[0][1] == "done")
    assert desk.cells("Jobs")[0][4] == f"{job['rows']:,}"
    desk.shot("jobs")
    names = lambda: [file.name for file in desk.driver.downloads.iterdir()]
    desk.driver.find_elements(By.CSS_SELECTOR, '[aria-label="Results"] button')[0].click()
    desk.wait_for(lambda: files[0]["name"] in names())
    assert (desk.driver.downloads / files[0]["name"]).stat().st_size == files[0]["bytes"]


def test_a_job_that_fails_says_why(desk):
    ask(desk, "broken.csv")
    desk.wait(".card .failure", 60)
    assert "broken.csv" in desk.text(".card .failure")
    desk.shot("jobs-failed")


def test_what_cannot_be_asked_is_refused_where_it_stands(desk):
    desk.expect("422")
    ask(desk, "../etc/passwd")
    desk.wait("form[aria-label='New job'] .failure")
    assert "/inputs" in desk.text("form[aria-label='New job'] .failure")
