"""The estimators of the `liquidity` table against independent hands: bidask, statsmodels, and the papers in numpy."""

import os
import subprocess

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats
import statsmodels.api as sm
from bidask import edge

BINARY = os.environ["IMPACTD_BINARY"]
OPEN = 1_381_152_600_000_000_000  # 2013-10-07 09:30 New York
SECOND = 1_000_000_000
WIDTHS = (10, 60, 300)


def tape(seed=3, count=6_000):
    """Trades whose sides persist and move the mid, some orders in several fills, some sides unknown."""
    random = np.random.default_rng(seed)
    at = np.sort(random.choice(np.arange(2_000, 23_390_000), count, replace=False)) * 1_000_000 + OPEN
    side, mid, quotes, trades = 1, 100_000, [(OPEN + SECOND, 100.0, 100.02)], []
    for k in range(count):
        side = side if random.random() < 0.6 else -side
        known = side if random.random() < 0.97 else 0
        shares = 100 * random.geometric(0.3)
        fills = 1 + (random.random() < 0.2)
        for fill in range(fills):
            price = (mid + 10 * side) / 1000 + 0.001 * side * fill
            trades.append((at[k], round(price, 4), shares + fill, known))
        step = side * (random.random() < 0.4) * 10 + 10 * random.integers(-1, 2) * (random.random() < 0.3)
        mid += int(step)
        quotes.append((at[k] + 500_000, round((mid - 10) / 1000, 4), round((mid + 10) / 1000, 4)))
    return pd.DataFrame(quotes, columns=["ts", "bid", "ask"]), pd.DataFrame(
        trades, columns=["ts", "price", "size", "sign"]
    )


def batch(folder, quotes, trades, *more):
    """The liquidity rows of one day, by measure."""
    folder.mkdir()
    quotes.assign(symbol="SIM", bid_size=100, ask_size=100).to_csv(folder / "quotes_20131007.csv", index=False)
    named = trades["sign"].map({1: "buy", -1: "sell", 0: ""})
    trades.assign(symbol="SIM", side=named).drop(columns="sign").to_csv(folder / "trades_20131007.csv", index=False)
    bars = ",".join(f"{width}s" for width in WIDTHS)
    inputs = [str(folder / f"{kind}_20131007.csv") for kind in ("quotes", "trades")]
    out = folder / "out"
    command = [BINARY, "batch", *inputs, "--out", str(out), "--sign", "known", "--bar", bars, *more]
    subprocess.run(command, check=True, capture_output=True)
    found = pl.concat(pl.read_parquet(path) for path in sorted(out.glob("liquidity/**/*.parquet")))
    return dict(zip(found["measure"], zip(found["value"], found["n"])))


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    quotes, trades = tape()
    values = batch(tmp_path_factory.mktemp("estimators") / "day", quotes, trades)
    # The mid in force: the last quote strictly before the trade.
    row = np.searchsorted(quotes["ts"], trades["ts"], side="left") - 1
    trades["mid"] = ((quotes["bid"] + quotes["ask"]) / 2).to_numpy()[row]
    return values, quotes, trades


def test_fractional_sizes_change_units_alone(day, tmp_path):
    values, quotes, trades = day
    trades = trades.drop(columns="mid")
    trades["size"] = (trades["size"] / 100).map("{:.2f}".format)
    found = batch(tmp_path / "day", quotes, trades, "--size-decimals", "2")
    factors = {
        "dollar_volume": 0.01,
        "amihud_60s": 100,
        "kyle_root_dollar_300s": 10,
        "hasbrouck_impact_shares_20_orders": 100,
        "hasbrouck_impact_root_shares_20_orders": 10,
        "glosten_harris_c1": 100,
        "glosten_harris_z0": 1,
        "vpin_50_buckets": 1,
        "vpin_bulk_normal_50_buckets": 1,
        "vpin_bulk_student_50_buckets": 1,
        "mrr_theta": 1,
    }
    for name, factor in factors.items():
        agree(found, name, factor * values[name][0], 1e-6)


def orders_of(trades):
    """Neighbours of one stamp and side, at their mean price by shares."""
    key = ((trades["ts"] != trades["ts"].shift()) | (trades["sign"] != trades["sign"].shift())).cumsum()
    value = (trades["price"] * trades["size"]).groupby(key).sum()
    groups = trades.groupby(key)
    size = groups["size"].sum()
    return pd.DataFrame(
        {"sign": groups["sign"].first().astype(float), "size": size.astype(float), "price": value / size,
         "mid": groups["mid"].first()}
    )  # fmt: skip


