"""Everything about one symbol-day in one JSON, with the keys and nesting of `summary/<SYMBOL>_<YYYYMMDD>.json`."""

import pandas as pd

from .bars import bars
from .book import Day, order_flow_imbalance
from .fits import MODELS, Model, sample
from .regressions import least_squares
from .session import SECOND
from .signs import all_signs
from .spreads import after_300s, effective
from .tapes import Tape

WIDTHS = (1, 10, 60, 300)
NAMES = {  # model -> its key here, then the keys of its terms
    "ofi": ("ofi", "intercept", "slope_cents_per_share"),
    "kyle": ("kyle_trade_imbalance", "intercept", "slope_cents_per_share"),
    "ofi+kyle": ("both", "intercept", "ofi_cents_per_share", "trade_imbalance_cents_per_share"),
}


def summary(tape: Tape) -> dict:
    """The summary under clean profile `none`; dollars, shares, cents per share."""
    day = Day.of(tape)
    signs = all_signs(day)
    sign, t = signs["lee_ready"], day.trades
    whole_session = bars(day, sign, (day.session.end - day.session.start) // SECOND)
    result = {
        "quotes_in_file": len(tape.quotes),
        "quotes_in_session": len(day.quotes),
        "quotes_usable": int(day.usable.sum()),
        "trades_in_session": len(t),
        "shares": int(t.size.sum()),
        "trades_with_usable_quote": int(day.usable_at(day.in_force(t.ts)).sum()),
        "sum_sign": {rule: int(values.sum()) for rule, values in signs.items()},
        "sum_signed_shares_lee_ready": int((sign * t.size).sum()),
        "ofi_session_shares": int(order_flow_imbalance(day.usable_quotes).sum()),
        "effective_spread_usd": effective(day),
        "quoted_spread_usd_time_weighted": float(whole_session["spread_tw_usd"].iloc[0]),
        "at_300s": after_300s(day, sign),
    }
    for seconds in WIDTHS:
        result[f"bars_{seconds}s"] = _regressions(bars(day, sign, seconds))
    return result


def _regressions(table: pd.DataFrame) -> dict:
    """The three models in cents and shares, over the whole session."""
    block = {"bars_in_regression": int(table["mid_change_cents"].notna().sum())}
    for model in MODELS:
        if model.name in NAMES and model.y == "mid_change_cents":
            key, *terms = NAMES[model.name]
            block[key] = _estimates(model, terms, table)
    return block


def _estimates(model: Model, terms: list[str], table: pd.DataFrame) -> dict | None:
    fit = least_squares(*sample(table, model))
    if fit is None:
        return None
    rows = zip(terms, fit.coefficient, fit.se_ols, fit.se_white, fit.se_hac, fit.t_hac, strict=True)
    head = {"n": fit.n, "r2": fit.r2, "hac_lags": fit.hac_lags}
    return head | {
        term: {"coef": float(c), "se_ols": float(o), "se_white_hc0": float(w), "se_hac": float(h), "t_hac": float(z)}
        for term, c, o, w, h, z in rows
    }
