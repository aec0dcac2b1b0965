"""Flow at every level of the book, integrated flow, cross-impact and buckets, by numpy and scikit-learn from the files."""

import io
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Lasso

BINARY = os.environ["IMPACTD_BINARY"]
DATE, SYMBOLS, LEVELS, BAR = "2018-01-03", ["AAA", "BBB", "CCC"], 5, 60
OPEN, HALF_HOUR = 13 * 3_600, 1_800
CLOSE = OPEN + 3 * HALF_HOUR
NANOS = 1_000_000_000


def run(*arguments) -> str:
    return subprocess.run([BINARY, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def tapes(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("levels")
    run("simulate", "--out", folder, "--seed", 3, "--date", DATE, "--symbols", ",".join(SYMBOLS),
        "--format", "lobster", "--levels", 8)  # fmt: skip
    return folder / "lobster"


@pytest.fixture(scope="module")
def results(tapes) -> Path:
    out = tapes.parent / "out"
    run("batch", *sorted(tapes.glob("*.csv")), "--out", out, "--levels", LEVELS, "--bar", f"{BAR}s", "--session", "13:00-14:30",
        "--bucket", "volume:5000,trades:40,dollars:250000")  # fmt: skip
    return out


def table(results: Path, name: str, symbol: str) -> pd.DataFrame:
    parts = sorted((results / name).glob("date=*/*.parquet"))
    frame = pd.concat(pd.read_parquet(part) for part in parts)
    return frame[frame["symbol"] == symbol].reset_index(drop=True)


def seconds(stamps: pd.Series) -> np.ndarray:
    """Seconds after midnight in New York of UTC stamps in winter."""
    return stamps.to_numpy().astype("datetime64[ns]").astype(np.int64) % (86_400 * NANOS) / NANOS - 5 * 3_600


class Book:
    """A LOBSTER pair: times in nanoseconds after midnight, and asks, ask sizes, bids and bid sizes by level."""

    def __init__(self, tapes: Path, symbol: str):
        message = pd.read_csv(next(tapes.glob(f"{symbol}_*_message_8.csv")), header=None, dtype={0: str})
        book = pd.read_csv(next(tapes.glob(f"{symbol}_*_orderbook_8.csv")), header=None).to_numpy()
        whole, part = message[0].str.split(".", expand=True)[[0, 1]].fillna("0").to_numpy().T
        self.ts = np.array([int(w) * NANOS + int(p.ljust(9, "0")) for w, p in zip(whole, part)])
        self.kind, self.size = message[1].to_numpy(), message[3].to_numpy()
        self.price, self.direction = message[4].to_numpy(), message[5].to_numpy()
        empty = np.abs(book) == 9_999_999_999
        book = np.where(empty, 0, book)
        self.ask, self.ask_size, self.bid, self.bid_size = (book[:, at::4] for at in range(4))
        self.inside = (self.ts >= OPEN * NANOS) & (self.ts < CLOSE * NANOS)

    def usable(self, level: int) -> np.ndarray:
        sizes = (self.bid_size[:, level] > 0) & (self.ask_size[:, level] > 0)
        return sizes & (self.bid[:, level] > 0) & (self.ask[:, level] > self.bid[:, level])

    def flows(self, level: int) -> np.ndarray:
        """What each row adds to the level's imbalance; nothing where it is unusable, or the first inside."""
        rows = np.flatnonzero(self.inside & self.usable(level))
        b, a = self.bid[rows, level], self.ask[rows, level]
        qb, qa = self.bid_size[rows, level], self.ask_size[rows, level]
        e = np.where(b[1:] >= b[:-1], qb[1:], 0) - np.where(b[1:] <= b[:-1], qb[:-1], 0)
        e += np.where(a[1:] >= a[:-1], qa[:-1], 0) - np.where(a[1:] <= a[:-1], qa[1:], 0)
        flows = np.zeros(len(self.ts), dtype=np.int64)
        flows[rows[1:]] = e
        return flows

    def bars(self, level: int) -> tuple[np.ndarray, np.ndarray]:
        """Imbalance and mean depth of each bar."""
        edges = np.arange(OPEN, CLOSE + 1, BAR) * NANOS
        index = np.searchsorted(edges, self.ts, side="right") - 1
        count = len(edges) - 1
        ofi = np.zeros(count, dtype=np.int64)
        np.add.at(ofi, index[self.inside], self.flows(level)[self.inside])
        rows = np.flatnonzero(self.inside)
        begins, ends = self.ts[rows], np.append(self.ts[rows][1:], CLOSE * NANOS)
        depth = self.bid_size[rows, level] + self.ask_size[rows, level]
        told = self.usable(level)[rows]
        mean = np.full(count, np.nan)
        for bar in range(count):
            lasted = np.minimum(ends, edges[bar + 1]) - np.maximum(begins, edges[bar])
            lasted = np.where(told, np.maximum(lasted, 0), 0)
            if lasted.sum() > 0:
                mean[bar] = (depth * lasted).sum() / (2 * lasted.sum())
        return ofi, mean


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_every_level_has_the_flow_and_depth_of_its_own_quotes(tapes, results, symbol):
    book, found = Book(tapes, symbol), table(results, "bars_levels", symbol)
    bars = table(results, "bars", symbol)
    for level in range(LEVELS):
        own = found[found["level"] == level + 1]
        ofi, depth = book.bars(level)
        assert len(own) == len(ofi) == 90 and np.any(ofi != 0)
        np.testing.assert_array_equal(own["ofi_shares"], ofi)
        np.testing.assert_allclose(own["depth_mean_shares"].astype(float), depth, rtol=1e-12)
    first = found[found["level"] == 1].reset_index(drop=True)
    assert first["ofi_shares"].equals(bars["ofi_shares"])
    assert first["depth_mean_shares"].equals(bars["depth_mean_shares"])


def scaled(results: Path, symbol: str) -> pd.DataFrame:
    """A bar's flows over the mean depth of its levels, by start."""
    levels = table(results, "bars_levels", symbol)
    ofi = levels.pivot(index="ts_start", columns="level", values="ofi_shares")
    depth = levels.pivot(index="ts_start", columns="level", values="depth_mean_shares")
    return ofi.div(depth.mean(axis=1), axis=0)


def principal(x: np.ndarray) -> tuple[np.ndarray, float]:
    values, vectors = np.linalg.eigh(np.cov(x.T))
    w = vectors[:, -1] / np.abs(vectors[:, -1]).sum()
    return w * np.sign(w.sum()), values[-1] / values.sum()


def least_squares(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(np.column_stack([np.ones(len(y)), x]), y, rcond=None)[0]


def r2(b: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    e = y - b[0] - x @ b[1:]
    return 1 - (e @ e) / ((y - y.mean()) @ (y - y.mean()))


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_fits_on_all_levels_and_on_their_first_component_are_numpys(results, symbol):
    flows = scaled(results, symbol)
    bars = table(results, "bars", symbol).set_index("ts_start")
    fits, weights = table(results, "fits", symbol), table(results, "ofi_weights", symbol)
    both = flows.join(bars["mid_change_cents"]).dropna()
    window = ((seconds(both.index.to_series()) - OPEN) // HALF_HOUR).astype(int)
    for number in range(3):
        now, later = both[window == number], both[window == number + 1]
        start = flows.index.min() + pd.Timedelta(seconds=number * HALF_HOUR)
        x, y = now[range(1, LEVELS + 1)].to_numpy(), now["mid_change_cents"].to_numpy()
        x_next, y_next = later[range(1, LEVELS + 1)].to_numpy(), later["mid_change_cents"].to_numpy()
        w, share = principal(x)
        at = lambda rows: rows[(rows["window"] == "30m") & (rows["window_start"] == start)]  # noqa: E731
        own = at(weights).sort_values("level")
        np.testing.assert_allclose(own["weight"], w, rtol=1e-9)
        np.testing.assert_allclose(own["explained_share"], share, rtol=1e-10)
        assert abs(np.abs(own["weight"]).sum() - 1) < 1e-12 and own["weight"].sum() > 0
        for model, make in {"ofi-levels": lambda x: x, "ofi-integrated": lambda x: x @ w[:, None]}.items():
            fit = at(fits[fits["model"] == model])
            b = least_squares(make(x), y)
            np.testing.assert_allclose(fit["coefficient"], b, rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(fit["r2"], r2(b, make(x), y), rtol=1e-9)
            mids = bars["mid_close_usd"][(bars.index >= start) & (bars.index < start + pd.Timedelta(seconds=HALF_HOUR))]
            in_bp = least_squares(make(x), 100 * y / mids.mean())
            np.testing.assert_allclose(fit["coefficient_ticks"], b, rtol=1e-7, atol=1e-9)
            np.testing.assert_allclose(fit["coefficient_bp"], in_bp, rtol=1e-7, atol=1e-9)
            if number < 2:
                np.testing.assert_allclose(fit["r2_oos"], r2(b, make(x_next), y_next), rtol=1e-7)
            else:
                assert fit["r2_oos"].isna().all()


def standard_lasso(x: np.ndarray, y: np.ndarray, alpha: float) -> np.ndarray:
    sd = x.std(axis=0)
    z = (x - x.mean(axis=0)) / sd
    slopes = Lasso(alpha=alpha, tol=1e-13, max_iter=200_000).fit(z, y).coef_ / sd
    return np.append(y.mean() - x.mean(axis=0) @ slopes, slopes)


def chosen_penalty(x: np.ndarray, y: np.ndarray) -> float:
    n, z = len(y), (x - x.mean(axis=0)) / x.std(axis=0)
    most = np.abs(z.T @ (y - y.mean())).max() / n
    path = most * np.exp(np.log(1e-3) * np.arange(30) / 29)
    errors = np.zeros(30)
    for block in range(5):
        out = np.zeros(n, dtype=bool)
        out[block * n // 5 : (block + 1) * n // 5] = True
        for at, alpha in enumerate(path):
            b = standard_lasso(x[~out], y[~out], alpha)
            errors[at] += ((y[out] - b[0] - x[out] @ b[1:]) ** 2).sum()
    return path[errors.argmin()]


@pytest.mark.parametrize("flow", ["ofi", "ofi_integrated"])
def test_cross_impact_is_that_of_scikit_learn_with_the_penalty_chosen_in_time(results, flow):
    panel = pd.read_csv(io.StringIO(run("panel", "cross-impact", "--data", results)))
    panel = panel[panel["flow"] == flow].set_index(["symbol", "model"])
    bars = {s: table(results, "bars", s).set_index("ts_start") for s in SYMBOLS}
    y = pd.DataFrame({s: bars[s]["mid_change_bp"] for s in SYMBOLS})
    one = {s: (bars[s]["ofi_shares"] / bars[s]["depth_mean_shares"]).to_frame() for s in SYMBOLS}
    x = one if flow == "ofi" else {s: scaled(results, s) for s in SYMBOLS}
    keep = y.dropna().index
    window = pd.Series(((seconds(keep.to_series()) - OPEN) // HALF_HOUR).astype(int), index=keep)
    scores = {(s, m): ([], []) for s in SYMBOLS for m in ("pi", "ci")}
    chosen = {s: [0, 0] for s in SYMBOLS}
    for number in range(3):
        rows, later = keep[window == number], keep[window == number + 1]
        weights = [principal(x[s].loc[rows].to_numpy())[0] if flow != "ofi" else np.ones(1) for s in SYMBOLS]
        made = [np.column_stack([x[s].loc[at] @ w for s, w in zip(SYMBOLS, weights)]) for at in (rows, later)]
        for own, symbol in enumerate(SYMBOLS):
            now, next_ = y.loc[rows, symbol].to_numpy(), y.loc[later, symbol].to_numpy()
            alone = [m[:, [own]] for m in made]
            lines = {"pi": (least_squares(alone[0], now), alone)}
            lines["ci"] = (standard_lasso(made[0], now, chosen_penalty(made[0], now)), made)
            for model, (b, columns) in lines.items():
                scores[symbol, model][0].append(r2(b, columns[0], now))
                if number < 2:
                    scores[symbol, model][1].append(r2(b, columns[1], next_))
            slopes = lines["ci"][0][1:]
            chosen[symbol][0] += slopes[own] != 0
            chosen[symbol][1] += (np.delete(slopes, own) != 0).sum()
    for (symbol, model), (inside, outside) in scores.items():
        row = panel.loc[(symbol, model)]
        assert (row["symbols"], row["windows"], row["windows_oos"]) == (3, 3, 2)
        np.testing.assert_allclose(row["r2_mean"], np.mean(inside), rtol=1e-6)
        np.testing.assert_allclose(row["r2_oos_mean"], np.mean(outside), rtol=1e-5)
        if model == "ci":
            np.testing.assert_allclose(row["own_chosen_share"], chosen[symbol][0] / 3)
            np.testing.assert_allclose(row["others_chosen_share"], chosen[symbol][1] / 6)


def expected_buckets(book: Book, kind: str, size: int) -> pd.DataFrame:
    """Rows of a bucket each, by walking over the day: quotes of a stamp, then its trades."""
    flows = book.flows(0)
    states = [(ts, 0, row) for row, ts in enumerate(book.ts) if book.inside[row]]
    trades = [(ts, 1, row) for _, (ts, row) in enumerate(zip(book.ts, range(len(book.ts))))
              if book.inside[row] and book.kind[row] in (4, 5, 6)]  # fmt: skip
    fresh = lambda start: {"start": start, "ofi": 0, "buy": 0, "sell": 0, "value": 0, "trades": 0}  # noqa: E731
    done, now, filled = [], fresh(OPEN * NANOS), 0
    capacity = size * 10_000 if kind == "dollars" else size
    for ts, is_trade, row in sorted(states + trades):
        if not is_trade:
            now["ofi"] += int(flows[row])
            continue
        shares, price = int(book.size[row]), int(book.price[row])
        amount = {"volume": shares, "trades": 1, "dollars": shares * price}[kind]
        now["trades"] += 1
        poured = 0
        while poured < amount:
            part = min(amount - poured, capacity - filled)
            # Shares of the trade up to here, whole ones.
            cut = shares * (poured + part) // amount - shares * poured // amount
            worth = part if kind == "dollars" else shares * price * part // amount
            now["buy" if book.direction[row] == -1 else "sell"] += cut
            now["value"] += worth
            filled, poured = filled + part, poured + part
            if filled == capacity:
                done.append(now | {"end": ts, "is_full": True})
                now, filled = fresh(ts), 0
    done.append(now | {"end": CLOSE * NANOS, "is_full": False})
    return pd.DataFrame(done)


@pytest.mark.parametrize(("kind", "size"), [("volume", 5_000), ("trades", 40), ("dollars", 250_000)])
def test_buckets_are_those_of_a_walk_over_the_day(tapes, results, kind, size):
    found = table(results, "buckets", "AAA").query("bucket == @kind").reset_index(drop=True)
    expected = expected_buckets(Book(tapes, "AAA"), kind, size)
    assert len(expected) > 10 and (found["bucket_size"] == size).all()
    names = {"ofi": "ofi_shares", "buy": "buy_shares", "sell": "sell_shares", "trades": "trade_count"}
    for ours, theirs in {**names, "is_full": "is_full"}.items():
        np.testing.assert_array_equal(found[theirs], expected[ours], err_msg=theirs)
    np.testing.assert_allclose(found["value_usd"], expected["value"] / 1e4, rtol=1e-14)
    for ours, theirs in {"start": "ts_start", "end": "ts_end"}.items():
        np.testing.assert_allclose(seconds(found[theirs]), expected[ours] / NANOS, atol=1e-6)
    fits = table(results, "bucket_fits", "AAA").query("bucket == @kind and model == 'ofi'")
    full = found[found["is_full"]].dropna(subset=["mid_change_cents"])
    if len(full) < 10:
        assert fits.empty
        return
    x, y = full[["ofi_shares"]].to_numpy(float), full["mid_change_cents"].to_numpy()
    np.testing.assert_allclose(fits["coefficient"], least_squares(x, y), rtol=1e-8, atol=1e-12)
    mid = found[found["is_full"]]["mid_close_usd"].mean()
    np.testing.assert_allclose(fits["coefficient_bp"], least_squares(x, 100 * y / mid), rtol=1e-8, atol=1e-12)
