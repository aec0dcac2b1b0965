"""`impactd liquidity`, which works on many days, against bidask, numpy and scipy's optimiser."""

import json
import os
import subprocess

import numpy as np
import pandas as pd
import pytest
from bidask import edge
from scipy.optimize import minimize
from scipy.special import gammaln, logsumexp

BINARY = os.environ["IMPACTD_BINARY"]
DATES = pd.bdate_range("2013-01-07", "2013-02-15").drop("2013-01-21")  # without a holiday
LAW = {"a": 0.4, "d": 0.5, "mu": 60, "eb": 50, "es": 55}


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Days of trades whose counts follow the PIN law, and what the command says of them."""
    folder = tmp_path_factory.mktemp("days")
    random = np.random.default_rng(12)
    price, totals, inputs = 100.0, [], []
    for date in DATES:
        news, bad = random.random() < LAW["a"], random.random() < LAW["d"]
        buys = random.poisson(LAW["eb"] + LAW["mu"] * (news and not bad))
        sells = random.poisson(LAW["es"] + LAW["mu"] * (news and bad))
        sides = random.permutation(np.repeat(["buy", "sell"], [buys, sells]))
        value = price + np.cumsum(random.normal(0, 0.05, len(sides)))
        prices = np.round(value + np.where(sides == "buy", 0.1, -0.1), 2)
        open_ = pd.Timestamp(date).tz_localize("America/New_York") + pd.Timedelta(hours=9.5)
        ts = open_.value + np.sort(random.choice(23_000, len(sides), replace=False)) * 1_000_000_000
        size = 100 * random.integers(1, 9, len(sides))
        path = folder / f"trades_{date:%Y%m%d}.csv"
        frame = pd.DataFrame({"ts": ts, "symbol": "SIM", "price": prices, "size": size, "side": sides})
        frame.to_csv(path, index=False)
        quotes = path.with_name(f"quotes_{date:%Y%m%d}.csv")
        quotes.write_text(f"ts,symbol,bid,bid_size,ask,ask_size\n{open_.value},SIM,99,100,101,100\n")
        inputs += [str(path), str(quotes)]
        ends = [prices[0], prices.max(), prices.min(), prices[-1]]
        totals.append([*ends, (prices * size).sum(), buys, sells])
        price = value[-1] + random.normal(0, 0.2)
    out = folder / "out"
    subprocess.run([BINARY, "batch", *inputs, "--out", str(out), "--sign", "known", "--bar", "60s"], check=True, capture_output=True)
    said = subprocess.run(
        [BINARY, "liquidity", "SIM", "--data", str(out), "--json"], check=True, capture_output=True
    ).stdout
    rows = json.loads(said)["data"]
    columns = ["open", "high", "low", "close", "usd", "buys", "sells"]
    return {row["measure"]: row for row in rows}, pd.DataFrame(totals, columns=columns), out


def test_spreads_and_amihud_of_days(days):
    rows, totals, _ = days
    found = edge(totals["open"], totals["high"], totals["low"], totals["close"], sign=True)
    assert rows["edge_spread_days"]["value"] == pytest.approx(1e4 * found, rel=1e-10)
    assert rows["edge_spread_days"]["n"] == len(DATES)
    r = np.diff(np.log(totals["close"]))
    square = -4 * np.cov(r[1:], r[:-1])[0, 1]
    assert rows["roll_spread_days"]["value"] == pytest.approx(1e4 * np.sign(square) * abs(square) ** 0.5, rel=1e-9)
    ratios = (1e6 * totals["close"].pct_change().abs() / totals["usd"]).dropna()
    assert rows["amihud_days"]["value"] == pytest.approx(ratios.mean(), rel=1e-9)
    assert rows["amihud_days_se"]["value"] == pytest.approx(ratios.sem(), rel=1e-9)


def minus_log_likelihood(p, buys, sells):
    a, d, mu, eb, es = p
    poisson = lambda n, mean: n * np.log(mean) - mean - gammaln(n + 1)  # noqa: E731
    kinds = [
        np.log(1 - a) + poisson(buys, eb) + poisson(sells, es),
        np.log(a * d) + poisson(buys, eb) + poisson(sells, es + mu),
        np.log(a * (1 - d)) + poisson(buys, eb + mu) + poisson(sells, es),
    ]
    return -logsumexp(kinds, axis=0).sum()


def test_pin_is_the_top_that_another_optimiser_finds(days):
    rows, totals, _ = days
    counts = totals["buys"].to_numpy(), totals["sells"].to_numpy()
    names = ["pin_news", "pin_bad_news", "pin_informed", "pin_uninformed_buys", "pin_uninformed_sells"]
    ours = np.array([rows[name]["value"] for name in names])
    bounds = [(1e-6, 1 - 1e-6)] * 2 + [(1e-6, None)] * 3
    best = min(
        (
            minimize(minus_log_likelihood, start, counts, "L-BFGS-B", bounds=bounds, options={"ftol": 1e-15})
            for start in ([0.3, 0.3, 40, 40, 40], [0.5, 0.5, 80, 60, 60], [0.7, 0.6, 30, 50, 50])
        ),
        key=lambda result: result.fun,
    )
    assert minus_log_likelihood(ours, *counts) <= best.fun + 1e-9
    assert ours == pytest.approx(best.x, rel=1e-3)
    # Errors from a Hessian by differences here too.
    step = 1e-4 * ours
    at = lambda i, j, x, y: minus_log_likelihood(ours + x * step * (np.arange(5) == i) + y * step * (np.arange(5) == j), *counts)  # noqa: E731, E501
    hessian = np.array(
        [
            [(at(i, j, 1, 1) - at(i, j, 1, -1) - at(i, j, -1, 1) + at(i, j, -1, -1)) / (4 * step[i] * step[j])
             for j in range(5)]
            for i in range(5)
        ]
    )  # fmt: skip
    errors = np.sqrt(np.diag(np.linalg.inv(hessian)))
    assert np.array([rows[f"{name}_se"]["value"] for name in names]) == pytest.approx(errors, rel=1e-2)
    a, _, mu, eb, es = ours
    assert rows["pin"]["value"] == pytest.approx(a * mu / (a * mu + eb + es), rel=1e-12)
    truth = LAW["a"] * LAW["mu"] / (LAW["a"] * LAW["mu"] + LAW["eb"] + LAW["es"])
    assert abs(rows["pin"]["value"] - truth) < 4 * rows["pin_se"]["value"]


def test_what_cannot_be_estimated_says_so(days):
    *_, out = days
    run = lambda *more: subprocess.run([BINARY, "liquidity", *more, "--data", str(out)], capture_output=True, text=True)  # noqa: E731, E501
    few = run("SIM", "--to", "2013-01-09")
    assert few.returncode == 0 and "pin " in few.stdout and " - " in few.stdout
    unknown = run("NONE")
    assert unknown.returncode == 65 and "--measures all" in unknown.stderr
