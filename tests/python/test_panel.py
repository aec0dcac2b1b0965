"""Days and symbols side by side, held against statsmodels, pandas and scipy on the same tables."""

import io
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import statsmodels.api as sm
import statsmodels.formula.api as smf

BINARY = os.environ["IMPACTD_BINARY"]
DATES = ["2018-01-02", "2018-01-03", "2018-01-04"]
BAR = 60.0


def run(*arguments) -> str:
    return subprocess.run([BINARY, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("panel")
    for seed, date in enumerate(DATES):
        run("simulate", "--out", folder / date, "--seed", seed, "--date", date, "--symbols", "AAA,BBB,CCC")
    inputs = sorted(folder.glob("*/csv/*.csv"))
    run("batch", *inputs, "--out", folder / "out", "--bar", "60s")
    return folder / "out"


def panel(results: Path, rows: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(run("panel", rows, "--data", results, "--bar", "60s")))


def table(results: Path, name: str) -> pd.DataFrame:
    parts = sorted((results / name).glob("date=*/*.parquet"))
    frames = [pd.read_parquet(part).assign(day=part.parent.name) for part in parts]
    return pd.concat(frames).query("bar_seconds == @BAR")


def test_pooled_slopes_are_those_of_statsmodels_with_day_dummies_and_clustered_errors(results):
    found = panel(results, "pooled").set_index(["symbol", "model", "term", "unit"])
    bars = table(results, "bars").dropna(subset=["mid_change_cents"])
    models = {
        ("ofi", "cents_per_share"): ("mid_change_cents", {"ofi": "ofi_shares"}),
        ("kyle", "cents_per_share"): ("mid_change_cents", {"trade_imbalance": "trade_imbalance_shares"}),
        ("kyle", "bp_per_kusd"): ("mid_change_bp", {"trade_imbalance": "trade_imbalance_kusd"}),
        ("ofi+kyle", "cents_per_share"): (
            "mid_change_cents",
            {"ofi": "ofi_shares", "trade_imbalance": "trade_imbalance_shares"},
        ),
    }
    quantile = scipy.stats.t.ppf(0.975, len(DATES) - 1)
    for symbol, own in bars.groupby("symbol"):
        for (model, unit), (y, terms) in models.items():
            fit = smf.ols(f"{y} ~ {' + '.join(terms.values())} + C(day)", own).fit(
                cov_type="cluster", cov_kwds={"groups": own["day"].astype("category").cat.codes}
            )
            for term, column in terms.items():
                row = found.loc[(symbol, model, term, unit)]
                assert row["coefficient"] == pytest.approx(fit.params[column], rel=1e-9)
                assert row["se_clustered"] == pytest.approx(fit.bse[column], rel=1e-7)
                low = fit.params[column] - quantile * fit.bse[column]
                assert row["ci95_low"] == pytest.approx(low, rel=1e-6, abs=1e-12)
                assert (row["n"], row["days"]) == (len(own), len(DATES))


def test_half_hours_at_a_glance_are_those_of_pandas(results):
    found = panel(results, "symbols").set_index(["symbol", "model", "term", "unit"])
    fits = table(results, "fits").query("window == '30m' and term != 'intercept'")
    for name, own in fits.groupby(["symbol", "model", "term", "unit"]):
        row = found.loc[name]
        assert row["median"] == pytest.approx(own["coefficient"].median(), rel=1e-12)
        assert row["q25"] == pytest.approx(own["coefficient"].quantile(0.25), rel=1e-12)
        assert row["share_significant"] == pytest.approx((own["t_hac"].abs() > 1.959964).mean(), abs=1e-12)
        assert row["r2_oos_median"] == pytest.approx(own["r2_oos"].median(), rel=1e-12)
        assert (row["windows"], row["days"]) == (len(own), own["day"].nunique())


def half_hours(results: Path, symbol: str) -> pd.Series:
    bars = table(results, "bars").query("symbol == @symbol")
    spread = 1e4 * bars["spread_tw_usd"] / bars["mid_close_usd"]
    return spread.groupby(bars["ts_start"].dt.floor("30min")).mean()


def test_pairs_are_those_of_scipy(results):
    found = panel(results, "pairs").query("quantity == 'spread_bp'").set_index(["symbol", "other"])
    assert len(found) == 3
    for (one, other), row in found.iterrows():
        both = pd.concat([half_hours(results, one), half_hours(results, other)], axis=1).dropna()
        told = scipy.stats.pearsonr(*both.to_numpy().T)
        interval = told.confidence_interval(0.95)
        assert row["correlation"] == pytest.approx(told.statistic, abs=1e-12)
        assert (row["ci95_low"], row["ci95_high"]) == pytest.approx((interval.low, interval.high), abs=1e-6)
        assert row["n"] == len(both)


def test_commonality_is_the_regression_on_the_others_mean(results):
    found = panel(results, "commonality").query("quantity == 'spread_bp'").set_index("symbol")
    spreads = pd.concat({s: half_hours(results, s) for s in ["AAA", "BBB", "CCC"]}, axis=1)
    changes = np.log(spreads).groupby(spreads.index.date).diff().dropna()
    for symbol, row in found.iterrows():
        market = changes.drop(columns=symbol).mean(axis=1)
        fit = sm.OLS(changes[symbol], sm.add_constant(market)).fit()
        assert row["slope"] == pytest.approx(fit.params.iloc[1], rel=1e-9)
        assert row["r2"] == pytest.approx(fit.rsquared, abs=1e-9)
        assert row["n"] == len(changes)


def test_what_is_not_there_is_said(results):
    told = subprocess.run([BINARY, "panel", "pooled", "--data", results, "--bar", "7s"], capture_output=True, text=True)
    assert told.returncode == 65 and "two days and bars of this width" in told.stderr