def lags(n):
    return int(np.floor(4 * (n / 100) ** (2 / 9) + 1e-12))


def hac(y, x, names=None):
    return sm.OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": lags(len(y)), "use_correction": False})


def agree(values, name, expected, tolerance=1e-9):
    assert values[name][0] == pytest.approx(expected, rel=tolerance), name


def ohlc(trades, width):
    return trades.groupby((trades["ts"] - OPEN) // (width * SECOND))["price"].agg(["first", "max", "min", "last"])


def test_spreads_without_quotes(day):
    values, _, trades = day
    for width in WIDTHS:
        bars = ohlc(trades, width)
        o, h, l, c = (np.log(bars[name].to_numpy()) for name in ("first", "max", "min", "last"))
        found = edge(*(bars[name] for name in ("first", "max", "min", "last")), sign=True)
        agree(values, f"edge_spread_{width}s", 1e4 * found, 1e-10)
        assert values[f"edge_spread_{width}s"][1] == len(bars)

        r = np.diff(c)
        square = -4 * np.cov(r[1:], r[:-1])[0, 1]
        agree(values, f"roll_spread_{width}s", 1e4 * np.sign(square) * np.sqrt(abs(square)))

        m = (h + l) / 2
        squares = 4 * (c[:-1] - m[:-1]) * (c[:-1] - m[1:])
        mean = squares.mean()
        agree(values, f"abdi_ranaldo_spread_{width}s", 1e4 * np.sign(mean) * np.sqrt(abs(mean)))
        agree(values, f"abdi_ranaldo_spread_pairs_{width}s", 1e4 * np.sqrt(np.maximum(squares, 0)).mean())

        gap = np.maximum(0, c[:-1] - h[1:]) + np.minimum(0, c[:-1] - l[1:])
        high, low = h[1:] + gap, l[1:] + gap
        b = (high - low) ** 2 + (h[:-1] - l[:-1]) ** 2
        g = (np.maximum(high, h[:-1]) - np.minimum(low, l[:-1])) ** 2
        k = 3 - 2 * np.sqrt(2)
        a = (np.sqrt(2 * b) - np.sqrt(b)) / k - np.sqrt(g / k)
        s = 2 * (np.exp(a) - 1) / (1 + np.exp(a))
        agree(values, f"corwin_schultz_spread_{width}s", 1e4 * s.mean())
        agree(values, f"corwin_schultz_spread_floored_{width}s", 1e4 * np.maximum(s, 0).mean())


def test_amihud_and_totals(day):
    values, _, trades = day
    usd = trades["price"] * trades["size"]
    agree(values, "dollar_volume", usd.sum())
    agree(values, "buy_trades", (trades["sign"] == 1).sum())
    agree(values, "sell_trades", (trades["sign"] == -1).sum())
    for name, of in (("open", "first"), ("high", "max"), ("low", "min"), ("close", "last")):
        agree(values, f"trade_price_{name}", trades["price"].agg(of) if of in ("max", "min") else
              trades["price"].iloc[0 if of == "first" else -1])  # fmt: skip
    for width in WIDTHS:
        close = ohlc(trades, width)["last"].to_numpy()
        traded = usd.groupby((trades["ts"] - OPEN) // (width * SECOND)).sum().to_numpy()
        before = np.concatenate([[trades["price"].iloc[0]], close[:-1]])
        ratios = 1e6 * np.abs(close / before - 1) / traded
        agree(values, f"amihud_{width}s", ratios.mean())
        agree(values, f"amihud_{width}s_se", ratios.std(ddof=1) / np.sqrt(len(ratios)))


def mids(quotes, width):
    """Mids at the ends of bars, the last state before each."""
    ends = OPEN + np.arange(width, 23_401, width) * SECOND
    row = np.searchsorted(quotes["ts"], ends, side="left") - 1
    return ((quotes["bid"] + quotes["ask"]) / 2).to_numpy()[row], ends


def test_kyle_on_signed_root_dollars(day):
    values, quotes, trades = day
    mid, ends = mids(quotes, 300)
    root = trades["sign"] * np.sqrt(trades["price"] * trades["size"])
    flow = root.groupby((trades["ts"] - OPEN) // (300 * SECOND)).sum().reindex(range(78), fill_value=0).to_numpy()
    fitted = hac(1e4 * np.diff(np.log(mid)), sm.add_constant(flow[1:]))
    agree(values, "kyle_root_dollar_300s", fitted.params[1])
    agree(values, "kyle_root_dollar_300s_se", fitted.bse[1])
    assert values["kyle_root_dollar_300s"][1] == 77


def test_hasbrouck(day):
    values, _, trades = day
    orders = orders_of(trades)
    r = 1e4 * np.diff(np.log(orders["mid"].to_numpy()))
    signs, sizes = orders["sign"].to_numpy()[:-1], orders["size"].to_numpy()[:-1]
    p, h = 5, 20
    for name, x in (("sign", signs), ("shares", signs * sizes), ("root_shares", signs * np.sqrt(sizes))):
        past = np.column_stack([v[p - i : len(v) - i] for v in (r, x) for i in range(1, p + 1)])
        of_r = sm.OLS(r[p:], sm.add_constant(np.column_stack([past, x[p:]]))).fit()
        of_x = sm.OLS(x[p:], sm.add_constant(past)).fit()
        a, lagged, b0 = of_r.params[1 : p + 1], of_r.params[p + 1 : 2 * p + 1], of_r.params[-1]
        c, d = of_x.params[1 : p + 1], of_x.params[p + 1 :]
        rs, xs = np.zeros(p + h + 1), np.zeros(p + h + 1)
        for t in range(p, p + h + 1):
            before_r, before_x = rs[t - p : t][::-1], xs[t - p : t][::-1]
            xs[t] = float(t == p) + c @ before_r + d @ before_x
            rs[t] = a @ before_r + b0 * xs[t] + lagged @ before_x
        agree(values, f"hasbrouck_impact_{name}_20_orders", rs.sum(), 1e-7)
        # The long run from the inverse of the lag polynomial at one.
        matrix = np.array([[1 - a.sum(), -b0 - lagged.sum()], [-c.sum(), 1 - d.sum()]])
        by_news, by_trades = np.linalg.inv(matrix)[0]
        with_trades = by_trades**2 * (of_x.resid**2).mean()
        share = with_trades / (with_trades + by_news**2 * (of_r.resid**2).mean())
        agree(values, f"hasbrouck_information_share_{name}", share, 1e-7)
        assert values[f"hasbrouck_information_share_{name}"][1] == len(r) - p


def delta(function, at, covariance):
    """The error of a function by the delta method, its gradient by differences."""
    steps = 1e-6 * np.maximum(np.abs(at), 1e-3)
    gradient = [(function(at + e) - function(at - e)) / (2 * s) for e, s in zip(np.diag(steps), steps)]
    return np.sqrt(np.array(gradient) @ covariance @ gradient)


def test_glosten_harris(day):
    values, _, trades = day
    orders = orders_of(trades)
    q, flow = orders["sign"], orders["sign"] * orders["size"]
    x = np.column_stack([q.diff(), flow.diff(), q, flow])[1:]
    fitted = hac(orders["price"].diff().to_numpy()[1:], sm.add_constant(x))
    for index, name in enumerate(("c0", "c1", "z0", "z1"), start=1):
        agree(values, f"glosten_harris_{name}", fitted.params[index], 1e-6)
        agree(values, f"glosten_harris_{name}_se", fitted.bse[index], 1e-6)
    mean = orders["size"].mean()
    share = lambda b: (b[3] + b[4] * mean) / (b[1] + b[3] + (b[2] + b[4]) * mean)  # noqa: E731
    agree(values, "glosten_harris_adverse_share", share(fitted.params), 1e-6)
    agree(values, "glosten_harris_adverse_share_se", delta(share, fitted.params, fitted.cov_params()), 1e-4)


def sandwich(moments, gradient):
    """Hansen's covariance with Newey and West's weights."""
    n = len(moments)
    s = moments.T @ moments / n
    for lag in range(1, lags(n) + 1):
        across = moments[lag:].T @ moments[:-lag] / n
        s += (1 - lag / (lags(n) + 1)) * (across + across.T)
    inverse = np.linalg.inv(gradient)
    return inverse @ s @ inverse.T / n


def test_huang_stoll(day):
    values, _, trades = day
    orders = orders_of(trades)
    q, dp = orders["sign"].to_numpy(), np.diff(orders["price"].to_numpy())
    two = hac(dp, np.column_stack([np.diff(q), q[:-1]]))
    agree(values, "huang_stoll_spread", 2 * two.params[0])
    agree(values, "huang_stoll_spread_se", 2 * two.bse[0])
    agree(values, "huang_stoll_lambda", two.params[1] / two.params[0])
    agree(values, "huang_stoll_lambda_se", delta(lambda b: b[1] / b[0], two.params, two.cov_params()), 1e-5)

    x, y = np.column_stack([q[2:], q[1:-1], q[:-2]]), dp[1:]
    b = np.linalg.lstsq(x, y, rcond=None)[0]
    phi = (x[:, 1] @ x[:, 2]) / (x[:, 2] @ x[:, 2])
    moments = np.column_stack([x * (y - x @ b)[:, None], (x[:, 1] - phi * x[:, 2]) * x[:, 2]])
    gradient = np.zeros((4, 4))
    gradient[:3, :3], gradient[3, 3] = -x.T @ x / len(y), -(x[:, 2] @ x[:, 2]) / len(y)
    v, at = sandwich(moments, gradient), np.append(b, phi)
    functions = {
        "spread": lambda t: 2 * t[0],
        "adverse_share": lambda t: -t[2] / (t[0] * t[3]),
        "inventory_share": lambda t: 1 + t[1] / t[0] + t[2] / (t[0] * t[3]),
        "reversal": lambda t: (1 - t[3]) / 2,
    }
    for name, function in functions.items():
        agree(values, f"huang_stoll_three_{name}", function(at))
        agree(values, f"huang_stoll_three_{name}_se", delta(function, at, v), 1e-5)


def test_madhavan_richardson_roomans(day):
    values, _, trades = day
    orders = orders_of(trades)
    q, dp = orders["sign"].to_numpy(), np.diff(orders["price"].to_numpy())
    x = np.column_stack([np.ones(len(dp)), q[1:], q[:-1]])
    b = np.linalg.lstsq(x, dp, rcond=None)[0]
    rho = (x[:, 1] @ x[:, 2]) / (x[:, 1] @ x[:, 1])
    moments = np.column_stack([x * (dp - x @ b)[:, None], x[:, 1] * x[:, 2] - rho * x[:, 1] ** 2])
    gradient = np.zeros((4, 4))
    gradient[:3, :3], gradient[3, 3] = -x.T @ x / len(dp), -(x[:, 1] @ x[:, 1]) / len(dp)
    v, at = sandwich(moments, gradient), np.append(b, rho)
    theta = lambda t: (t[1] + t[2]) / (1 - t[3])  # noqa: E731
    functions = {
        "theta": theta,
        "phi": lambda t: t[1] - theta(t),
        "rho": lambda t: t[3],
        "spread": lambda t: 2 * t[1],
        "adverse_share": lambda t: theta(t) / t[1],
    }
    for name, function in functions.items():
        agree(values, f"mrr_{name}", function(at), 1e-8)
        agree(values, f"mrr_{name}_se", delta(function, at, v), 1e-5)


def test_vpin(day):
    values, _, trades = day
    bucket = int(trades["size"].sum()) // 50
    shares = np.repeat(trades["sign"].to_numpy(), trades["size"].to_numpy())[: 50 * bucket]
    agree(values, "vpin_50_buckets", np.abs(shares.reshape(50, bucket).sum(axis=1)).sum() / (50 * bucket))


def bulk_vpin(trades, law):
    """Minutes split by their price change; signed volume runs evenly through a minute, and is read at edges of buckets."""
    minutes = trades.groupby((trades["ts"] - OPEN) // (60 * SECOND))
    close, volume = minutes["price"].last().to_numpy(), minutes["size"].sum().to_numpy()
    change = np.round(np.diff(close, prepend=trades["price"].iloc[0]), 9)
    bought = np.where(change == 0, 0.5, law.cdf(change / change.std(ddof=1)))
    total = int(volume.sum())
    edges = np.arange(51) * (total // 50)
    filled, flow = (np.append(0, np.cumsum(x)) for x in (volume, (2 * bought - 1) * volume))
    return np.abs(np.diff(np.interp(edges, filled, flow))).sum() / edges[-1]


def test_vpin_by_bulk_classification(day):
    values, _, trades = day
    agree(values, "vpin_bulk_normal_50_buckets", bulk_vpin(trades, scipy.stats.norm))
    agree(values, "vpin_bulk_student_50_buckets", bulk_vpin(trades, scipy.stats.t(0.25)))


def test_vpin_of_minutes_that_hold_more_units_than_64_bits(day, tmp_path):
    """Nine decimals, and coins by the billion: a minute's volume needs 128 bits, and only the unit has changed."""
    values, quotes, trades = day
    huge = trades.drop(columns="mid").tail(3_000).reset_index(drop=True)
    # Fifty equal buckets in either unit.
    huge.loc[len(huge) - 1, "size"] += -huge["size"].sum() % 50
    found = batch(tmp_path / "small", quotes, huge)
    much = huge.assign(size=huge["size"].map(lambda size: f"{size * 1_000_000}.000000000"))
    assert much["size"].map(float).groupby(much["ts"] // (60 * SECOND)).sum().max() * 1e9 > 2**63 - 1
    great = batch(tmp_path / "great", quotes, much, "--size-decimals", "9")
    for name in ("vpin_50_buckets", "vpin_bulk_normal_50_buckets", "vpin_bulk_student_50_buckets"):
        agree(great, name, found[name][0])


def test_variances(day):
    values, quotes, _ = day
    for width in (60, 300, 900):
        r = 1e4 * np.diff(np.log(mids(quotes, width)[0]))
        agree(values, f"realized_variance_{width}s", (r**2).sum())
        agree(values, f"realized_variance_{width}s_se", np.sqrt(2 / 3 * (r**4).sum()))
        bipower = np.pi / 2 * len(r) / (len(r) - 1) * np.abs(r[1:] * r[:-1]).sum()
        agree(values, f"bipower_variation_{width}s", bipower)
        agree(values, f"jump_share_{width}s", max(0, 1 - bipower / (r**2).sum()))
    x, q = 1e4 * np.log(mids(quotes, 60)[0]), 5
    r = np.diff(x)
    n, mean = len(r), r.mean()
    e = (r - mean) ** 2
    long = ((x[q:] - x[:-q] - q * mean) ** 2).sum() / (q * (n - q + 1) * (1 - q / n))
    ratio = long / (e.sum() / (n - 1))
    theta = sum((2 * (q - j) / q) ** 2 * (e[j:] * e[:-j]).sum() / e.sum() ** 2 for j in range(1, q))
    agree(values, "variance_ratio_5_of_60s", ratio)
    agree(values, "variance_ratio_5_of_60s_z", (ratio - 1) / np.sqrt(theta))


def test_noise(day):
    values, _, trades = day
    y = 1e4 * np.log(trades["price"].to_numpy())
    r, n = np.diff(y), len(y) - 1
    dense = (r**2).sum()
    agree(values, "realized_variance_trades", dense)
    agree(values, "noise_variance_dense", dense / (2 * n))
    agree(values, "noise_variance_autocovariance", -np.cov(r[1:], r[:-1])[0, 1])
    k = int(np.ceil(len(y) / 78))
    grids = [(np.diff(y[start::k]) ** 2).sum() for start in range(k)]
    few = (n - k + 1) / k / n
    agree(values, "variance_two_scales_trades", (np.mean(grids) - few * dense) / (1 - few))

    iv = np.mean([(np.diff(y[start :: 4 * k]) ** 2).sum() for start in range(4 * k)])
    wide = min(int(np.ceil(3.5134 * (dense / (2 * n) / iv) ** 0.4 * n**0.6)), 512)
    z = np.concatenate([[y[:2].mean()], y[2:-2], [y[-2:].mean()]])
    r = np.diff(z)
    parzen = lambda u: 1 - 6 * u**2 + 6 * u**3 if u <= 0.5 else 2 * (1 - u) ** 3  # noqa: E731
    sums = [parzen(h / (wide + 1)) * (r[h:] * r[: len(r) - h]).sum() for h in range(1, wide + 1)]
    agree(values, "variance_kernel_trades", (r**2).sum() + 2 * sum(sums))
