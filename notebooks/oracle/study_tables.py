"""What a reader of a study sees: tables of several tapes, the published numbers, and agreement with `impactd`."""

import json
import math
import os
import subprocess
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parents[1]
# Bugaenko 2020: TSLA 2015, "dollar cents"; R2 of the line from its correlation, of the tree from both MSEs.
PUBLISHED = {"tape": "TSLA 2015 (published)", "T": 10, "windows": 47_473, "corr raw": 0.8538, "lambda": 0.011,
             "MSE line": 3.86, "MSE tree": 2.5}  # fmt: skip


def binary() -> str | None:
    """The program: `IMPACTD`, or what was built beside the notebooks."""
    built = [HERE.parent / "target" / profile / "impactd" for profile in ("release", "debug")]
    return os.environ.get("IMPACTD") or next((str(path) for path in built if path.exists()), None)


def real_tapes() -> dict[str, list[Path]]:
    """Files of each real tape, where they are."""
    root = Path(os.environ.get("IMPACTD_REAL_DATA", HERE.parent.parent / "shared" / "data"))
    found = {
        "IBM 2013-10-07 to 11": root.glob("equity-nbbo/ibm/*.zip"),
        "BAC 2013-10-07": root.glob("equity-nbbo/bac/*.zip"),
        "AMZN 2012-06-21": root.glob("lobster/AMZN*.csv"),
    }
    listed = {name: sorted(files) for name, files in found.items()}
    return {name: files for name, files in listed.items() if files}


def impactd_study(paths: list[Path], *options: str) -> dict:
    done = subprocess.run([binary(), "study", *map(str, paths), "--json", *options], capture_output=True, check=True)
    return json.loads(done.stdout)


def agreement_with_impactd(mine: dict, theirs: dict) -> pd.Series:
    """How many values were compared, how many differ by more than 1e-9 (relative; 1e-12 near zero), and the worst."""
    pairs = list(_pairs(mine, theirs))
    floats = [(a, b) for a, b in pairs if isinstance(a, float) and b is not None]
    same = sum(a == b for a, b in pairs if not isinstance(a, float))
    near = sum(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in floats)
    return pd.Series({"values": len(pairs), "differ": len(pairs) - same - near,
                      "largest absolute difference": max(abs(a - b) for a, b in floats)})  # fmt: skip


def _pairs(mine, theirs):
    if isinstance(mine, dict):
        for key, value in mine.items():
            yield from _pairs(value, theirs[key])
    elif isinstance(mine, list):
        yield len(mine), len(theirs)
        for a, b in zip(mine, theirs):
            yield from _pairs(a, b)
    else:
        yield (mine.item() if hasattr(mine, "item") else mine), theirs


def lag_one(told: dict[str, dict]) -> pd.DataFrame:
    """R(1) beside the spread."""
    rows = {
        name: {
            "market orders": sum(day["market_orders"] for day in t["study"]["days"]),
            "R(1), cents": t["study"]["response"]["r1_cents"],
            "se": t["study"]["response"]["r1_se_hac_cents"],
            "mean spread, cents": t["study"]["response"]["spread_mean_cents"],
            "R(1) / spread": t["study"]["response"]["r1_cents"] / t["study"]["response"]["spread_mean_cents"],
        }
        for name, t in told.items()
    }  # fmt: skip
    return pd.DataFrame(rows).T


def responses(told: dict[str, dict]) -> pd.DataFrame:
    """The aggregate response of every tape and T, and Kyle's lambda on its linear region."""
    rows = [_response(name, a) for name, t in told.items() for a in t["study"]["aggregates"]]
    return pd.DataFrame([*rows, {key: PUBLISHED[key] for key in ("tape", "T", "windows", "corr raw", "lambda")}])


def _response(name: str, a: dict) -> dict:
    region = a["linear_region"] or {}
    fit = region.get("lambda", {})
    return {
        "tape": name, "T": a["orders_per_window"], "windows": a["windows"], "corr raw": a["correlation_raw"],
        "R2 raw": a["r2_raw"], "R2 binned": a["r2_binned"], "line, all": a["full_range"]["cents_per_share"],
        "linear within": region.get("radius_shares"), "windows there": fit.get("n"), "lambda": fit.get("cents_per_share"),
        "low": fit.get("ci95_low_cents_per_share"), "high": fit.get("ci95_high_cents_per_share"),
    }  # fmt: skip


def contests(told: dict[str, dict]) -> pd.DataFrame:
    """Line against tree, both kinds of folds, both ranges."""
    rows = []
    for name, t in told.items():
        for a in t["study"]["aggregates"]:
            for which in ("full_range", "linear_region"):
                for folds, bout in (a[f"contest_{which}"] or {}).items():
                    rows.append({
                        "tape": name, "T": a["orders_per_window"], "range": which, "folds": folds,
                        "windows": bout["n"], "MSE line": bout["mse_ols_cents2"], "MSE tree": bout["mse_tree_cents2"],
                        "R2 line": bout["r2_ols"], "R2 tree": bout["r2_tree"],
                        "line - tree": bout["mse_difference_cents2"], "se": bout["mse_difference_se_hac_cents2"],
                        "better": bout["better"],
                    })  # fmt: skip
    published = {"tape": PUBLISHED["tape"], "T": 10, "range": "full_range", "folds": "shuffled"}
    return pd.DataFrame([*rows, published | {key: PUBLISHED[key] for key in ("windows", "MSE line", "MSE tree")}])
